-- The wall clock is set while timers count: what counts is the time that has
-- passed. A minute lasts half a second here.

local control = require "spec.local.control_support"
local support = require "spec.support"
local wall_clock = require "spec.support.wall_clock"

local DAY = 86400
local LONG = 2000 -- minutes: 1000 seconds

describe("a jump of the wall clock", function()
  local server, clock

  local function serve(data)
    server = control.serve { data = data, env = "DAYTONA_LOCAL_MINUTE_SECONDS=0.5 " .. clock.env }
  end

  before_each(function()
    clock = wall_clock.new()
    serve()
  end)

  after_each(function()
    server:stop()
    server = nil
  end)

  teardown(support.cleanup)

  local function stop(id)
    assert(server:call("POST", "/sandbox/" .. id .. "/stop"))
    server:await(id, "stopped")
  end

  -- Sandboxes whose timers have long to run, and what they show then.
  local function patient()
    local ids = {
      started = server:create({ autoStopInterval = LONG }).id,
      ephemeral = server:create({ autoStopInterval = LONG, autoDeleteInterval = 0 }).id,
      mortal = server:create({ autoStopInterval = 0, ttlMinutes = LONG }).id,
      stopped = server:create({ autoDeleteInterval = LONG, autoArchiveInterval = LONG }).id,
    }
    stop(ids.stopped)
    return ids
  end

  local states = { started = "started", ephemeral = "started", mortal = "started", stopped = "stopped" }

  local function check(ids, expected)
    for name, id in pairs(ids) do
      assert.equal(expected[name], server:get("/sandbox/" .. id).state, name)
    end
  end

  local function seconds(text)
    local y, mo, d, h, mi, s = text:match "^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)"
    return os.time { year = y, month = mo, day = d, hour = h, min = mi, sec = s }
  end

  -- The clock is set; the timers have looked since.
  local function set(ahead)
    local mark = #server:log() + 1
    clock:set(ahead)
    support.eventually(function()
      return server:log():find("the clock was set by", mark, true)
    end)
    local canary = server:create({ autoStopInterval = 0, ttlMinutes = 1 }).id
    server:await(canary, "gone")
  end

  for name, ahead in pairs { forward = DAY, back = -DAY } do
    it(name .. " ends no life and no rest", function()
      local ids = patient()
      local before = server:get("/sandbox/" .. ids.mortal)
      set(ahead)
      check(ids, states)
      local after = server:get("/sandbox/" .. ids.mortal)
      for _, field in ipairs { "createdAt", "lastActivityAt", "autoDestroyAt" } do
        local moved = seconds(after[field]) - seconds(before[field])
        assert.is_true(math.abs(moved - ahead) <= 2, field .. " " .. moved)
      end
      set(0)
      check(ids, states)
    end)

    it(name .. " keeps nothing alive that should end", function()
      local idle = server:create({ autoStopInterval = 3, autoDeleteInterval = 1 }).id
      local mortal = server:create({ autoStopInterval = 0, ttlMinutes = 4 }).id
      local archived = server:create({ autoArchiveInterval = 3 }).id
      stop(archived)
      set(ahead)
      server:await(mortal, "gone")
      server:await(archived, "archived")
      server:await(idle, "gone")
    end)

    it(name .. " while the server is down changes nothing either", function()
      local ids = patient()
      local mortal = server:create({ autoStopInterval = 0, ttlMinutes = 4 }).id
      server:kill()
      clock:set(ahead)
      serve(server.data)
      server:await(mortal, "gone")
      server:await(ids.ephemeral, "gone") -- with its server, not by a timer
      ids.ephemeral = nil
      check(ids, { started = "stopped", mortal = "stopped", stopped = "stopped" })
    end)
  end

  -- Whether the door turns a signed preview's visitor away.
  local function is_void(link)
    local output = support.run(("curl -s --resolve '%s:127.0.0.1' %s"):format(
      link.url:match "^http://([^/]+)", link.url))
    return output:find("unauthorized: invalid or expired token", 1, true) ~= nil
  end

  it("neither ends a signed preview nor makes it last", function()
    local id = server:create().id
    local path = "/sandbox/" .. id .. "/ports/80/signed-preview-url?expiresInSeconds="
    local long, short = server:get(path .. 3600), server:get(path .. 3)
    set(-DAY)
    support.eventually(function()
      return is_void(short)
    end)
    assert.is_false(is_void(long))
    set(DAY)
    assert.is_false(is_void(long))
    assert(server:call("DELETE", "/sandbox/" .. id))
  end)

  it("over a boot is the time that has passed, but for the future", function()
    local ids = patient()
    local short = server:create({ autoStopInterval = 0, ttlMinutes = 4 }).id
    server:kill()
    control.sql(server.data, "UPDATE meta SET value = '00000000-0000-0000-0000-000000000000 0' WHERE key = 'clock'")
    clock:set(-DAY)
    serve(server.data)
    server:await(short, "gone")
    server:await(ids.ephemeral, "gone")
    ids.ephemeral = nil
    check(ids, { started = "stopped", mortal = "stopped", stopped = "stopped" })
  end)
end)
