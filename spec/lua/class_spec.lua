-- The front door of each kind of object: dots for colons, too many arguments,
-- names that do not exist.

local daytona = require "daytona"
local class = require "daytona.call.class"
local signatures = require "daytona.call.signatures"
local support = require "spec.support"

describe("the methods of", function()
  local server, client, sandbox, objects

  support.serve_faults(function(...)
    server, client = ...
    sandbox = support.sandbox(client, server, "ok-json")
    local session = require("daytona.process.session").new(sandbox, "s", {})
    objects = {
      client = client, sandbox = sandbox, ["sandbox.process"] = sandbox.process, ["sandbox.fs"] = sandbox.fs,
      ["sandbox.git"] = sandbox.git, ["sandbox.code_interpreter"] = sandbox.code_interpreter, session = session,
      command = require("daytona.process.command").new(sandbox, "s", { id = "c" }),
      job = require("daytona.process.job").new(sandbox, "s", "c"), reader = sandbox.fs:read_file "x",
      stream = require("daytona.process.command").new(sandbox, "s", { id = "c" }):follow(),
    }
  end, {})

  local function each_method(visit)
    for name, object in pairs(objects) do
      for method, most in pairs(class.signatures(name)) do
        visit(name, object, method, most)
      end
    end
  end

  it("each kind of object are all there", function()
    each_method(function(name, object, method)
      assert.equal("function", type(object[method]), name .. "." .. method)
    end)
  end)

  it("each kind of object refuse a dot in the place of a colon", function()
    each_method(function(name, object, method)
      local expected = ("%s.%s: call methods with a colon, %s:%s(...)"):format(name, method, name, method)
      for _, first in ipairs { "text", 5, true, {} } do
        local ok, message = pcall(function()
          return object[method](first)
        end)
        assert.is_false(ok)
        assert.equal(expected, support.strip_position(message))
        assert.truthy(message:find "class_spec%.lua:%d+: ", message)
      end
      assert.is_false((pcall(object[method])))
    end)
    assert.equal(0, #server:requests())
  end)

  it("each kind of object refuse an object of another kind", function()
    objects["client.volume"], objects["client.snapshot"] = client.volume, client.snapshot
    each_method(function(name, object, method)
      for other_name, other in pairs(objects) do
        if other_name ~= name then
          local ok, message = pcall(object[method], other, "x")
          assert.is_false(ok, name .. "." .. method .. " takes a " .. other_name)
          assert.equal(("%s.%s: call methods with a colon, %s:%s(...)"):format(name, method, name, method),
            support.strip_position(message))
        end
      end
    end)
    objects["client.volume"], objects["client.snapshot"] = nil, nil
    assert.equal(0, #server:requests())
  end)

  it("each kind of object refuse arguments behind the last", function()
    each_method(function(name, object, method, most)
      local arguments = {}
      for i = 1, most do
        arguments[i] = false
      end
      arguments[most + 1] = "extra"
      local ok, message = pcall(function()
        return object[method](object, (table.unpack or unpack)(arguments)) -- luacheck: ignore
      end)
      assert.is_false(ok, name .. "." .. method)
      assert.truthy(message:find(("%s.%s: at most %d argument"):format(name, method, most), 1, true), message)
      assert.truthy(message:find "class_spec%.lua:%d+: ", message)
    end)
    assert.equal(0, #server:requests())
  end)

  it("each kind of object take nil behind the last argument", function()
    assert.is_table(sandbox:to_table(nil, nil))
  end)

  it("daytona refuse a colon in the place of a dot", function()
    assert.truthy(support.raised(function()
      return daytona:new {}
    end):find("daytona.new: call it with a dot, daytona.new{...}", 1, true))
  end)

  -- Those written by hand are written down, for plain Lua 5.1 cannot tell them.
  it("each kind of object take as many arguments as their functions have", function()
    local info = debug.getinfo(function(_, _) end, "u")
    if not info.nparams then
      return
    end
    local files = {
      client = "client", sandbox = "sandbox",
      ["sandbox.process"] = "process process/run process/session terminal/list",
      ["sandbox.fs"] = "fs fs/many fs/directory", ["sandbox.git"] = "git", ["client.snapshot"] = "snapshot",
      preview = "sandbox/preview", preview_socket = "sandbox/preview_socket",
      ["sandbox.code_interpreter"] = "interpreter", session = "process/session", command = "process/command",
      job = "process/job", pty = "terminal/connection",
      server = "testing", reader = "call/chunks", stream = "process/stream",
    }
    local classes = {
      Client = "client", sandbox_methods = "sandbox", Process = "sandbox.process", FileSystem = "sandbox.fs",
      Git = "sandbox.git", Snapshot = "client.snapshot", Preview = "preview", PreviewSocket = "preview_socket",
      CodeInterpreter = "sandbox.code_interpreter", Session = "session", Command = "command",
      Job = "job", Pty = "pty", Server = "server", Reader = "reader", Stream = "stream",
    }
    local internal = { ["reader:send"] = true, ["stream:keep"] = true, ["stream:deliver"] = true }
    local seen = {}
    for object, names in pairs(files) do
      for file in names:gmatch "%S+" do
        local source = support.read_file(("lua/daytona/%s.lua"):format(file))
        for owner, method, parameters in source:gmatch "\nfunction ([%w_]+):(%l[%w_]*)(%b())" do
          if classes[owner] == object and not internal[object .. ":" .. method] then
            local count = 0
            for _ in parameters:gmatch "[%w_]+" do
              count = count + 1
            end
            assert.equal(count, signatures[object][method], object .. ":" .. method)
            seen[object .. ":" .. method] = true
          end
        end
      end
    end
    assert.is_true(seen["sandbox.fs:upload_files"] and seen["job:wait"] and seen["client:get"])
  end)
end)

describe("a name that does not exist", function()
  local server, client, sandbox

  support.serve_faults(function(...)
    server, client = ...
    sandbox = support.sandbox(client, server, "ok-json")
  end, {})

  local function hint(object, name)
    local ok, message = pcall(function()
      return object[name]
    end)
    assert.is_false(ok, name)
    assert.truthy(message:find "class_spec%.lua:%d+: ", message)
    return message:match "%(did you mean (.*)%?%)$"
  end

  it("is told what is meant by it", function()
    for name, expected in pairs {
      exec = "sandbox.process:exec", run = "sandbox.process:run", upload = "sandbox.fs:upload_file",
      files = "sandbox.fs", refreshData = "sandbox:refresh", setAutostopInterval = "sandbox:set_auto_stop_interval",
      set_lables = "sandbox:set_labels", getWorkDir = "sandbox:get_work_dir", waitUntilStarted =
        "sandbox:wait_until_started", statte = "sandbox.state", destroy = "sandbox:delete",
    } do
      assert.equal(expected, hint(sandbox, name))
    end
    for name, expected in pairs {
      executeCommand = "sandbox.process:exec", codeRun = "sandbox.process:code_run", code = "sandbox.process:code_run",
      createPty = "sandbox.process:create_pty", executeSessionCommand = "session:exec", exce = "sandbox.process:exec",
    } do
      assert.equal(expected, hint(sandbox.process, name))
    end
    for name, expected in pairs {
      upload = "sandbox.fs:upload_file", uploadFiles = "sandbox.fs:upload_files", mkdir = "sandbox.fs:create_folder",
      list = "sandbox.fs:list_files", getFileDetails = nil, downlaod_file = "sandbox.fs:download_file",
    } do
      assert.equal(expected, hint(sandbox.fs, name))
    end
    assert.equal("client:list", hint(client, "list_sandboxes"))
    assert.equal("client:get_or_create", hint(client, "getOrCreate"))
  end)

  it("is nil where nothing is like it, for a newer server may send it", function()
    for _, name in ipairs { "no_such_field", "nvlink", "x", "queue_position", "_private" } do
      assert.is_nil(sandbox[name])
      assert.is_nil(sandbox.fs[name])
      assert.is_nil(client[name])
    end
    assert.is_nil(sandbox[1])
  end)

  it("is nil where it is data that this one lacks", function()
    local bare = client:sandbox "sb-2"
    local count = 0
    for _, row in ipairs(require("daytona.core").operations()) do
      for _, field in ipairs(row.name == "sandbox.get" and row.result.fields or {}) do
        count = count + 1
        assert.is_true(bare[field.name] == nil or field.name == "id", field.name)
      end
    end
    assert.is_true(count > 20)
    assert.is_nil(client.target)
  end)
end)

describe("a list", function()
  local server, client, sandbox

  support.serve_faults(function(...)
    server, client = ...
    sandbox = support.sandbox(client, server, "ok-json")
  end, {})

  local function refuses(message, fn, ...)
    local text = support.raised(fn, ...)
    assert.truthy(text:find(message, 1, true), text)
    assert.equal(0, #server:requests())
  end

  it("with a hole or a named key is refused wherever one is taken", function()
    local loop = require "daytona.host.loop"
    local process, testing = sandbox.process, daytona.testing
    local hole = { "a", nil, "c" }
    refuses("field 'command': list expected, got one with a hole", process.run, process, hole)
    refuses("field 'command': list expected, got one with a hole", process.start, process, hole)
    refuses("field 'command': list expected, got a table with the key 'verbose'", process.run, process,
      { "echo", verbose = true })
    refuses("field 'argv': list expected, got a table with other keys", process.code_run, process, "x",
      { argv = hole })
    refuses("field 'arguments': list expected, got a table with other keys", testing.start, { arguments = hole })
    refuses("field 'arguments': table expected, got string", testing.start, { arguments = "--as v0.190" })
    refuses("unknown option 'programm' (did you mean 'program'?)", testing.start, { programm = "x" })
    refuses("unknown option 'timeout'", testing.start, { timeout = 5 })
    refuses("options: table expected, got string", testing.start, "daytona-local")
    loop.run(function()
      local function fn() end
      local function refused(message, ...)
        local ok, text = loop.pcall(...) -- in which a task of plain 5.1 can wait
        assert.is_false(ok)
        assert.truthy(text:find(message, 1, true), text)
      end
      refused("loop.all: field 'list': list expected, got one with a hole", loop.all, { fn, nil, fn })
      refused("loop.map: field 'list': list expected, got one with a hole", loop.map, hole, fn)
      refused("loop.map: field 'list': list expected, got a table with the key 'a'", loop.map, { a = 1 }, fn)
      assert.equal(2, loop.map({ n = 2, 5, 6 }, function(x) return x end).n) -- as loop.map gives
    end)
  end)

  it("in a query is one, and no map", function()
    refuses("field 'query': key 'labels': list expected, got a table with other keys", client.request, client, "GET",
      "/x", { query = { labels = { team = "x" } } })
    refuses("field 'query': key 'ids': list expected, got a table with other keys", client.request, client, "GET",
      "/x", { query = { ids = { "a", nil, "c" } } })
  end)

  it("or a map with a metatable that gives it other contents is refused", function()
    local inherited = setmetatable({}, { __index = { ephemeral = true } })
    local proxy = setmetatable({}, { __pairs = function() return next, { A = "1" } end })
    refuses("sandbox.create: options: plain table expected", client.create, client, inherited)
    refuses("sandbox.create: options: plain table expected", client.create, client, proxy)
    refuses("process.exec: options: plain table expected", sandbox.process.exec, sandbox.process, "x", inherited)
    for _, table in ipairs { inherited, proxy } do
      refuses("field 'env': plain table expected", client.create, client, { env = table })
      refuses("field 'labels': plain table expected", client.create, client, { labels = table })
      refuses("field 'body': plain table expected", client.request, client, "POST", "/x", { body = table })
      refuses("field 'body': key 'a': item 1: plain table expected", client.request, client, "POST", "/x",
        { body = { a = { table } } })
      refuses("field 'query': plain table expected", client.request, client, "GET", "/x", { query = table })
      refuses("field 'command': plain list expected", sandbox.process.run, sandbox.process,
        setmetatable({ "a" }, getmetatable(table)))
    end
    assert.is_table(daytona.array {}) -- has a metatable that gives nothing else
  end)
end)
