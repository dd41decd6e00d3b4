local decimal = require "daytona.text.decimal"
--- Ready-made on_progress for terminals: a bar, the rate, and the time that is
--- left.  Silent where there is no terminal.
---
---     sandbox.fs:upload_file("data.csv", "data.csv", { on_progress = daytona.progress() })

local core = require "daytona.load"

local INTERVAL = 0.1 -- seconds between two drawings
local BAR = 24       -- characters

local UNITS = { "B", "KiB", "MiB", "GiB", "TiB" }

local function size(bytes)
  local unit = 1
  while bytes >= 1024 and unit < #UNITS do
    bytes, unit = bytes / 1024, unit + 1
  end
  return decimal(unit == 1 and "%d" or "%.1f", bytes) .. " " .. UNITS[unit]
end

local function time(seconds)
  seconds = math.floor(seconds + 0.5)
  if seconds >= 3600 then
    return ("%d:%02d:%02d"):format(math.floor(seconds / 3600), math.floor(seconds / 60) % 60, seconds % 60)
  end
  return ("%d:%02d"):format(math.floor(seconds / 60), seconds % 60)
end

--- The line for a state of a transfer.
local function line(label, done, total, elapsed)
  local rate = elapsed > 0 and done / elapsed or 0
  local text = label
  if total and total > 0 then
    local share = math.min(done / total, 1)
    local filled = math.floor(share * BAR)
    text = text .. ("[%s%s] %3d%% "):format(("#"):rep(filled), ("-"):rep(BAR - filled), math.floor(share * 100))
  end
  text = text .. size(done)
  if rate > 0 then
    text = text .. "  " .. size(math.floor(rate)) .. "/s"
    if total and total > done then
      text = text .. "  " .. time((total - done) / rate) .. " left"
    end
  end
  return text
end

--- Whether a value can be written to as a file can.
local function has_write(value)
  return type(value) == "table" and type(value.write) == "function" and type(value.flush) == "function"
end

--- Makes a function for the option `on_progress`, for one call.
---@param options { label: string?, stream: file*?, terminal: boolean? }? stream: default standard error; terminal: draw or do not, whatever the stream is
---@return fun(done: integer, total: integer?)
return function(options, ...)
  if type(options) == "number" and select("#", ...) > 0 then -- a transfer called it
    core.misuse "daytona.progress: call it to get the function: on_progress = daytona.progress()"
  elseif options ~= nil and options == package.loaded.daytona then
    core.misuse "daytona.progress: call it with a dot, daytona.progress()"
  elseif options ~= nil and type(options) ~= "table" then
    core.misuse(("daytona.progress: options: table expected, got %s"):format(type(options)))
  end
  options = options or {}
  core.check("daytona.progress", options)
  local stream, terminal = options.stream or io.stderr, options.terminal
  if options.stream ~= nil and not io.type(stream) and not has_write(stream) then
    core.misuse(("daytona.progress: field 'stream': open file expected, got %s"):format(type(stream)))
  end
  if terminal == nil then
    terminal = io.type(stream) == "file" and core.is_terminal(stream)
  end
  if not terminal then
    return function() end
  end
  local label = options.label and options.label .. " " or ""
  local started, drawn, width, from, ended = core.now(), nil, 0, 0, false
  return function(done, total)
    if type(done) ~= "number" or total ~= nil and type(total) ~= "number" then
      core.misuse(("daytona.progress: bytes and their total expected, got %s and %s"):format(type(done), type(total)))
    end
    local now, complete = core.now(), done == total
    if done < from then -- tried again
      started, ended = now, false
    end
    from = done
    if ended then
      return
    end
    ended = complete
    if drawn and now - drawn < INTERVAL and not complete then
      return
    end
    drawn = now
    local text = line(label, done, total, now - started)
    stream:write("\r", text, (" "):rep(width - #text), complete and "\n" or "")
    stream:flush()
    width = #text
  end
end
