-- Memory: nothing lost, nothing read that is not ours, nothing that grows.

local support = require "spec.support"

describe("memory", function()
  if support.is_sanitized() then
    return pending "figures of memory mean nothing under a sanitizer"
  end

  local server

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
  end)

  -- A child's program: `body` with `client` and `sandbox(scenario)`.
  local function program(body)
    return ([[
      local daytona = require "daytona"
      local client = assert(daytona.new {
        api_key = "k", api_url = %q, timeout = 20, max_retries = 0, max_response = 100000,
      })
      local function sandbox(scenario)
        return client:sandbox {
          id = "sb-1", state = "started", toolbox_proxy_url = %q .. scenario,
        }
      end
      local directory, RUN = %q, %q
      local function memory(field)
        local file = assert(io.open "/proc/self/status")
        local text = file:read "*a"
        file:close()
        return tonumber(text:match(field .. ":%%s*(%%d+)"))
      end
    ]]):format(server:url "/api", server:url "/fault/", support.temp_dir(),
      support.scenario("json", { body = '{"exitCode": 0, "result": "x"}' })) .. body
  end

  local function run(body)
    local output, status = support.run(support.lua_command(program(body)))
    if status ~= 0 then
      error(output, 2)
    end
    return output
  end

  local CALLS = [[
    local ok = sandbox(RUN)
    assert(ok.process:exec("true", { env = { A = "1" } }))
    for _, scenario in ipairs { "reset-in-body", "truncated-body", "invalid-json", "html-502",
      "garbage", "endless-headers", "endless-body", "error;status=404", "nul-header" } do
      local broken = sandbox(scenario)
      assert(not broken.process:exec "true")
      assert(not broken.fs:upload_file({ content = ("x"):rep(100000), name = "n" }, "p"))
      assert(broken.fs:download_file("x", directory .. "/x", { timeout = 0.1 })
        == nil or scenario == "invalid-json")
    end
    assert(sandbox "download;n=100000".fs:download_file("x", directory .. "/x"))
    assert(#assert(sandbox "download;n=90000".fs:download_file "x") == 90000)
    assert(not sandbox "stall".fs:list_files(".", { timeout = 0.2 }))
    pcall(ok.process.exec, ok.process, "ls", { nonsense = 1 })
    pcall(ok.process.exec, ok.process, "\255")
    pcall(ok.process.exec, ok.process, "ls", { env = { a = {} } })
    for sb in client:list() do print(sb) end
  ]]

  it("is clean under valgrind", function()
    if select(2, support.run "valgrind --version") ~= 0 then
      return pending "valgrind is not installed"
    elseif support.lua:find "luajit" then
      return pending "LuaJIT's own allocator and code hide from valgrind"
    end
    server:script({ path_prefix = "/api/sandbox" }, { { times = 0,
      body = '{"items": [{"id": "a", "newField": {"b": [1, null]}}], "nextCursor": null}' } })
    local command = support.lua_command(program(CALLS .. [[
      client:close()
      client, ok = nil, nil
      collectgarbage()
    ]])):gsub(support.quote(support.lua):gsub("%p", "%%%0"),
      "valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite "
      .. "--errors-for-leak-kinds=definite %0")
    local output, status = support.run(command)
    assert.equal(0, status, output)
  end)

  it("does not grow with the number of calls", function()
    local grown = tonumber(run [[
      local function round(n)
        for _ = 1, n do
          sandbox(RUN).process:exec "true"
          sandbox "error;status=404".process:exec "true"
          sandbox "reset-in-body".fs:list_files "."
        end
        collectgarbage()
        collectgarbage()
        return memory "VmRSS"
      end
      round(100)
      local before = round(100)
      io.write(round(300) - before)
    ]])
    assert.is_true(grown < 1024, grown .. " KiB more after 900 calls")
  end)

  it("does not grow with a download to a file", function()
    local grown = tonumber(run [[
      assert(sandbox "download;n=1000000".fs:download_file("x", directory .. "/x"))
      local before = memory "VmHWM"
      assert(sandbox "download;n=200000000".fs:download_file("x", directory .. "/x"))
      io.write(memory "VmHWM" - before)
    ]])
    assert.is_true(grown <= 4096, grown .. " KiB more")
  end)

  it("does not grow with an upload of a file", function()
    local grown = tonumber(run [[
      local path = directory .. "/big"
      local file = assert(io.open(path, "wb"))
      file:seek("set", 200000000 - 1)
      file:write "x"
      file:close()
      assert(not sandbox "sink;half=1;end=answer;status=500".fs:upload_file(path, "x"))
      local before = memory "VmHWM"
      sandbox "sink".fs:upload_file(path, "x")
      io.write(memory "VmHWM" - before)
    ]])
    assert.is_true(grown <= 4096, grown .. " KiB more")
    assert.is_true(server:last().body_size > 200000000)
  end)

  it("does not grow with an answer that is refused", function()
    local grown = tonumber(run [[
      assert(not sandbox "endless-body".process:exec "true")
      local before = memory "VmHWM"
      for _ = 1, 5 do
        assert(not sandbox "endless-body".process:exec "true")
        assert(not sandbox "gzip-bomb".process:exec "true")
        assert(not sandbox "big-json;size=50000000".process:exec "true")
      end
      io.write(memory "VmHWM" - before)
    ]])
    assert.is_true(grown <= 4096, grown .. " KiB more")
  end)

  it("goes back when everything is let go, closed or not", function()
    local output = run [[
      local function descriptors()
        collectgarbage()
        collectgarbage()
        local n = 0
        for _ in require "lfs".dir "/proc/self/fd" do n = n + 1 end
        return n
      end
      client:request("GET", "/x")
      client = nil
      local before = descriptors()
      for i = 1, 20 do
        local c = assert(daytona.new { api_key = "k", api_url = "http://127.0.0.1:1" })
        if i % 2 == 0 then
          c:close()
          c:close()
        end
      end
      io.write(descriptors() - before)
    ]]
    assert.equal("0", output)
  end)
end)
