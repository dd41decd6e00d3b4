-- The tables of scenarios in every host, through one front.

local assert = require "luassert"
local busted = require "busted"
local e2e = require "spec.support.e2e"
local fronts = require "spec.support.front"
local in_hosts = require "spec.support.in_hosts"
local support = require "spec.support"

local function apart(name)
  return { module = "spec.support.scenarios_" .. name, apart = true }
end

local CALLS = { module = "spec.support.scenarios_calls" }

-- `way`: options of the front, the protocol that is then spoken, and `what` is
-- tried: "calls"; "faults", what breaks; "ends", connections that end or die.
return function(way)
  -- All hosts over HTTP/2. What HTTP/1.1 changes lies beneath them, and a caller or a
  -- thread turns it: one host for each.
  local names = way.options.http == 1 and { "plain", "uv" } or in_hosts.names
  -- The other Luas have two each, so that both have the loop, and Neovim is a LuaJIT with uv.
  if way.options.http ~= 1 and _VERSION ~= "Lua 5.4" then
    names = rawget(_G, "jit") and { "plain", "loop" } or { "loop", "uv" }
  end
  busted.describe(("%s through a front with %s"):format(way.what, way.protocol), function()
    local server, front, sandbox, directory

    busted.setup(function()
      server = e2e.start()
      way.options.server = server
      front = fronts.start(way.options)
      local client = front:client()
      sandbox = e2e.check(client:create { language = "python" }):to_table()
      client:close()
    end)

    busted.teardown(function()
      front:close()
      server:stop()
      support.cleanup()
    end)

    busted.before_each(function()
      directory = support.temp_dir()
      front:forget()
    end)

    -- Runs a table of scenarios in a host.
    local function run(name, list)
      local result = in_hosts[name]({
        front = front:to_table(), directory = directory, name = name, protocol = way.protocol,
        sandbox = { id = sandbox.id, state = sandbox.state, toolbox_proxy_url = sandbox.toolbox_proxy_url },
      }, list)
      local expected = tostring(#require(list.module))
      assert.equal(expected, result == expected and result or result .. "\n" .. front:errors())
      assert.same({}, support.files_under(directory))
      assert.equal(way.protocol, front:requests()[1].protocol)
    end

    if way.what == "calls" then
      for _, name in ipairs(names) do
        busted.it("work in " .. name, function()
          run(name, CALLS)
        end)
      end
      return
    end

    for _, name in ipairs(names) do
      if way.what == "faults" then
        busted.it("are got over in " .. name, function()
          run(name, apart "faults")
        end)
      else
        busted.it("after ten requests harm nobody in " .. name, function()
          run(name, apart "goaway")
          if name == names[2] then
            run(name, CALLS)
          end
        end)

        busted.it("in silence are left in " .. name, function()
          run(name, apart "silence")
        end)
      end
    end
  end)
end
