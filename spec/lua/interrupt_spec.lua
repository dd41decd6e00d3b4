-- Ctrl-C ends a waiting call.

local support = require "spec.support"

describe("Ctrl-C", function()
  local server

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
  end)

  -- Starts a child that prints its pid and runs `body` with `sandbox`, sends
  -- SIGINT when `ready()`, and gives the seconds until it was gone and what it
  -- printed.
  local function interrupt(scenario, body, ready)
    local command = support.lua_command(([[
      local daytona = require "daytona"
      local stat = assert(io.open "/proc/self/stat")
      io.stdout:write(stat:read "*l":match "^%%d+", "\n")
      io.stdout:flush()
      stat:close()
      local client = assert(daytona.new { api_key = "k", api_url = %q })
      local sandbox = client:sandbox {
        id = "sb-1", state = "started", toolbox_proxy_url = %q,
      }
      %s
    ]]):format(server:url "/api", server:url("/fault/" .. scenario), body))
    local child = assert(io.popen(command .. " 2>&1; echo status $?"))
    local pid = assert(tonumber(child:read "*l"))
    support.eventually(ready, 10)
    local seconds, output = support.timed(function()
      os.execute("kill -INT " .. math.floor(pid))
      return child:read "*a"
    end)
    child:close()
    return seconds, output
  end

  local function interrupted(scenario, body, ready)
    local seconds, output = interrupt(scenario, body, ready)
    assert.is_true(seconds < 10, ("took %.2f s"):format(seconds))
    assert.truthy(output:find("interrupted!", 1, true), output)
    assert.truthy(output:find "status [1-9]", output)
    -- The connection is gone with the process.
    support.eventually(function()
      return server:stats().open_connections == 0
    end)
  end

  local function asked(scenario)
    return function()
      return server:count(scenario) > 0
    end
  end

  it("while nothing comes", function()
    interrupted("stall", "sandbox.process:exec 'true'", asked "stall")
  end)

  it("while a download stands still", function()
    local directory = support.temp_dir()
    interrupted("stall-after-headers",
      ("sandbox.fs:download_file('x', %q)"):format(directory .. "/x"),
      asked "stall-after-headers")
    -- Nothing half-written is left when the state is closed.
    support.eq({}, support.files_under(directory))
  end)

  it("is not needed to leave no half of a file: SIGKILL leaves none, either", function()
    local directory = support.temp_dir()
    support.write_file(directory .. "/x", "before")
    local child = assert(io.popen(support.lua_command(([[
      local stat = assert(io.open "/proc/self/stat")
      io.stdout:write(stat:read "*l":match "^%%d+", "\n")
      io.stdout:flush()
      local client = assert(require("daytona").new { api_key = "k", api_url = %q })
      local sandbox = client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = %q }
      local size = 0
      sandbox.fs:download_file("x", %q, { on_progress = function(done)
        if done > size + 1000000 then
          size = done
          io.stdout:write(done, "\n")
          io.stdout:flush()
        end
      end })
    ]]):format(server:url "/api", server:url "/fault/download;n=3000000000", directory .. "/x")) .. " 2>&1"))
    local pid = assert(tonumber(child:read "*l"))
    assert(tonumber(child:read "*l"))
    os.execute("kill -KILL " .. math.floor(pid))
    child:read "*a"
    child:close()
    support.eq({ "x" }, support.files_under(directory))
    assert.equal("before", support.read_file(directory .. "/x"))
  end)

  it("while bytes come all the time", function()
    -- The first call makes LuaJIT compile the loop, which then looks for no
    -- signal unless the library takes care.
    interrupted("slow-drip;milliseconds=1", [[
      sandbox.fs:list_files(".", { timeout = 0.5, max_retries = 0 })
      sandbox.fs:list_files(".", { timeout = 60 })
    ]], function()
      return server:count "slow-drip" > 1
    end)
  end)

  it("between two attempts", function()
    interrupted("retry;n=1000;retry_after=30",
      "sandbox.fs:list_files('.', { timeout = 60, max_retries = 5 })", asked "retry")
  end)

  it("while a state is waited for", function()
    server:script({ path_prefix = "/api/sandbox" }, {
      { body = '{"id": "sb-1", "state": "creating"}', times = 0 },
    })
    interrupted("ok-json", "client:create { timeout = 60 }", function()
      return server:count "script" > 3
    end)
  end)
end)
