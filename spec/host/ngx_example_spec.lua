-- The example for nginx, in a real one.

if _VERSION ~= "Lua 5.4" then
  return -- nginx is a Lua of its own, so once is enough
end

local e2e = require "spec.support.e2e"
local nginx = require "spec.support.nginx"
local support = require "spec.support"

-- A part of a configuration, from its first word to the bracket at the same
-- indentation.
local function part(path, word)
  local text = support.read_file(support.root .. "/" .. path)
  local indent, rest = text:match("\n( *)(" .. word .. "[^\n]*{\n.*)")
  return rest:match("^(.-\n" .. indent .. "})")
end

describe("the nginx example", function()
  local daytona_local, server

  setup(function()
    daytona_local = e2e.start()
    server = nginx.start {
      modules = { run = support.read_file(support.root .. "/examples/nginx/run.lua") },
      http = support.read_file(support.root .. "/doc/guide.md"):match "init_by_lua_block[^\n]*",
      locations = part("examples/nginx/nginx.conf", "location") .. part("doc/guide.md", "location"),
      env = { DAYTONA_API_URL = daytona_local.api_url, DAYTONA_API_KEY = daytona_local.api_key },
    }
  end)

  teardown(function()
    server:close()
    daytona_local:stop()
    support.cleanup()
  end)

  it("runs posted code in a sandbox and answers JSON", function()
    local answer = server:json("/run", "--data-binary 'print(6 * 7)'")
    support.eq({ exit_code = 0, result = "42\n" }, answer)
    answer = server:json("/run?language=javascript", "--data-binary 'console.log([1,2].length); process.exit(3)'")
    support.eq({ exit_code = 3, result = "2\n" }, answer)
    local client = e2e.check(daytona_local:client())
    assert.equal(0, #e2e.check(client:list_page()).items)
    client:close()
  end)

  it("stands in the README, too", function()
    assert.equal("42\n", (server:get "/answer"))
  end)

  it("refuses what it should", function()
    for path, expected in pairs {
      ["/run"] = { 405, "" }, ["/run?language=perl"] = { 400, "-d x" },
      ["/run?language=python"] = { 400, "-X POST" },
    } do
      local _, status = server:get(path, expected[2])
      assert.equal(expected[1], status, path)
    end
  end)

  it("serves others during a command of three seconds", function()
    local long = server:begin("/run", "--data-binary 'import time; time.sleep(3); print(1)'")
    local slowest, count = 0, 0
    local client_done
    support.timed(function()
      local began = support.now()
      while support.now() - began < 2.5 do
        local text = support.run(server:command("/ping?[1-20]", "-o /dev/null -w '%{time_total}\\n'"))
        for seconds in text:gmatch "[%d.]+" do
          slowest, count = math.max(slowest, tonumber(seconds)), count + 1
        end
      end
    end)
    client_done = long()
    assert.truthy(client_done:find("1\\n", 1, true), client_done)
    assert.is_true(count >= 100, count)
    assert.is_true(slowest < 0.5, slowest) -- `make bench` has the exact figure
  end)
end)
