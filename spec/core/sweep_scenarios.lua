-- What the allocation-failure sweep does (alloc_sweep.c).  Each scenario has
-- `setup(url, directory)`, which always gets its memory and returns a context;
-- `run(context)`, whose k-th allocation fails, for every k; and perhaps
-- `after(context)`, to show that what was there before still works.
-- `stride`: only every so many-th k, where there are thousands.

local UPLOAD = ("u"):rep(5000)
local DOWNLOAD = ("x"):rep(20000)

local function write_file(path, content)
  local file = assert(io.open(path, "wb"))
  file:write(content)
  file:close()
  return path
end

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local content = file:read "*a"
  file:close()
  return content
end

--- assert, but in Lua 5.1 that of the language takes only strings as messages.
local function must(value, err)
  if value == nil then
    error(err, 0)
  end
  return value
end

--- Loads the library and makes a client and a handle whose toolbox answers as
--- `kind` says.
local function open(url, directory, kind)
  local context = { url = url, directory = directory }
  context.core = require "daytona.core"
  context.daytona = require "daytona"
  context.client = must(context.daytona.new {
    api_key = "sweep-secret", api_url = url .. "/api", timeout = 10, max_retries = 0,
  })
  context.sandbox = context.client:sandbox {
    id = "one", state = "started", toolbox_proxy_url = url .. "/" .. (kind or "t"),
  }
  assert(context.sandbox.process and context.sandbox.fs and context.sandbox.git)
  require "daytona.sandbox.wait"
  require "daytona.sandbox.creation" -- what a create loads is not what it allocates
  return context
end

--- Nothing is left of what failed, and the next call works.
local function works(context)
  collectgarbage()
  collectgarbage()
  assert(context.client._core:live() == 0, "a transfer is still live")
  local sandbox = context.client:sandbox { id = "one", toolbox_proxy_url = context.url .. "/t" }
  assert(must(sandbox.process:exec "true").result == "h\195\169llo\n")
end

--- The error that `f` raises; one for lack of memory is passed on.
local function raised(f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "nothing was raised")
  if tostring(message):find("not enough memory", 1, true) then
    error(message, 0)
  end
  return message
end

local function expect(text, message)
  if not tostring(message):find(text, 1, true) then
    error(("expected '%s' in '%s'"):format(text, tostring(message)), 0)
  end
end

--- Another error than the one that is due is passed on: it may tell of the lack
--- of memory.
local function expect_kind(kind, value, err)
  assert(value == nil, "it did not fail")
  if err.kind ~= kind then
    error(err, 0)
  end
end

--- A scenario of the whole library against a toolbox of that kind.
local function scenario(name, kind, run)
  return {
    name = name,
    setup = function(url, directory)
      return open(url, directory, kind)
    end,
    run = run,
    after = works,
  }
end

--- A request under way that will not be answered.
local function stalled(context)
  local request = context.client._core:send("process.exec", { command = "x" }, context.sandbox, 10)
  for _ = 1, 3 do
    if request:step(0.001) then
      expect_kind("none", request:result())
    end
  end
  return request
end

local function failing(kind)
  return function(context)
    local value, err = context.sandbox.process:exec "x"
    expect_kind(kind, value, err)
    assert(err.operation == "process.exec" and #tostring(err) > 10)
    assert(not tostring(err.body):find("sweep-secret", 1, true), "the key shows")
  end
end

--- Calls `f` when the collector takes what is not kept.
local function at_collection(f)
  if newproxy then
    getmetatable(newproxy(true)).__gc = f
  else
    setmetatable({}, { __gc = f })
  end
end

--- Arguments that nobody should give, as a function for each.
local function hostile_values(context)
  local nested, cycle = {}, {}
  cycle.cycle = cycle
  local inner = nested
  for _ = 1, 300 do
    inner[1] = {}
    inner = inner[1]
  end
  return {
    true, 0 / 0, 1 / 0, -1, 2 ^ 63, 1.5, "", "\0", "\r\n", "\255", "process.exec", "daytona.new", "%s%n", nested, cycle,
    { [{}] = 1 }, { 1, nil, 3 }, { command = nested }, { path = "/" }, { sandbox_id = 1 / 0 }, print, io.stdout,
    context.core.null, context.core.array {}, context.client, context.client._core, context.sandbox,
    setmetatable({}, { __index = error, __len = error, __tostring = error }),
    coroutine.create(function() end), stalled(context), stalled(context),
  }
end

local UNTOUCHED = { terminal = true, sandbox_methods = true, set_library = true, error_metatable = true, pause = true }

--- Every function of the core and every method of its objects.
local function core_functions(context)
  local functions = {}
  for name, f in pairs(context.core) do
    if type(f) == "function" and not UNTOUCHED[name] then
      functions[#functions + 1] = f
    end
  end
  for _, object in ipairs { context.client._core, context.sandbox, stalled(context) } do
    for name, f in pairs(debug.getmetatable(object)) do
      if type(f) == "function" and name ~= "__gc" then
        functions[#functions + 1] = f
      elseif type(f) == "table" then
        for _, method in pairs(f) do
          functions[#functions + 1] = method
        end
      end
    end
  end
  return functions
end

local list = {
  {
    name = "core",
    setup = function(url)
      require "cjson"
      return url
    end,
    run = function(url)
      local core = require "daytona.core"
      local client = core.client {
        api_url = url, token = "t", connect_timeout = 1, max_response = 1000, user_agent = "u",
        source = "s", sdk_version = "v", organization_id = "o",
      }
      assert(tostring(client):find(url, 1, true))
      client:own {}
      client:close()
      client:close()
      assert(core.is_sandbox(client) == false)
      assert(core.error_metatable() == core.error_metatable())
    end,
  },
  {
    name = "operations",
    stride = 101,
    setup = function()
      return require "daytona.core"
    end,
    run = function(core)
      assert(#core.operations() > 20)
    end,
  },
  {
    name = "library",
    stride = 101,
    setup = function(url)
      return url
    end,
    run = function(url)
      local daytona = require "daytona"
      local client = must(daytona.new { api_key = "k", api_url = url })
      assert(tostring(client):find(url, 1, true))
      client:close()
    end,
  },
  scenario("exec", nil, function(context)
    local result = must(context.sandbox.process:exec("echo", { cwd = "/", env = { A = "\"\n\1" }, timeout = 5 }))
    assert(result.exit_code == 0 and result.result == "h\195\169llo\n")
  end),
  scenario("watched exec", nil, function(context)
    local seen = 0
    local function count(event)
      seen = seen + (event.path and 1 or 0)
    end
    context.client._watch = require("daytona.call.hooks").new { on_request = count, on_response = count }
    assert(must(context.sandbox.process:exec("echo")).exit_code == 0)
    assert(seen == 2)
  end),
  scenario("code_run", nil, function(context)
    local result = must(context.sandbox.process:code_run("1", { argv = { "a", "b" }, language = "python" }))
    assert(result.charts[1].elements[1].points[2][2] == 4.5)
  end),
  scenario("exec in the background", nil, function(context)
    local client = context.client._core
    client:start_background()
    local request = must(client:send("process.exec", { command = "echo" }, context.sandbox, 10))
    while not request:step(1) do end -- luacheck: ignore
    assert(client:announced() == request:number())
    assert(must(request:result()).exit_code == 0)
  end),
  scenario("exec with a bell", nil, function(context)
    local client = context.client._core
    assert(client:start_background("bell"):find("unix:", 1, true))
    local request = must(client:send("process.exec", { command = "echo" }, context.sandbox, 10))
    while not request:step(1) do end -- luacheck: ignore
    assert(must(request:result()).exit_code == 0)
  end),
  scenario("error envelope", "e404/", function(context)
    local value, err = context.sandbox.process:exec "x"
    expect_kind("not_found", value, err)
    if not err.code then
      error(err, 0) -- the body was lost
    end
    assert(err.code == "X_NOT_FOUND" and err.message == "no such thing, here" and err.request_id == "r-1", err.message)
  end),
  scenario("error text with the key in it", "e500/", failing "server"),
  scenario("invalid JSON", "invalid/", failing "protocol"),
  scenario("senseless JSON", "senseless/", failing "protocol"),
  {
    name = "connection refused",
    setup = function(_, directory)
      return open("http://127.0.0.1:1", directory)
    end,
    run = failing "connection",
  },
  scenario("download to memory", nil, function(context)
    assert(must(context.sandbox.fs:download_file "f") == DOWNLOAD)
  end),
  {
    name = "download to a file",
    setup = function(url, directory)
      local context = open(url, directory)
      context.path = write_file(directory .. "/out.bin", "old")
      return context
    end,
    run = function(context)
      assert(must(context.sandbox.fs:download_file("f", context.path)).bytes == #DOWNLOAD)
      assert(read_file(context.path) == DOWNLOAD)
    end,
    after = function(context)
      works(context)
      local content = read_file(context.path)
      assert(content == "old" or content == DOWNLOAD, "the old file was touched")
    end,
  },
  scenario("upload of a string", nil, function(context)
    assert(must(context.sandbox.fs:upload_file({ content = UPLOAD, name = "n" }, "d/")).bytes == 5000)
  end),
  scenario("upload of a bare body", nil, function(context)
    assert(must(context.sandbox.fs:upload_file({ content = UPLOAD }, "blank ")).bytes == 5000)
  end),
  {
    name = "upload of a file",
    setup = function(url, directory)
      local context = open(url, directory)
      context.path = write_file(directory .. "/source.bin", UPLOAD)
      return context
    end,
    run = function(context)
      assert(must(context.sandbox.fs:upload_file(context.path, "d/")).bytes == 5000)
    end,
    after = works,
  },
  {
    name = "files beneath a directory",
    setup = function(url, directory)
      local context = open(url, directory)
      write_file(directory .. "/source.bin", UPLOAD)
      return context
    end,
    run = function(context)
      local core, fs, beneath = context.core, context.sandbox.fs, context.directory
      assert(must(core.make_dir(beneath)) == false)
      must(core.set_mode(beneath, "source.bin", 384))
      assert(#must(core.scan_dir(beneath, ".")) >= 1)
      assert(must(core.file_info("source.bin", beneath)).size == #UPLOAD)
      assert(must(fs:upload_file("source.bin", "p", { beneath = beneath })).bytes == 5000)
      assert(must(fs:download_file("f", "out.bin", { beneath = beneath })).bytes == #DOWNLOAD)
      expect_kind("file", fs:download_file("f", "../out.bin", { beneath = beneath }))
    end,
    after = works,
  },
  scenario("upload of chunks", nil, function(context)
    local given = 0
    local source = {
      read = function()
        given = given + 1
        return given <= 5 and UPLOAD:sub(1, 1000) or nil
      end,
    }
    assert(must(context.sandbox.fs:upload_file(source, "p")).bytes == 5000)
  end),
  scenario("files that are not there", nil, function(context)
    local fs, directory = context.sandbox.fs, context.directory
    expect_kind("file", fs:upload_file(directory .. "/nothing", "p"))
    expect_kind("file", fs:download_file("p", directory .. "/none/x"))
    expect_kind("file", fs:download_file("p", directory))
  end),
  scenario("list of files", nil, function(context)
    local files = must(context.sandbox.fs:list_files("d", { depth = 2 }))
    assert(#files == 2 and files[2].is_dir and files[1].size == 12)
  end),
  scenario("page of handles", nil, function(context)
    local page = must(context.client:list_page { labels = { a = "b" }, states = { "started", "stopped" }, limit = 2 })
    assert(#page.items == 2 and page.next_cursor == nil)
    assert(page.items[1].labels.a == "b" and page.items[2].new_field.inner_field[3] == "x")
    assert(page.items[1] ~= page.items[2])
  end),
  scenario("handle", nil, function(context)
    local sandbox = must(context.client:get "one")
    assert(sandbox == context.sandbox and sandbox.id == "one" and sandbox.cpu == 1.5)
    assert(tostring(sandbox) == "daytona.sandbox one (started)", tostring(sandbox))
    assert(sandbox.process == sandbox.process and sandbox.git and sandbox.fs and sandbox.nothing == nil)
    assert(sandbox:to_table().auto_stop_interval == 15 and #sandbox.volumes == 0)
    require("daytona.call.toolbox").update(sandbox, { toolbox_proxy_url = context.url .. ("/t"):rep(300), id = "two" })
    assert(sandbox.id == "two")
    expect("read-only", raised(function()
      sandbox.id = 1
    end))
  end),
  scenario("create", nil, function(context)
    local sandbox = must(context.client:create {
      language = "python", env = { A = "1", B = "2" }, labels = { c = "d" }, cpu = 2, wait = false,
      volumes = { { volume_id = "v", mount_path = "/m" } }, secrets = { X = "y" }, gpu_type = { "a" },
    })
    assert(sandbox.id == "one")
  end),
  scenario("free request", nil, function(context)
    local answer = must(context.client:request("POST", "/free/x", {
      query = { a = { 1, "b c", true }, d = 2.5 },
      headers = { ["X-One"] = "1", ["Accept"] = "", ["User-Agent"] = "z" },
      body = { list = context.daytona.array {}, map = {}, deep = { { 1, 2.5, context.daytona.null } }, s = "x\n" },
    }))
    assert(answer.camelCase[3].x == 2.5 and answer.t)
    assert(#must(context.client:request("PUT", "/free/x", { body = "text", raw = true })) > 10)
  end),
  scenario("misuse", nil, function(context)
    local process = context.sandbox.process
    expect("(did you mean 'timeout'?)", raised(process.exec, process, "x", { tiemout = 1 }))
    expect("field 'timeout': integer expected, got string", raised(process.exec, process, "x", { timeout = "x" }))
    expect("field 'env': key 'a': string expected, got table", raised(process.exec, process, "x", { env = { a = {} } }))
    expect("not valid UTF-8", raised(process.exec, process, "\255"))
    expect("key 'b': item 2: a function cannot be JSON",
      raised(context.client.request, context.client, "POST", "/x", { body = { b = { 1, print } } }))
    expect("must be escaped", raised(context.client.request, context.client, "GET", "/x y"))
    expect("no header name",
      raised(context.client.request, context.client, "GET", "/x", { headers = { ["a b"] = "" } }))
    expect("'..' cannot be an id", raised(context.client.get, context.client, ".."))
    expect("no such operation", raised(context.core.check, "nothing", {}))
  end),
  scenario("cancel", "stall/", function(context)
    local request = stalled(context)
    request:cancel()
    assert(tostring(request):find "cancelled")
    expect_kind("cancelled", request:result())
    request:close()
    assert(tostring(request):find "closed" and request:done())
  end),
  scenario("request collected under way", "stall/", function(context)
    for _ = 1, 3 do
      stalled(context)
    end
    collectgarbage()
    collectgarbage()
    assert(context.client._core:live() == 0)
  end),
  {
    name = "client closed under way",
    setup = function(url, directory)
      return open(url, directory, "stall/")
    end,
    run = function(context)
      local requests = { stalled(context), stalled(context), stalled(context) }
      context.client:close()
      for _, request in ipairs(requests) do
        assert(request:done())
        expect_kind("cancelled", request:result())
      end
      expect("client is closed", raised(context.client.get, context.client, "x"))
    end,
  },
  {
    name = "state closed under way",
    setup = function(url, directory)
      local context = open(url, directory, "half/")
      context.path = directory .. "/out.bin"
      return context
    end,
    run = function(context)
      for i = 1, 2 do
        local request, err = context.client._core:send("fs.download_file",
          { path = "x", destination = i == 1 and context.path or nil }, context.sandbox, 10)
        if not request then
          error(err, 0)
        end
        context[i] = request
        while select(2, request:progress()) == 0 do
          if request:step(0.25) then
            expect_kind("none", request:result())
          end
        end
      end
    end,
  },
  {
    name = "hostile arguments",
    stride = 29989,
    setup = function(url, directory)
      local context = open(url, directory, "stall/")
      context.values, context.functions = hostile_values(context), core_functions(context)
      return context
    end,
    run = function(context)
      local values, count = context.values, #context.values
      for f = 1, #context.functions do
        for i = 1, count do
          pcall(context.functions[f], values[i], values[(i * 7 + f) % count + 1], values[(i * 3 + f) % count + 1])
        end
      end
    end,
  },
  {
    name = "finalizers that use the client",
    stride = 5,
    setup = function(url, directory)
      local context = open(url, directory)
      context.env = {}
      for i = 1, 20 do
        context.env["name" .. i] = ("v"):rep(i * 10)
      end
      return context
    end,
    run = function(context)
      local client = context.client._core
      collectgarbage("setpause", 0)
      collectgarbage("setstepmul", 5000)
      local function act()
        local sent, request = pcall(client.send, client, "sandbox.create", { env = context.env })
        if sent then
          request:close()
        end
      end
      for _ = 1, 3 do
        for _ = 1, 3 do
          at_collection(act)
        end
        local result = must(context.sandbox.process:exec("x", { env = context.env }))
        assert(result.result == "h\195\169llo\n", "another request was sent")
      end
      at_collection(function()
        context.client:close()
      end)
      pcall(client.send, client, "process.exec", { command = "x", env = context.env }, context.sandbox)
    end,
  },
  scenario("deadline", "half/", function(context)
    expect_kind("timeout", context.sandbox.fs:download_file("x", context.directory .. "/out.bin", { timeout = 0.01 }))
  end),
}
local here = debug.getinfo(1, "S").source:match "^@(.*/)"
for _, other in ipairs(dofile(here .. "sweep_sockets.lua")(scenario, must, raised, expect, expect_kind)) do
  list[#list + 1] = other
end

return list
