-- A client belongs to the process that used it.

local support = require "spec.support"

describe("after a fork", function()
  local server, directory

  support.serve_faults(function(...)
    server = ...
    directory = support.temp_dir()
    local version = _VERSION:match "%d%.%d"
    local output, status = support.run((
      "${CC:-cc} -shared -fPIC -I/usr/include/lua%s -o %s/fork.so %s/spec/support/fork.c")
      :format(version, directory, support.root))
    assert.equal(0, status, output)
  end)

  before_each(function()
    server:reset()
  end)

  -- Runs `code` with fork, daytona, client(options) and fails(fn, ...).
  local function run(code)
    local output, status = support.run(support.lua_command(([[
      local fork = package.loadlib(%q, "luaopen_spec_fork")()
      local daytona, base = require "daytona", %q
      local function client(options)
        options = options or {}
        options.api_url, options.api_key, options.max_retries, options.timeout = base .. "/api", "k", 0, 10
        return assert(daytona.new(options))
      end
      local function box(c, scenario)
        return c:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = base .. "/fault/" .. scenario,
          labels = { ["code-toolbox-language"] = "python" } }
      end
      local function refused(fn, ...)
        local ok, problem = require("daytona.call.protected").pcall(fn, ...)
        assert(not ok and tostring(problem):find("client was made in another process", 1, true), tostring(problem))
      end
      local function child(fn)
        local pid = fork.fork()
        if pid == 0 then
          local ok, problem = pcall(fn)
          if not ok then
            io.stderr:write(tostring(problem), "\n")
          end
          os.exit(ok and 7 or 1, true) -- with all finalizers
        end
        local status = fork.wait(pid)
        assert(status == 7, "the child ended with " .. status)
      end
    ]]):format(directory .. "/fork.so", server:url()) .. code .. [[
      io.write "the parent went on"
    ]], { ASAN_OPTIONS = support.is_sanitized() and "detect_leaks=0" or false })) -- a child leaves what is the parent's
    assert.equal("the parent went on", output)
    assert.equal(0, status)
  end

  it("a plain client that was used is refused, and its end harms nobody", function()
    run [[
      local c = client()
      local sandbox = box(c, "ok-json")
      assert(sandbox.process:exec "true") -- leaves a connection
      child(function()
        refused(c.get, c, "x")
        refused(sandbox.process.exec, sandbox.process, "true")
        refused(sandbox.fs.upload_file, sandbox.fs, { content = "x" }, "x")
        refused(sandbox.code_interpreter.run_code, sandbox.code_interpreter, "1")
        refused(c.request, c, "GET", "/x")
        c:close()
        assert(client():get_config() == nil) -- one of the child's own works
      end)
      assert(sandbox.process:exec "true")
      child(function() end) -- only ends, with all finalizers
      assert(sandbox.process:exec "true")
    ]]
    assert.equal(2, server:stats().connections)
  end)

  it("what was under way belongs to the parent, streams and half-written files too", function()
    run(([[
      local core = require "daytona.core"
      local c = client()
      local download = c._core:send("fs.download_file", { path = "x", destination = %q },
        box(c, "download;n=3000000"), 10)
      local socket = c._core:connect("client.connect", { path = "/x" }, box(c, "ws;do=accept,echo"), 10)
      while not socket:is_open() do socket:step(0.1) end
      local chunks = box(c, "download;n=3000000").fs:read_file("x", { chunk_size = 1000 })
      assert(#chunks() == 1000)
      local writer = socket:writer()
      child(function()
        refused(socket.writer, socket)
        for _, request in ipairs { download, socket, writer } do
          for _, name in ipairs { "step", "done", "hungry", "number", "cancel" } do
            refused(request[name], request, 1)
          end
          refused(request.watch, request, 1)
        end
        refused(socket.send, socket, "x", "text")
        refused(socket.receive, socket)
        refused(chunks)
        refused(c._core.step, c._core, 1)
        refused(c._core.turn, c._core, 1, {})
        download:close()
        socket:close()
        c:close()
      end)
      assert(socket:send("still there", "text"))
      local message
      repeat socket:step(0.1) message = socket:receive() until message
      assert(message == "still there")
      while not download:step(1) do end
      assert(download:result() == 3000000)
      local bytes = 1000
      for chunk in chunks do bytes = bytes + #chunk end
      assert(bytes == 3000000)
    ]]):format(directory .. "/file"))
  end)

  for _, host in ipairs { "loop", "uv" } do
    it("the same in host." .. host, function()
      run(([[
        local host = require "daytona.host.%s"
        local c = client { host = host }
        local sandbox = box(c, "ok-json")
        host.run(function()
          assert(sandbox.process:exec "true")
          local pid = fork.fork()
          if pid == 0 then
            local ok, problem = require("daytona.call.protected").pcall(function()
              refused(c.get, c, "x")
              refused(sandbox.code_interpreter.run_code, sandbox.code_interpreter, "1")
              c:close()
            end)
            io.stderr:write(ok and "" or problem)
            fork.exit(ok and 7 or 1)
          end
          assert(fork.wait(pid) == 7)
          assert(sandbox.process:exec "true")
        end)
        c:close()
      ]]):format(host))
    end)
  end

  it("a client that nobody has used becomes the child's own, as in nginx", function()
    run [[
      local c = client()
      for _ = 1, 2 do
        child(function()
          assert(box(c, "ok-json").process:exec "true")
          c:close()
        end)
      end
      assert(box(c, "ok-json").process:exec "true")
      child(function() refused(c.get, c, "x") end)
    ]]
    assert.equal(3, server:stats().connections)
  end)
end)
