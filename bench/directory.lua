-- A local tree up into a running sandbox and down again, COUNT times; each time
-- two lines: "up" or "down" and the microseconds of the call.
-- usage: directory.lua API_URL SANDBOX_ID TREE TARGET COUNT
-- The API key comes from the environment: a command line is public.
local daytona = require "daytona"
local now = require "daytona.core".now

local client = assert(daytona.new { api_url = arg[1] })
local sandbox = assert(client:get(arg[2]))
local tree, target = arg[3], arg[4]

local function timed(name, method, from, to)
  local start = now()
  local result = assert(method(sandbox.fs, from, to))
  print(("%s %.0f"):format(name, (now() - start) * 1e6))
  assert(result.files == 1000, result.files)
end

assert(sandbox.process:exec("true")) -- connects
for i = 1, tonumber(arg[5]) do
  timed("up", sandbox.fs.upload_dir, tree, "ours-" .. i)
  timed("down", sandbox.fs.download_dir, "ours-" .. i, ("%s/ours-%d"):format(target, i))
  assert(sandbox.fs:delete_file("ours-" .. i, { recursive = true }))
end
client:close()
