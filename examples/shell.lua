-- A terminal into a sandbox:
--
--     lua examples/shell.lua [SANDBOX [TERMINAL]]
--
-- SANDBOX is an id or name; without one a sandbox is made, and deleted at the
-- end.  With TERMINAL, an id of your choice, the shell in it lives on when you
-- leave, and the next call with that id goes on where you were.  At the start of
-- a line "~." leaves, whatever the shell does, and "~~" is a "~".
-- DAYTONA_API_KEY and DAYTONA_API_URL say which Daytona.

local daytona = require "daytona"
local core = require "daytona.core"

local LOOK = 0.25 -- seconds between two looks at the window's size

-- A host that attends to the keyboard while the library waits: a thread of the
-- client does the transfers, and one poll waits for that and the keys.
local keyboard -- { terminal, on_input, on_tick }, once the terminal is raw
local busy = false -- in what the keyboard makes us do

local host = { sleep = require("daytona.host.plain").sleep }

local function attend(fd)
  local typed = keyboard.terminal:wait(fd, LOOK)
  busy = true
  if typed then
    keyboard.on_input(keyboard.terminal:read())
  end
  keyboard.on_tick()
  busy = false
end

function host.wait(request)
  local client = request:client()
  local fd = client:start_background()
  while not request:done() and not request:hungry() do
    if keyboard and not busy then
      attend(fd)
      while client:announced() do
        -- only the descriptor is to be quiet: we look at the request itself
      end
    else
      request:step(LOOK)
    end
  end
end

-- Gives what of the typed bytes goes to the shell; second, whether the user
-- wants to leave.
local function escapes()
  local state = "line" -- at the start of one; then "tilde"; else "text"
  return function(bytes)
    local out = {}
    for c in bytes:gmatch "." do
      if state == "tilde" and c == "." then
        return table.concat(out), true
      elseif state == "tilde" and c ~= "~" then
        out[#out + 1] = "~"
      end
      if state == "line" and c == "~" then
        state = "tilde"
      else
        state = (c == "\r" or c == "\n") and "line" or "text"
        out[#out + 1] = c
      end
    end
    return table.concat(out), false
  end
end

local function check(value, err)
  if not value then
    error(err, 0)
  end
  return value
end

-- Connects the keyboard and the screen to the terminal until its shell ends or
-- the user leaves; gives true in the second case.
local function converse(pty, terminal, cols, rows)
  local filter, left = escapes(), false
  keyboard = {
    terminal = terminal,
    on_input = function(bytes)
      local text
      text, left = filter(bytes or "")
      if text ~= "" then
        pty:write(text) -- a failure shows in what is read
      end
      if left or not bytes then -- or our own terminal is gone
        left = true
        pty:disconnect()
      end
    end,
    on_tick = function()
      local width, height = terminal:size()
      if width and (width ~= cols or height ~= rows) then
        cols, rows = width, height
        pty:resize(cols, rows)
      end
    end,
  }
  while true do
    local chunk, err = pty:read()
    if not chunk then
      keyboard = nil
      return left, not left and err or nil
    end
    io.stdout:write(chunk)
    io.stdout:flush()
  end
end

local function open_terminal(process, id, options)
  if id then
    local pty, err = process:connect_pty(id)
    if pty then
      pty:resize(options.cols, options.rows)
      pty:write "\12" -- most programs paint the screen anew then
      return pty
    elseif err.kind ~= "not_found" and err.kind ~= "gone" then
      return nil, err
    end
  end
  return process:create_pty(id, options)
end

local function session(sandbox, id)
  local terminal = check(core.terminal())
  local ok, left, err, pty = pcall(function()
    local cols, rows = terminal:size()
    cols, rows = math.min(cols or 80, 1000), math.min(rows or 24, 1000)
    local term = os.getenv "TERM"
    local opened = check(open_terminal(sandbox.process, id, {
      cols = cols, rows = rows, env = term and { TERM = term } or nil,
    }))
    local has_left, problem = converse(opened, terminal, cols, rows)
    return has_left, problem, opened
  end)
  keyboard, busy = nil, false
  terminal:restore()
  if not ok then
    error(left, 0)
  elseif left and not id then
    pty:kill()
  elseif left then
    io.stderr:write("\n(left terminal ", id, ", its shell runs on)\n")
  end
  if err then
    error(err, 0)
  end
  return left and 0 or pty.exit_code
end

local function main(name, id)
  local client = check(daytona.new { host = host })
  if name then
    local sandbox = check(client:get(name))
    return session(check(sandbox:ensure_started()), id)
  end
  io.stderr:write "(a new sandbox, deleted at the end)\n"
  return check(client:with_sandbox({ ephemeral = true, auto_stop_interval = 60 }, function(sandbox)
    return session(sandbox)
  end))
end

local ok, result = pcall(main, ...)
if not ok then
  io.stderr:write(tostring(result), "\n")
end
os.exit(ok and (result >= 0 and result or 1) or 1, true)
