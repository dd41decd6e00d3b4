-- Runs the current buffer in a sandbox of its own and fills a split with what
-- it prints, while the editor stays alive; and opens terminals in sandboxes.  In
-- Neovim, with DAYTONA_API_KEY set:
--
--     :luafile examples/nvim_run.lua
--     :DaytonaRun
--     :DaytonaTerminal [SANDBOX]

local daytona = require "daytona"
local host = require "daytona.host.uv"
local api = vim.api

local languages = { python = "python", javascript = "javascript", typescript = "typescript" }
local client

-- The client, made with the first use; in a task.
local function get_client()
  local err
  if not client then
    client, err = daytona.new { host = host }
  end
  return client, err
end

local function show(buffer, text)
  if api.nvim_buf_is_valid(buffer) then -- else it was closed meanwhile
    api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(text, "\n"))
  end
end

-- A new split below with a buffer that nobody is asked to save.
local function open_split()
  local code_window = api.nvim_get_current_win()
  vim.cmd "botright 10new"
  local buffer = api.nvim_get_current_buf()
  vim.bo[buffer].buftype = "nofile"
  vim.bo[buffer].bufhidden = "wipe"
  api.nvim_set_current_win(code_window)
  return buffer
end

local function run()
  local language = languages[vim.bo.filetype]
  if not language then
    return api.nvim_err_writeln("DaytonaRun: cannot run filetype '" .. vim.bo.filetype .. "'")
  end
  local code = table.concat(api.nvim_buf_get_lines(0, 0, -1, false), "\n") .. "\n"
  local buffer = open_split()
  show(buffer, "running ...")
  host.run(function()
    local output
    local made, err = get_client()
    if made then
      -- Ephemeral: it goes away even if the editor is left in the middle.
      output, err = made:with_sandbox({ language = language, ephemeral = true, auto_stop_interval = 5 },
        function(sandbox)
          return sandbox.process:code_run(code)
        end)
    end
    show(buffer, output and ("%s[exit code %d]"):format(output.result, output.exit_code) or tostring(err))
  end)
end

-- A terminal of the sandbox in a buffer: what is typed there goes to the shell,
-- what the shell shows comes there, until it ends or the buffer is closed.
local function show_terminal(buffer, sandbox)
  local window = vim.fn.bufwinid(buffer)
  local cols, rows = api.nvim_win_get_width(window), api.nvim_win_get_height(window)
  local pty, err = sandbox.process:create_pty(nil, { cols = cols, rows = rows, env = { TERM = "xterm-256color" } })
  if not pty then
    return nil, err
  end
  local channel = api.nvim_open_term(buffer, {
    on_input = function(_, _, _, data)
      host.spawn(function()
        pty:write(data)
      end)
    end,
  })
  local events = vim.fn.exists "##WinResized" == 1 and { "VimResized", "WinResized" } or { "VimResized" }
  local resized = api.nvim_create_autocmd(events, {
    callback = function()
      local shown = vim.fn.bufwinid(buffer)
      if shown ~= -1 then
        host.spawn(function()
          pty:resize(api.nvim_win_get_width(shown), api.nvim_win_get_height(shown))
        end)
      end
    end,
  })
  api.nvim_buf_attach(buffer, false, {
    on_detach = function()
      host.spawn(function()
        pty:kill()
      end)
    end,
  })
  local chunk
  repeat
    chunk, err = pty:read()
    if chunk and api.nvim_buf_is_valid(buffer) then
      api.nvim_chan_send(channel, chunk)
    end
  until not chunk
  api.nvim_del_autocmd(resized)
  if api.nvim_buf_is_valid(buffer) then
    api.nvim_chan_send(channel, ("\r\n[%s]"):format(err and tostring(err) or "exit code " .. pty.exit_code))
  end
  return true
end

local function terminal(command)
  vim.cmd "botright new"
  local buffer = api.nvim_get_current_buf()
  vim.bo[buffer].bufhidden = "wipe"
  host.run(function()
    local made, err = get_client()
    local ok
    if made and command.args ~= "" then
      ok, err = made:get(command.args)
      if ok then
        ok, err = show_terminal(buffer, ok)
      end
    elseif made then
      ok, err = made:with_sandbox({ ephemeral = true, auto_stop_interval = 60 }, function(sandbox)
        return show_terminal(buffer, sandbox)
      end)
    end
    if not ok then
      show(buffer, tostring(err))
    end
  end)
end

api.nvim_create_user_command("DaytonaTerminal", terminal, {
  nargs = "?", desc = "Open a terminal in a Daytona sandbox",
})
api.nvim_create_user_command("DaytonaRun", run, { desc = "Run this buffer in a Daytona sandbox" })
