-- Where bubblewrap is refused, as in many containers: what is said, and the one
-- variable that is the way out for the server and for all that starts one.

local control = require "spec.local.control_support"
local daytona = require "daytona"
local e2e = require "spec.support.e2e"
local support = require "spec.support"

local quote = support.quote

describe("where bubblewrap is refused", function()
  local directory, path

  setup(function()
    directory = control.data():gsub("/data$", "")
    path = directory .. ":" .. os.getenv "PATH"
    support.write_file(directory .. "/bwrap", "#!/bin/sh\necho 'bwrap: no namespaces' >&2; exit 1\n")
    assert(os.execute("chmod +x " .. quote(directory .. "/bwrap")))
  end)

  teardown(support.cleanup)

  local function run(command, isolation)
    return support.run(("export PATH=%s DAYTONA_LOCAL_ISOLATION=%s; %s"):format(quote(path), isolation or "", command))
  end

  local function serve(arguments)
    return ("%s serve --listen 127.0.0.1:0 --data %s/data %s"):format(
      quote(e2e.program), quote(directory), arguments or "")
  end

  it("the server says why, and names the way out", function()
    for _, refused in ipairs { { serve() }, { serve(), "bwrap" }, { serve "--isolation bwrap", "none" } } do
      local output, status = run(refused[1], refused[2])
      assert.equal(1, status)
      assert.truthy(output:find("cannot be isolated on this machine: bwrap: no namespaces", 1, true))
      assert.truthy(output:find("--isolation none", 1, true))
      assert.truthy(output:find("DAYTONA_LOCAL_ISOLATION=none", 1, true))
    end
  end)

  it("the variable is read as the option is", function()
    local output, status = run(serve(), "nothing")
    support.eq({ "daytona-local: DAYTONA_LOCAL_ISOLATION: bwrap or none expected, got 'nothing'\n"
      .. "Try 'daytona-local serve --help'.\n", 2 }, { output, status })
  end)

  it("daytona.testing says what the server said, and runs by the variable", function()
    local err = e2e.fails({ kind = "connection", operation = "testing.start", message = "bwrap: no namespaces" },
      daytona.testing.start { program = e2e.program_with { PATH = path } })
    assert.truthy(err.message:find("DAYTONA_LOCAL_ISOLATION=none", 1, true))
    local output, status = support.run(support.lua_command([[
      local server = assert(require("daytona").testing.start())
      local client = assert(server:client())
      client:with_sandbox({}, function(sandbox)
        print(assert(sandbox.process:exec "echo up").result)
      end)
      client:close()
      server:stop()
    ]], { PATH = path, DAYTONA_LOCAL = e2e.program, DAYTONA_LOCAL_ISOLATION = "none" }))
    support.eq({ "daytona.testing: WARNING: daytona-local runs sandboxes as plain processes, without isolation\n"
      .. "up\n\n", 0 }, { output, status })
  end)

  it("the demo says what the server said, and runs by the variable", function()
    local demo = ("cd %s; unset MAKEFLAGS MAKELEVEL DAYTONA_API_KEY LD_PRELOAD; sh examples/demo"):format(
      quote(support.root))
    local output, status = run(demo)
    assert.equal(1, status)
    assert.truthy(output:find("DAYTONA_LOCAL_ISOLATION=none", 1, true))
    output, status = run(demo, "none")
    assert.equal(0, status, output)
    assert.truthy(output:find("WARNING: no isolation", 1, true))
  end)
end)
