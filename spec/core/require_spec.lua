-- Loading the library does nothing but load it.

local support = require "spec.support"

local MODULES = { "daytona", "daytona.core", "daytona.actions" }

-- Runs Lua code in a fresh process; gives what it printed.
local function run(code, env)
  local output, status = support.run(support.lua_command(code, env))
  if status ~= 0 then
    error(output, 2)
  end
  return output
end

describe("require", function()
  for _, name in ipairs(MODULES) do
    it(("%q touches no global"):format(name), function()
      assert.equal("", run(([[
        require "cjson" -- some builds of it set a global
        local before = {}
        for key, value in pairs(_G) do before[key] = value end
        local function refuse(_, key)
          error("global written: " .. tostring(key), 2)
        end
        setmetatable(_G, { __newindex = refuse, __index = function(_, key)
          error("unknown global read: " .. tostring(key), 2)
        end })
        require %q
        setmetatable(_G, nil)
        for key, value in pairs(_G) do
          if before[key] ~= value then io.write("changed: ", key, "\n") end
        end
        for key in pairs(before) do
          if _G[key] == nil then io.write("removed: ", key, "\n") end
        end
      ]]):format(name)))
    end)

    it(("%q reads no environment, clock or file of the user's"):format(name), function()
      assert.equal("", run(([[
        require "cjson"
        local function poison(table, name)
          local real = table[name]
          table[name] = function(...)
            -- Searching for a module opens files; that is require's business.
            if debug.getinfo(2, "S").source:find("daytona", 1, true) then
              io.write(name, " was called\n")
            end
            return real(...)
          end
        end
        poison(os, "getenv")
        poison(os, "time")
        poison(os, "clock")
        poison(os, "execute")
        poison(io, "open")
        poison(io, "popen")
        poison(math, "randomseed")
        require %q
      ]]):format(name)))
    end)
  end

  it("opens nothing and starts nothing", function()
    assert.equal("", run [[
      local lfs = require "lfs"
      local function list(directory)
        local names = {}
        for name in lfs.dir(directory) do
          names[#names + 1] = name
        end
        return #names
      end
      local fds, threads = list "/proc/self/fd", list "/proc/self/task"
      local daytona = require "daytona"
      if list "/proc/self/fd" ~= fds then print "a descriptor was opened" end
      if list "/proc/self/task" ~= threads then print "a thread was started" end
      assert(type(daytona.version) == "string")
    ]])
  end)

  it("leaves lua-cjson's settings alone", function()
    assert.equal("", run [[
      local cjson = require "cjson"
      local function settings()
        return table.concat({ cjson.encode_max_depth(), cjson.decode_max_depth(),
          cjson.encode_number_precision(), tostring(cjson.encode_keep_buffer()),
          tostring(cjson.decode_invalid_numbers()), tostring(cjson.encode_invalid_numbers()),
          tostring((cjson.encode_sparse_array())) }, " ")
      end
      local before = settings()
      local daytona = require "daytona"
      assert(daytona.new { api_key = "k", api_url = "http://127.0.0.1:1" }):close()
      if settings() ~= before then print "cjson's settings were changed" end
    ]])
  end)

  it("does not mind a locale with a decimal comma", function()
    run [[
      local daytona = require "daytona"
      os.setlocale "de_DE.UTF-8"
      assert(daytona.new { api_key = "k", api_url = "http://127.0.0.1:1", timeout = 1.5 }):close()
    ]]
  end)

  it("gives the same module in a second state", function()
    assert.equal("ok", (run [[
      local function load()
        for name in pairs(package.loaded) do
          if name:find "^daytona" and name ~= "daytona.core" then package.loaded[name] = nil end
        end
        return require "daytona"
      end
      local first = load()
      local second = load()
      assert(first ~= second and first.version == second.version)
      assert(second.new { api_key = "k" }):close()
      io.write "ok"
    ]]))
  end)

  it("lets a state end with everything still open", function()
    local server = support.fault_server()
    local output, status = support.run(support.lua_command(([[
      local daytona = require "daytona"
      kept = assert(daytona.new { api_key = "k", api_url = %q, timeout = 0.1, max_retries = 0 })
      kept:request("GET", "/x")
      local sandbox = kept:sandbox { id = "s", toolbox_proxy_url = %q }
      pcall(sandbox.fs.list_files, sandbox.fs, ".")
      thread = coroutine.create(function() kept:request("GET", "/x") end)
      io.write "ok"
    ]]):format(server:url "/api", server:url "/fault/stall")))
    assert.equal(0, status)
    assert.equal("ok", output)
    support.eventually(function()
      return server:stats().open_connections == 0
    end)
    server:close()
  end)
end)

describe("daytona.new", function()
  local BARE = {
    DAYTONA_API_KEY = false, DAYTONA_JWT_TOKEN = false, DAYTONA_ORGANIZATION_ID = false,
    DAYTONA_API_URL = false, DAYTONA_TARGET = false,
  }

  it("without credentials says which variables it looked for", function()
    local output = run([[
      local client, err = require "daytona".new()
      assert(client == nil)
      io.write(err.kind, " ", tostring(err))
    ]], BARE)
    assert.truthy(output:find "^unauthorized ", output)
    for _, name in ipairs { "DAYTONA_API_KEY", "DAYTONA_JWT_TOKEN", "DAYTONA_ORGANIZATION_ID" } do
      assert.truthy(output:find(name, 1, true), output)
    end
  end)

  it("makes no connection", function()
    local server = support.fault_server()
    support.client(server):close()
    assert.equal(0, server:stats().connections)
    server:close()
  end)
end)
