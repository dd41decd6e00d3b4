-- Times of calls on a running daytona-local, one per line in microseconds.
-- usage: samples.lua API_URL sandbox           prints a new sandbox's id
--        samples.lua API_URL url 1 ID          prints where its exec calls go
--        samples.lua API_URL create COUNT      create until started
--        samples.lua API_URL exec COUNT ID     exec round trip
-- The API key comes from the environment: a command line is public.
local daytona = require "daytona"
local now = require "daytona.core".now

local api_url, job, count, id = arg[1], arg[2], tonumber(arg[3]), arg[4]
local client = assert(daytona.new { api_url = api_url })

local function sample(fn)
  local start = now()
  local result = fn()
  print(("%.0f"):format((now() - start) * 1e6))
  return result
end

if job == "sandbox" then
  print(assert(client:create()).id)
elseif job == "url" then
  print(("%s/%s/process/execute"):format(assert(client:get(id)).toolbox_proxy_url, id))
elseif job == "create" then
  for _ = 1, count do
    local sandbox = sample(function()
      return assert(client:create())
    end)
    assert(sandbox.state == "started", sandbox.state)
    assert(assert(sandbox.process:exec("true")).exit_code == 0) -- it works
    assert(sandbox:delete())
  end
elseif job == "exec" then
  local sandbox = assert(client:get(id))
  assert(sandbox.process:exec("true")) -- connects
  for _ = 1, count do
    sample(function()
      return assert(sandbox.process:exec("true"))
    end)
  end
end
client:close()
