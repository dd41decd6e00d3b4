-- The host uv inside a real Neovim.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

-- Neovim is a Lua of its own, so once is enough.
if _VERSION ~= "Lua 5.4" then
  return
end

describe("Neovim", function()
  local server, sandbox, directory

  e2e.serve(function(made, _, its_server)
    sandbox, server = made, its_server
    directory = support.temp_dir()
  end)

  -- Runs Neovim with a Lua file (`first` comes before the library is loaded)
  -- and then the command `last`; gives what it printed and its exit status.
  local function nvim(body, last, first)
    return support.nvim((first or "") .. ([[
      local daytona = require "daytona"
      local host = require "daytona.host.uv"
      local client = assert(daytona.new { api_url = %q, api_key = %q, host = host })
      local id = %q
      %s
    ]]):format(server.api_url, server.api_key, sandbox.id, body), last, 20, {
      DAYTONA_API_URL = server.api_url, DAYTONA_API_KEY = server.api_key,
    })
  end

  it("has a null that is JSON's, whether lua-cjson or Neovim reads the JSON", function()
    for _, first in ipairs { "", "package.preload.cjson = function() error 'hidden' end " } do
      local output, status = nvim([[
        local core = require "daytona.core"
        io.write(core.encode("x", { a = vim.NIL }), core.encode("x", vim.json.decode '{"b":null}'),
          tostring(core.decode('{"c":null}').c))
      ]], "qa!", first)
      assert.equal(0, status, output)
      assert.equal('{"a":null}{"b":null}nil', output)
    end
  end)

  it("stays alive during a call, and results may use its API", function()
    local output, status = nvim [[
      local ticks, loop = 0, vim.loop
      local timer = loop.new_timer()
      timer:start(10, 10, function() ticks = ticks + 1 end)
      host.run(function()
        local before = ticks
        local box = assert(client:get(id))
        local answer = assert(box.process:exec "sleep 3; echo done")
        assert(not vim.in_fast_event())
        vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split(answer.result, "\n"))
        io.write(vim.api.nvim_buf_get_lines(0, 0, 1, false)[1], " ", ticks - before)
        vim.cmd "qa!"
      end)
    ]]
    assert.equal(0, status, output)
    local answer, ticks = output:match "^(%a+) (%d+)$"
    assert.equal("done", answer, output)
    -- Of 300; 250 on a quiet machine is the promise, this one may be busy.
    assert.is_true(tonumber(ticks) >= 200, output)
  end)

  it("runs many calls at once", function()
    local output, status = nvim [[
      local done = 0
      for i = 1, 20 do
        host.spawn(function()
          local box = client:sandbox(id)
          assert(box:refresh())
          local answer = assert(box.process:exec("sleep 0.2; echo " .. i))
          assert(tonumber(answer.result) == i)
          done = done + 1
        end)
      end
      assert(vim.wait(20000, function() return done == 20 end, 5))
      io.write(done)
      vim.cmd "qa!"
    ]]
    assert.equal(0, status, output)
    assert.equal("20", output)
  end)

  it("says what to do outside a coroutine", function()
    local output = nvim([[
      local ok, message = pcall(client.get, client, id)
      assert(not ok)
      io.write(message)
    ]], "qa!")
    assert.truthy(output:find(":%d+: daytona%.host%.uv: a call has to be made in a coroutine"), output)
  end)

  it("shows an error in a task, and goes on", function()
    local output, status = nvim [[
      host.run(function()
        host.sleep(0.01)
        vim.schedule(function() vim.cmd "qa!" end)
        error "broken on purpose"
      end)
    ]]
    assert.equal(0, status, output)
    assert.truthy(output:find("broken on purpose", 1, true), output)
  end)

  it("can be left in the middle of a transfer", function()
    for _, leave in ipairs { "qa!", "sleep 100m | qa!" } do
      local seconds, output, status = support.timed(nvim, [[
        for _ = 1, 3 do
          host.run(function()
            local box = assert(client:get(id))
            box.process:exec "sleep 30"
          end)
        end
      ]], leave)
      assert.equal(0, status, output)
      assert.equal("", output)
      assert.is_true(seconds < 5, seconds)
    end
  end)

  it("adds one command for its end, however often it is loaded, and ends the calls of all", function()
    local seconds, output, status = support.timed(nvim, [[
      local function reload()
        package.loaded["daytona.host.uv"] = nil
        host = require "daytona.host.uv"
      end
      for _ = 1, 3 do
        host.run(function()
          local box = assert(require("daytona").new { host = host }:get(id))
          box.process:exec "sleep 30"
        end)
        reload()
      end
      io.write(#vim.api.nvim_get_autocmds { event = "VimLeavePre" })
      vim.defer_fn(function() vim.cmd "qa!" end, 100)
    ]])
    assert.equal(0, status, output)
    assert.equal("1", output)
    assert.is_true(seconds < 15, seconds)
  end)

  it("serves libraries that call back, whose continuations may use its API", function()
    local output, status = nvim [[
      local get = host.callbackify(function(what)
        return client:get(what)
      end)
      get(id, function(box)
        assert(not vim.in_fast_event())
        vim.api.nvim_buf_set_lines(0, 0, -1, false, { box.id })
        get("no-such-sandbox", function(nothing, err)
          io.write(tostring(vim.api.nvim_buf_get_lines(0, 0, 1, false)[1] == id), tostring(nothing), err.kind)
          vim.cmd "qa!"
        end)
      end)
    ]]
    assert.equal(0, status, output)
    assert.equal("truenilnot_found", output)
  end)

  it("needs no cjson: its own vim.json serves", function()
    local output, status = nvim([[
      host.run(function()
        local answer = assert(client:request("POST", "/sandbox", { body = { labels = { a = "b" }, cpu = vim.NIL } }))
        assert(answer.labels.a == "b")
        local box = assert(client:sandbox(answer.id))
        assert(box:refresh())
        for name, value in pairs(box:to_table()) do
          assert(value ~= vim.NIL, name)
        end
        assert(box:delete())
        io.write(type(package.loaded.cjson) == "table" and "cjson" or "vim.json")
        vim.cmd "qa!"
      end)
    ]], nil, "package.preload.cjson = function() error 'there is none' end\n")
    assert.equal(0, status, output)
    assert.equal("vim.json", output)
  end)

  it("runs the example: a buffer in a sandbox, its output in a split", function()
    local code = support.write_file(directory .. "/code.py",
      "import time\nfor i in range(3):\n    print('line', i)\n    time.sleep(0.1)\n")
    local output, status = nvim(([[
      dofile %q
      vim.cmd %q
      vim.bo.filetype = "python"
      local window = vim.api.nvim_get_current_win()
      vim.cmd "DaytonaRun"
      assert(vim.api.nvim_get_current_win() == window)
      local split = vim.fn.winbufnr(vim.fn.winnr "$")
      local function text()
        return table.concat(vim.api.nvim_buf_get_lines(split, 0, -1, false), "|")
      end
      assert(text() == "running ...", text())
      assert(vim.wait(20000, function() return text() ~= "running ..." end, 5))
      io.write(text())
      vim.cmd "qa!"
    ]]):format(support.root .. "/examples/nvim_run.lua", "edit " .. code))
    assert.equal(0, status, output)
    assert.truthy(output:find("line 0|line 1|line 2|[exit code 0]", 1, true), output)
  end)

  it("opens a terminal of a sandbox in a buffer", function()
    local output, status = nvim(([[
      vim.cmd "luafile %s/examples/nvim_run.lua"
      vim.cmd("DaytonaTerminal " .. id)
      local function screen()
        return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
      end
      local function await(text)
        for _ = 1, 800 do
          if screen():find(text, 1, true) then
            return
          end
          host.sleep(0.01)
        end
        io.write("no ", text, " in: ", screen())
        vim.cmd "cquit"
      end
      host.run(function()
        await "$"
        vim.api.nvim_input "iecho rea''dy; exit 7<CR>"
        await "ready"
        await "[exit code 7]"
        io.write "good"
        vim.cmd "qa!"
      end)
    ]]):format(support.root))
    assert.truthy(output:find "good$", output)
    assert.equal(0, status)
  end)
end)
