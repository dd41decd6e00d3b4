-- The tables of scenarios in every host, through one front.

local assert = require "luassert"
local busted = require "busted"
local e2e = require "spec.support.e2e"
local fronts = require "spec.support.front"
local in_hosts = require "spec.support.in_hosts"
local support = require "spec.support"

local CALLS = { module = "spec.support.scenarios_calls" }

-- `way`: options of the front, and the protocol that is then spoken.
return function(way)
  busted.describe("through a front with " .. way.protocol, function()
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

    local function given(name)
      return { front = front:to_table(), sandbox = {
        id = sandbox.id, state = sandbox.state, toolbox_proxy_url = sandbox.toolbox_proxy_url,
      }, directory = directory, name = name }
    end

    for _, name in ipairs(in_hosts.names) do
      busted.it("everything works in " .. name, function()
        assert.equal(tostring(#require(CALLS.module)), in_hosts[name](given(name), CALLS))
        assert.same({}, support.files_under(directory))
        assert.equal(way.protocol, front:requests()[1].protocol)
      end)
    end
  end)
end
