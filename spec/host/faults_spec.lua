-- The whole table of faults in every host, many cases at once where the host
-- can.

local support = require "spec.support" -- first: it looks after luv
local daytona = require "daytona"
local faults = require "spec.support.faults"
local loop = require "daytona.host.loop"
local luv = require "luv"
local uv = require "daytona.host.uv"

local AT_ONCE = 24
local PATIENCE = 10 -- seconds, for cases that wait for each other's turns

local function each_in_loop(list, fn)
  loop.run(loop.map, list, fn, { concurrency = AT_ONCE })
end

local function each_in_uv(list, fn)
  local begun = 0
  for _ = 1, AT_ONCE do
    uv.spawn(function()
      while begun < #list do
        begun = begun + 1
        fn(list[begun])
      end
    end)
  end
  luv.run()
end

-- Inside Neovim; prints what went wrong, then how many cases there were.
local NVIM = [[
  local daytona, host = require "daytona", require "daytona.host.uv"
  local faults = require "spec.support.faults"
  local server = { port = %d, refused_port = %d, unanswered_port = %d, mute_port = %d, self_signed_port = %d }
  function server.url(_, path) return ("http://127.0.0.1:%%d%%s"):format(server.port, path) end
  local kit, count, problems
  host.run(function()
    kit = faults.kit(function(options)
      options.host = host
      return assert(daytona.new(options))
    end, server, %q, %d)
    count, problems = faults.run(kit, function(list, fn)
      local begun, ended = 0, 0
      for _ = 1, %d do
        host.spawn(function()
          while begun < #list do
            begun = begun + 1
            fn(list[begun])
            ended = ended + 1
          end
        end)
      end
      while ended < #list do
        host.sleep(0.02)
      end
    end)
    kit:close()
    io.write(table.concat(problems, "\n"), count)
    vim.cmd "qa!"
  end)
]]

describe("faults in the host", function()
  local server, directory, fds_before

  support.serve_faults(function(...)
    server = ...
    -- What a first use opens for good is no leak.
    local first = support.client(server)
    first:request("GET", "/x")
    first:close()
  end)

  before_each(function()
    directory = support.temp_dir()
    fds_before = select(2, support.open_fds())
  end)

  after_each(function()
    support.check_fds(fds_before)
    assert.same({}, support.files_under(directory))
  end)

  for _, case in ipairs {
    { name = "loop", host = loop, each = each_in_loop },
    { name = "uv", host = uv, each = each_in_uv },
  } do
    it(case.name, function()
      local kit = faults.kit(function(options)
        options.host = case.host
        return assert(daytona.new(options))
      end, server, directory, PATIENCE)
      local count, problems = faults.run(kit, case.each)
      kit:close()
      assert.same({}, problems)
      assert.is_true(count > 150, count)
    end)
  end

  if _VERSION == "Lua 5.4" then -- Neovim is a Lua of its own, so once is enough
    it("uv inside Neovim", function()
      local output, status = support.nvim(NVIM:format(server.port, server.refused_port, server.unanswered_port,
        server.mute_port, server.self_signed_port, directory, PATIENCE, AT_ONCE), nil, 60)
      assert.equal(0, status, output)
      assert.equal(tostring(#faults.cases()), output)
    end)
  end
end)
