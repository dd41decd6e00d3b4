-- What the allocation-failure sweep does (alloc_sweep.c).  Each scenario has
-- `setup(url, directory)`, which always gets its memory and returns a context;
-- `run(context)`, whose k-th allocation fails, for every k; and perhaps
-- `after(context)`, to show that what was there before still works.
-- `stride`: only every so many-th k, where there are thousands.

local here = debug.getinfo(1, "S").source:match "^@(.*/)"
local support = dofile(here .. "sweep_support.lua")
local must, open, works, raised = support.must, support.open, support.works, support.raised
local expect, expect_kind, scenario = support.expect, support.expect_kind, support.scenario
local stalled, failing = support.stalled, support.failing

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
    context.client._hooks = require("daytona.call.hooks").new { on_request = count, on_response = count }
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
  scenario("exec with a notifier", nil, function(context)
    local client = context.client._core
    assert(client:start_background("notifier"):find("unix:", 1, true))
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
  scenario("deadline", "half/", function(context)
    expect_kind("timeout", context.sandbox.fs:download_file("x", context.directory .. "/out.bin", { timeout = 0.01 }))
  end),
}
for _, name in ipairs { "sweep_hostile.lua", "sweep_sockets.lua" } do
  for _, other in ipairs(assert(loadfile(here .. name))(support)) do
    list[#list + 1] = other
  end
end

return list
