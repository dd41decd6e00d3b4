-- What a sandbox has from the start: directories that last, programs, signals.

local control = require "spec.local.control_support"
local support = require "spec.support"

local function handle(server, id)
  return assert(server.client:get(id))
end

describe("/tmp and /var/tmp", function()
  local server

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  it("live through stop, start and archive, and go with the sandbox", function()
    server = control.serve()
    local id = server:create({ name = "keeper" }).id
    assert.equal("drwxrwxrwt\ndrwxrwxrwt\n", server:sh(id, "stat -c %A /tmp /var/tmp"))
    assert.equal("", server:sh(id, "echo a >/tmp/a; echo b >/var/tmp/b; test ! -e /var/tmp/a"))
    for _, rest in ipairs { "stop", "archive" } do
      assert(server:call("POST", "/sandbox/" .. id .. "/stop"))
      server:await(id, "stopped")
      if rest == "archive" then
        assert(server:call("POST", "/sandbox/" .. id .. "/archive"))
        server:await(id, "archived")
      end
      assert(server:call("POST", "/sandbox/" .. id .. "/start"))
      server:await(id, "started")
      assert.equal("a\nb\n", server:sh(id, "cat /tmp/a /var/tmp/b"))
    end
    assert.equal("1\n", server:sh(id, "stat -c %d ~ /tmp /var/tmp | uniq | wc -l"), "one storage")
    assert(server:call("DELETE", "/sandbox/" .. id))
    server:await(id, "gone")
    support.eventually(function()
      return support.run(("find %s -name a -o -name b"):format(support.quote(server.data))) == ""
    end)
  end)

  it("are no obstacle to a start, nor is the home, whatever their modes", function()
    local id = server:create({}).id
    server:sh(id, "echo kept > kept; chmod 0 ~ /tmp /var/tmp")
    assert(server:call("POST", "/sandbox/" .. id .. "/stop"))
    server:await(id, "stopped")
    assert(server:call("POST", "/sandbox/" .. id .. "/start"))
    assert.equal("kept\ndrwx------\nd---------\n", server:sh(id, "cat kept; stat -c %A ~ /tmp"))
    assert(server:call("DELETE", "/sandbox/" .. id))
    server:await(id, "gone")
  end)

  it("appear in a sandbox of a data directory that has none yet", function()
    local id = server:create({}).id
    local own = support.quote(server.data .. "/sandboxes/" .. id)
    assert(server:call("POST", "/sandbox/" .. id .. "/stop"))
    server:await(id, "stopped")
    assert(os.execute(("rm -r %s/tmp %s/var-tmp"):format(own, own)))
    assert(server:call("POST", "/sandbox/" .. id .. "/start"))
    assert.equal("drwxrwxrwt\ndrwxrwxrwt\n", server:sh(id, "stat -c %A /tmp /var/tmp"))
  end)
end)

describe("python", function()
  local server

  after_each(function()
    server:stop()
    server = nil
  end)
  teardown(support.cleanup)

  for _, arguments in ipairs { "--isolation bwrap", "--isolation none" } do
    it("is python3 with " .. arguments, function()
      server = control.serve { arguments = arguments }
      local sandbox = handle(server, server:create({}).id)
      assert.equal("42\n", assert(sandbox.process:exec "python - <<'PY'\nprint(6 * 7)\nPY").result)
      local session = assert(sandbox.process:create_session())
      local run = assert(session:exec "python -c 'import sys; print(sys.version_info[0])'")
      assert.equal("3\n", run.stdout)
      local base = assert(sandbox.process:exec "python -c 'import sys; print(sys.prefix == sys.base_prefix)'")
      assert.equal("True\n", base.result)
    end)
  end

  it("is the machine's own where there is one", function()
    local directory = support.temp_dir()
    assert(os.execute(("chmod 755 %s; printf '#!/bin/sh\\necho own\\n' >%s/python; chmod 755 %s/python"):format(
      directory, directory, directory)))
    server = control.serve { arguments = "--isolation none", env = ("PATH=%s:$PATH"):format(directory) }
    assert.equal("own\n", server:sh(server:create({}).id, "python"))
    assert.equal("", support.run(("ls %s/links 2>&1 | grep python"):format(support.quote(server.data))))
  end)
end)

describe("signals", function()
  local server
  local show = "grep -E '^Sig(Blk|Ign):' /proc/self/status | tr -d '\\t'; trap"
  local none = "SigBlk:0000000000000000\nSigIgn:0000000000000000\n"

  after_each(function()
    server:stop()
    server = nil
  end)
  teardown(support.cleanup)

  for _, arguments in ipairs { "--isolation bwrap", "--isolation none" } do
    it("are at their defaults, whoever started the server, with " .. arguments, function()
      server = control.serve { arguments = arguments, env = "--ignore-signal --block-signal" }
      local sandbox = handle(server, server:create({}).id)
      assert.equal(none, assert(sandbox.process:exec(show)).result)
      local session = assert(sandbox.process:create_session())
      assert.equal(none, assert(session:exec(show)).stdout)
      assert.equal(none, assert(sandbox.process:run(show)).stdout)
      local code = assert(sandbox.process:code_run(("import subprocess\nprint(subprocess.run([%q, '-c', %q], "
        .. "capture_output=True, text=True, preexec_fn=lambda: None).stdout, end='')"):format("/bin/sh", show)))
      assert.equal(none, code.result)
      local pty = assert(sandbox.process:create_pty())
      assert(pty:write "sh -c \"grep -E '^Sig(Blk|Ign):' /proc/self/status\"; exit\n")
      local text, part = ""
      repeat
        part = pty:read { timeout = 20 }
        text = text .. (part or "")
      until not part
      assert.truthy(text:find "SigBlk:%s0000000000000000", text)
      assert.truthy(text:find "SigIgn:%s0000000000000000", text)
    end)
  end
end)
