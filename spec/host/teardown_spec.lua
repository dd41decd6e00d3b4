-- A host that ends in the middle of everything: calls, uploads, downloads,
-- creates, waits and naps under way.  Each in a process of its own, which has
-- to end soon, in silence, and without half-written files.

local support = require "spec.support" -- first: it looks after luv

-- Starts everything on `client`, each by spawn(fn).  The scenarios never end.
local EVERYTHING = [[
  local daytona, host = require "daytona", require "daytona.host.%s"
  local client = assert(daytona.new { api_key = "k", api_url = %q, host = host })
  local directory = %q
  local errors, pcall = {}, require("daytona.call.protected").pcall
  local function everything(spawn)
    local function toolbox(scenario)
      return client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = %q .. scenario }
    end
    local function start(fn)
      spawn(function()
        local ok, value, err = pcall(fn)
        errors[#errors + 1] = not ok and "raised " .. tostring(value) or err and err.kind or "none"
      end)
    end
    for i = 1, 4 do
      start(function() return toolbox(i %% 2 == 0 and "stall" or "slow-drip;milliseconds=1").process:exec "true" end)
    end
    start(function()
      return toolbox "download;n=3000000000;milliseconds=5".fs:download_file("x", directory .. "/down")
    end)
    start(function() return toolbox "endless-body;milliseconds=5".fs:download_file("x", directory .. "/other") end)
    start(function() return toolbox "stall".fs:upload_file(directory .. "/up", "x") end)
    start(function() return toolbox "stall".fs:upload_files { { source = directory .. "/up", destination = "x" } } end)
    start(function()
      return toolbox "sink".fs:upload_file(function()
        host.sleep(0.001)
        return ("x"):rep(1000)
      end, "x")
    end)
    start(function()
      local reader, failure = toolbox "download;n=3000000000".fs:read_file("x", { chunk_size = 10000 })
      if reader then
        local chunk
        chunk, failure = reader:read()
        reader = chunk and reader
      end
      if not reader then
        return nil, failure
      end
      host.sleep(60) -- while it is there for who wants more
      return reader:read()
    end)
    start(function() return client:create { timeout = 60 } end)
    start(function() return client:with_sandbox({ timeout = 60 }, function() end) end)
    start(function() return toolbox "retry;n=100;retry_after=30".fs:list_files(".", { timeout = 60 }) end)
    start(function() return host.sleep(60) end)
  end
]]

-- What runs it, for 0.2 s, and then does END.
local LOOP = [[
  local ok, message = pcall(host.run, function()
    everything(host.spawn)
    host.sleep(0.2)
    END
  end)
  %s
]]
local UV = [[
  local luv = require "luv"
  everything(host.spawn)
  local timer = luv.new_timer()
  timer:start(200, 0, function() END end)
  luv.run()
  %s
]]

local LEFT = [[
  assert(not ok and message:find("broken on purpose", 1, true), message)
  assert(#errors >= 13, #errors)
  for _, kind in ipairs(errors) do
    assert(kind == "cancelled" or kind == "none", kind) -- "none": it had its result
  end
  collectgarbage() -- the reader that nobody closed
  collectgarbage()
  assert(client._core:live() == 0)
]]

local endings = {
  { "loop", LOOP, 'error "broken on purpose"', LEFT },
  { "loop", LOOP, 'error "broken on purpose"', "client:close()" },
  { "loop", LOOP, 'client:close() error "broken on purpose"', "" },
  { "loop", LOOP, "return", "" },
  { "loop", LOOP, "os.exit(0, true)", "" },
  { "uv", UV, "timer:close() luv.stop()", "" }, -- the state is closed with calls under way
  -- (Debian's luv 1.44 crashes when a state is closed with handles half closed.)
  { "uv", UV, "timer:close() luv.stop()", "host.close() luv.run 'nowait'" },
  { "uv", UV, "timer:close() luv.stop()", "client = nil collectgarbage() collectgarbage()" },
  { "uv", UV, "client:close() luv.stop()", "" },
  { "uv", UV, "luv.walk(function(handle) if not handle:is_closing() then handle:close() end end) luv.stop()", "" },
  { "uv", UV, "timer:close() luv.stop()", "os.exit(0, true)" },
}

describe("torn down in the middle of everything,", function()
  local server, directory

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
    server:script({ path_prefix = "/api/sandbox" }, { { body = '{"id": "sb-1", "state": "creating"}', times = 0 } })
    directory = support.temp_dir()
    support.make_sparse(directory .. "/up", 30000000)
  end)

  after_each(support.cleanup)

  local function everything(host)
    return EVERYTHING:format(host, server:url "/api", directory, server:url "/fault/")
  end

  for _, case in ipairs(endings) do
    local host, body, ending, after = case[1], case[2], case[3], case[4]
    it(("host %s: %s, %s"):format(host, ending, after), function()
      local code = everything(host) .. body:format(after):gsub("END", function() return ending end)
      local seconds, output, status = support.timed(support.run, "timeout 30 " .. support.lua_command(code))
      assert.equal("", output)
      assert.equal(0, status)
      assert.is_true(seconds < 20, seconds)
      if not (ending .. after):find "os.exit" then -- Lua 5.1 then runs no finalizer
        assert.same({ "up" }, support.files_under(directory))
      end
    end)
  end

  if _VERSION == "Lua 5.4" then -- Neovim is a Lua of its own, so once is enough
    it("Neovim: qa!", function()
      local code = everything "uv" .. [[
        everything(host.spawn)
        vim.defer_fn(function() vim.cmd "qa!" end, 200)
      ]]
      local seconds, output, status = support.timed(support.nvim, code, nil, 30)
      assert.equal("", output)
      assert.equal(0, status)
      assert.is_true(seconds < 20, seconds)
      assert.same({ "up" }, support.files_under(directory))
    end)
  end
end)
