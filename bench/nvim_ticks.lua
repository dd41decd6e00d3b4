-- In Neovim: prints how often a timer of 10 ms fires while a command of 3 s
-- runs in the sandbox $SANDBOX_ID.
local daytona = require "daytona"
local host = require "daytona.host.uv"

local client = assert(daytona.new { host = host })
local ticks = 0
local timer = vim.loop.new_timer()

host.run(function()
  local sandbox = assert(client:get(os.getenv "SANDBOX_ID"))
  timer:start(10, 10, function() ticks = ticks + 1 end)
  local run = assert(sandbox.process:exec "sleep 3")
  timer:stop()
  assert(run.exit_code == 0)
  io.write(ticks)
  vim.cmd "qa!"
end)
