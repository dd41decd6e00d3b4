-- The whole table of faults inside nginx.

if _VERSION ~= "Lua 5.4" then
  return -- nginx is a Lua of its own, so once is enough
end

local nginx = require "spec.support.nginx"
local support = require "spec.support"
local faults = require "spec.support.faults"

local AT_ONCE = 24
local PATIENCE = 10 -- seconds, for cases that wait for each other's turns

local LOCATION = [[
location = /faults {
  content_by_lua_block {
    local daytona, host = require "daytona", require "daytona.host.ngx"
    local faults = require "spec.support.faults"
    local server = { port = %d, refused_port = %d, unanswered_port = %d, mute_port = %d, self_signed_port = %d }
    function server.url(_, path) return ("http://127.0.0.1:%%d%%s"):format(server.port, path) end
    local kit = faults.kit(function(options)
      options.host = host
      return assert(daytona.new(options))
    end, server, %q, %d)
    local count, problems = faults.run(kit, function(list, fn)
      local begun, tasks = 0, {}
      for i = 1, %d do
        tasks[i] = host.spawn(function()
          while begun < #list do
            begun = begun + 1
            fn(list[begun])
          end
        end)
      end
      for _, task in ipairs(tasks) do task:wait() end
    end)
    kit:close()
    ngx.print(table.concat(problems, "\n"), count)
  }
}
]]

describe("faults in nginx", function()
  it("give the errors that they give everywhere", function()
    local server, directory = support.fault_server(), support.temp_dir()
    local mine = nginx.start {
      http = ('init_by_lua_block { package.path = package.path .. ";%s/?.lua" }')
        :format(support.root),
      locations = LOCATION:format(server.port, server.refused_port, server.unanswered_port, server.mute_port,
        server.self_signed_port, directory, PATIENCE, AT_ONCE),
    }
    local output, status = mine:get "/faults"
    assert.equal(200, status, output .. mine:errors())
    assert.equal(tostring(#faults.cases()), output)
    assert.same({}, support.files_under(directory))
    mine:signal "QUIT"
    assert.equal(0, mine:finish())
    assert.equal("", mine:errors())
    server:close()
    support.cleanup()
  end)
end)
