-- Runs the current buffer in a sandbox of its own and fills a split with what
-- it prints, while the editor stays alive.  In Neovim, with DAYTONA_API_KEY set:
--
--     :luafile examples/nvim_run.lua
--     :DaytonaRun

local daytona = require "daytona"
local host = require "daytona.host.uv"
local api = vim.api

local languages = { python = "python", javascript = "javascript", typescript = "typescript" }
local client

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
    local output, err
    if not client then
      client, err = daytona.new { host = host }
    end
    if client then
      -- Ephemeral: it goes away even if the editor is left in the middle.
      output, err = client:with_sandbox({ language = language, ephemeral = true, auto_stop_interval = 5 },
        function(sandbox)
          return sandbox.process:code_run(code)
        end)
    end
    show(buffer, output and ("%s[exit code %d]"):format(output.result, output.exit_code) or tostring(err))
  end)
end

api.nvim_create_user_command("DaytonaRun", run, { desc = "Run this buffer in a Daytona sandbox" })
