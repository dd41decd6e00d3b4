-- daytona.testing: a daytona-local for a test.

local lfs = require "lfs"

local daytona = require "daytona"
local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails, shell = e2e.check, e2e.fails, e2e.shell
local testing = daytona.testing

describe("daytona.testing", function()
  teardown(support.cleanup)

  -- The processes of a server whose data is below `directory`, by their
  -- command lines.
  local function processes(directory)
    local count = 0
    for pid in lfs.dir "/proc" do
      if pid:find "^%d+$" then
        local file = io.open("/proc/" .. pid .. "/cmdline", "rb")
        local line = file and file:read "*a" or ""
        if file then
          file:close()
        end
        if line:find(directory, 1, true) then
          count = count + 1
        end
      end
    end
    return count
  end

  local function start(options)
    options = options or {}
    options.program = options.program or e2e.program
    return testing.start(options)
  end

  it("starts a server that works", function()
    local server = check(start())
    assert.truthy(server.api_url:find "^http://127%.0%.0%.1:%d+/api$")
    assert.truthy(#server.api_key > 10)
    local client = check(server:client())
    assert.equal("up\n", client:with_sandbox({}, function(sandbox)
      return shell(sandbox, "echo up")
    end))
    client:close()
    server:stop()
    server:stop()
  end)

  it("starts one that behaves as an older server", function()
    local server = check(start { as = "v0.190" })
    local client = check(server:client())
    assert.equal("v0.190.0", check(client:get_config()).version)
    client:close()
    server:stop()
    fails({ kind = "connection", message = "--as: v0.190 expected, got 'v0'" }, start { as = "v0" })
  end)

  it("hands options to the client and arguments to the server", function()
    local server = check(start { arguments = { "--api-key", "dtn_mine'own'$x" } })
    assert.equal("dtn_mine'own'$x", server.api_key)
    local client = check(server:client { timeout = 7, target = "here" })
    assert.equal(7, client.timeout)
    assert.equal("here", client.target)
    assert.same({ items = {} }, check(client:list_page()))
    client:close()
    server:stop()
  end)

  it("lets sandboxes reach the services of this machine that are named, and no other", function()
    local host = support.host_services()
    local server = check(start { expose = { "127.0.0.1:" .. host.port }, arguments = { "--network", "none" } })
    local client = check(server:client())
    client:with_sandbox({}, function(sandbox)
      local ask = "bash -c 'exec 3<>/dev/tcp/127.0.0.1/%d && cat <&3'"
      assert.equal("host v4\n", shell(sandbox, ask:format(host.port)))
      assert.are_not.equal(0, check(sandbox.process:exec(ask:format(host.any_port))).exit_code)
    end)
    client:close()
    server:stop()
    host:close()
    fails({ kind = "connection", message = "--expose nonsense: HOST:PORT expected" }, start { expose = { "nonsense" } })
  end)

  it("finds the program by DAYTONA_LOCAL or in the path", function()
    local code = [[
      local server = assert(require("daytona").testing.start())
      print(server.api_url)
      server:stop()
    ]]
    for _, env in ipairs {
      { DAYTONA_LOCAL = e2e.program },
      { DAYTONA_LOCAL = false, PATH = e2e.program:match "^(.*)/" .. ":" .. os.getenv "PATH" },
    } do
      local output, status = support.run(support.lua_command(code, env))
      assert.equal(0, status, output)
      assert.truthy(output:find "^http://127")
    end
  end)

  it("keeps servers apart", function()
    local one, two = check(start()), check(start())
    assert.are_not.equal(one.api_url, two.api_url)
    assert.are_not.equal(one.api_key, two.api_key)
    local client, other = check(one:client()), check(two:client())
    check(client:create { wait = false })
    assert.is_nil((other:list()()))
    client:close()
    other:close()
    one:stop()
    two:stop()
  end)

  it("leaves nothing behind", function()
    local directory = support.temp_dir()
    assert(os.execute("chmod 755 " .. support.quote(directory)))
    local script = e2e.program_with { TMPDIR = directory }
    local code = ([[
      local server = assert(require("daytona").testing.start { program = %q })
      local client = assert(server:client())
      local sandbox = assert(client:create())
      assert(sandbox.process:exec "sleep 1000 > /dev/null 2>&1 & disown")
      %s
    ]]):format(script, "%s")
    for _, ending in ipairs { "server:stop()", "os.exit(0)", "error 'oh'" } do
      support.run(support.lua_command(code:format(ending), { TMPDIR = directory }))
      -- whoever started it may be gone before it is
      support.eventually(function()
        return processes(directory) == 0 and #support.files_under(directory) == 0
      end, 10, ending)
    end
  end)

  it("dies with whoever started it", function()
    local directory = support.temp_dir()
    assert(os.execute("chmod 755 " .. support.quote(directory)))
    local code = [[
      local server = assert(require("daytona").testing.start())
      local client = assert(server:client())
      assert(client:create())
      local me = assert(io.open "/proc/self/stat"):read "*n"
      os.execute(("kill -9 %d"):format(me))
    ]]
    local _, status = support.run(support.lua_command(code, { TMPDIR = directory, DAYTONA_LOCAL = e2e.program }))
    assert.are_not.equal(0, status)
    support.eventually(function()
      return processes(directory) == 0 and #support.files_under(directory) == 0
    end, 10)
  end)

  it("leaves nothing after Ctrl-C, which all of a process group get", function()
    local directory = support.temp_dir()
    assert(os.execute("chmod 755 " .. support.quote(directory)))
    local code = [[
      local server = assert(require("daytona").testing.start())
      local sandbox = assert(assert(server:client()):create())
      os.execute "(sleep 0.2; kill -INT 0) &" -- system() itself ignores it
      sandbox.process:exec "sleep 30"
    ]]
    local output, status = support.run("setsid -w " .. support.lua_command(code, { TMPDIR = directory,
      DAYTONA_LOCAL = e2e.program }))
    assert.are_not.equal(0, status, output)
    support.eventually(function()
      return processes(directory) == 0 and #support.files_under(directory) == 0
    end, 10)
  end)

  it("says why it does not start", function()
    local err = fails({ kind = "connection", operation = "testing.start", message = "not found" },
      start { program = "/no/such/program" })
    assert.truthy(err.message:find("/no/such/program", 1, true))
    err = fails({ kind = "connection", operation = "testing.start" }, start { arguments = { "--nonsense" } })
    assert.truthy(err.message:find("nonsense", 1, true), err.message)
    fails({ kind = "connection" }, start { program = "/bin/false" })
    fails({ kind = "connection", message = "0.0.0.0" }, start { arguments = { "--listen", "0.0.0.0:0" } })
  end)
end)
