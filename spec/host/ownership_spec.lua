-- Whatever ends a call before it has handed over what it made: random moments of
-- cancelling, hooks that raise and Ctrl-C, in every host, leave nothing behind.

local support = require "spec.support" -- first: it looks after luv
local core = require "daytona.core"
local e2e = require "spec.support.e2e"
local loop = require "daytona.host.loop"
local luv = require "luv"
local nginx = require "spec.support.nginx"
local ownership = require "spec.support.ownership"
local plain = require "daytona.host.plain"
local uv = require "daytona.host.uv"

local check = e2e.check
local FEW = _VERSION == "Lua 5.1" -- together more than 300 with Lua 5.4, half as many with the others
local SEED = tonumber(os.getenv "OWNERSHIP_SEED") or 20

local hosts = {
  { name = "plain", host = plain, run = function(fn) fn() end },
  { name = "loop", host = loop, run = loop.run },
  { name = "uv", host = uv, run = function(fn)
    uv.run(fn)
    luv.run()
  end },
}

describe("what a call makes is not left behind:", function()
  local server, client, sandbox

  e2e.serve(function(...)
    sandbox, client, server = ...
    check(sandbox.process:exec "mkdir -p owned")
  end)

  local function nothing_left(handed, what)
    for _, one in ipairs(handed) do
      ownership.settle(client, sandbox, one)
    end
    local left
    local ok = pcall(support.eventually, function()
      left = ownership.left(client, sandbox)
      return #left == 0
    end, 3)
    assert.is_true(ok, (what or "") .. ": " .. table.concat(left, ", "))
  end

  local function handle(by)
    return by:sandbox(sandbox:to_table())
  end

  for _, case in ipairs(hosts) do
    it("hooks that raise, " .. case.name, function()
      local handed = {}
      for index, hook in ipairs { "on_request", "on_response" } do
        for _, name in ipairs(ownership.names) do
          for at = 1, 3, FEW and 2 or 1 do
            local count = 0
            local options = { host = case.host }
            options[hook] = function()
              count = count + 1
              if count == at or (index == 1 and at == 3 and count > at) then
                error("hook", 0)
              end
            end
            local mine = check(server:client(options))
            case.run(function()
              local ok, result = require("daytona.call.protected").pcall(ownership[name], mine, handle(mine))
              handed[#handed + 1] = ok and result or nil
            end)
            mine:close()
          end
        end
      end
      nothing_left(handed)
    end)
  end

  for _, case in ipairs { hosts[2], hosts[3] } do
    it("cancelled tasks, " .. case.name, function()
      local mine, handed, done = check(server:client { host = case.host }), nil, false
      case.run(function()
        local host = setmetatable({}, { __index = case.host })
        if case.host == loop then
          function host.begun(task) return not (task.has_ended and task.fn == nil and task.results.n == 2
            and task.results[2] and task.results[2].operation == "loop.spawn") end
        end
        handed = ownership.cancel(host, mine, handle(mine), SEED, FEW and 24 or 48)
        done = true
      end)
      assert.is_true(done)
      mine:close()
      nothing_left(handed, "seed " .. SEED)
    end)
  end

  local CHILD = [[
    local daytona, ownership = require "daytona", require "spec.support.ownership"
    local client = assert(daytona.new { api_url = %q, api_key = %q, host = require "daytona.host.%s" })
    local sandbox = client:sandbox(require("cjson").new().decode(%q))
    local stat = assert(io.open "/proc/self/stat")
    io.stdout:write(stat:read "*l":match "^%%d+", "\n")
    io.stdout:flush()
    local handed
    local function work() handed = ownership.%s(client, sandbox) end
    local ok, problem = pcall(%s)
    io.stdout:write(handed and handed.kind .. " " .. handed.id or "nothing", "\n")
    io.stdout:flush()
    io.stdout:write(ok and "" or tostring(problem), "\n")
  ]]

  for _, case in ipairs { { "plain", "work" }, { "loop", "client.host.run, work" } } do
    it("Ctrl-C, " .. case[1], function()
      local random, interrupted = ownership.random(SEED), 0
      local fields = support.json.encode(sandbox:to_table())
      for index = 1, FEW and 8 or 16 do
        local name = ownership.names[index % #ownership.names + 1]
        local child = assert(io.popen(support.lua_command(
          CHILD:format(server.api_url, server.api_key, case[1], fields, name, case[2])) .. " 2>&1"))
        local pid = assert(tonumber(child:read "*l"))
        core.pause(random() * ownership.seconds[name])
        os.execute(("kill -INT %d 2>/dev/null"):format(pid))
        local text = child:read "*a"
        child:close()
        local kind, id = text:match "^(%l+) (%S+)\n"
        interrupted = interrupted + (text:find("interrupted!", 1, true) and 1 or 0)
        if not text:find "\n" then -- the signal came when it was over, before it could say what it has
          ownership.clear(client, sandbox)
        end
        nothing_left({ kind and { kind = kind, id = id } }, name .. " " .. text)
      end
      assert.is_true(interrupted > 0)
    end)
  end

  if _VERSION == "Lua 5.4" then
    local IN_HOST = [[
      local ownership = require "spec.support.ownership"
      local daytona = require "daytona"
      local client = assert(daytona.new { api_url = %q, api_key = %q, host = require "daytona.host.%s" })
      local sandbox = client:sandbox(require("cjson").new().decode(%q))
    ]]

    it("cancelled tasks, Neovim", function()
      local code = IN_HOST:format(server.api_url, server.api_key, "uv", support.json.encode(sandbox:to_table())) .. [[
        local done, handed
        client.host.run(function()
          handed = ownership.cancel(client.host, client, sandbox, 7, 24)
          done = true
        end)
        vim.wait(60000, function() return done end, 5)
        for _, one in ipairs(handed or {}) do io.stdout:write(one.kind, " ", one.id, "\n") end
        io.stdout:write(done and "done" or "late", "\n")
      ]]
      local output = support.nvim(code, "qa!", 100)
      assert.truthy(output:find "done", output)
      local handed = {}
      for kind, id in output:gmatch "(%l+) (%S+)\r?\n" do
        handed[#handed + 1] = { kind = kind, id = id }
      end
      nothing_left(handed, output)
    end)

    it("Neovim that leaves in the middle of everything", function()
      local code = IN_HOST:format(server.api_url, server.api_key, "uv", support.json.encode(sandbox:to_table())) .. [[
        local function task(fn) client.host.run(function() pcall(fn) end) end
        task(function()
          client:with_sandbox({ labels = { owned = "yes" } }, function(made) made.process:exec "sleep 60" end)
        end)
        task(function() sandbox.process:run "sleep 60" end)
        vim.wait(%d)
      ]]
      for _, milliseconds in ipairs { 5, 20, 200 } do
        support.nvim((code:gsub("%%d", milliseconds)), "qa!", 100)
        nothing_left({}, "after " .. milliseconds .. " ms")
      end
    end)

    it("cancelled tasks, nginx", function()
      local app = IN_HOST:format(server.api_url, server.api_key, "ngx", support.json.encode(sandbox:to_table())) .. [[
        local app = {}
        function app.cancel() return ownership.cancel(client.host, client, sandbox, 9, 24) end
        return app
      ]]
      local mine = nginx.start {
        modules = { app = app, ["spec.support.ownership"] = support.read_file "spec/support/ownership.lua" },
        locations = [[location = /cancel { content_by_lua_block {
          local handed = require("app").cancel()
          for _, one in ipairs(handed) do ngx.say(one.kind, " ", one.id) end
          ngx.say("done")
        } }]],
      }
      local output = mine:get "/cancel"
      assert.truthy(output:find "done", output)
      local handed = {}
      for kind, id in output:gmatch "(%l+) (%S+)\n" do
        handed[#handed + 1] = { kind = kind, id = id }
      end
      nothing_left(handed, output)
      assert.equal("", mine:errors())
      mine:close()
    end)
  end
end)
