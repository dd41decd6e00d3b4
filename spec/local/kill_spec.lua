-- The server is killed, or told to end, at random moments while four clients
-- work: what was acknowledged is there afterwards, nothing is stuck, nothing is
-- left behind. SPEC_SEED repeats a run, as far as time can be repeated.

local control = require "spec.local.control_support"
local daytona = require "daytona"
local loop = require "daytona.host.loop"
local small_disk = require "spec.local.small_disk"
local support = require "spec.support"
local wall_clock = require "spec.support.wall_clock"

local CLIENTS = 4
local EACH = 2 -- sandboxes of one client
local DAY = 86400

local seed = tonumber(os.getenv "SPEC_SEED") or os.time()

describe("a server that is killed at work, seed " .. seed, function()
  local server, ledger, counts, clock, disk

  setup(function()
    math.randomseed(seed)
    clock = wall_clock.new()
  end)

  before_each(function()
    ledger, counts = {}, { acknowledged = 0, unanswered = 0, kills = 0 }
  end)

  after_each(function()
    if server then
      server:stop()
      server = nil
    end
    if disk then
      disk:close()
      disk = nil
    end
  end)

  teardown(support.cleanup)

  local function serve(data)
    local env = clock.env
    server = control.serve { data = data, env = disk and disk.env .. " env " .. env or env }
  end

  -- One request, or whatever `fn` does: `entry` is what the ledger knows of the
  -- sandbox, `field` what changes to `value`. Whether the server is still there.
  local function try(entry, field, value, fn)
    local before = entry[field]
    entry[field] = { maybe = value, was = before }
    local answer, err = fn()
    if answer then
      counts.acknowledged = counts.acknowledged + 1
      entry[field] = { is = value }
      return true, answer
    end
    if err.status and err.status < 500 and err.outcome ~= "unknown" then
      entry[field] = before -- refused
      return true
    end
    counts.unanswered = counts.unanswered + 1
    return err.kind ~= "connection" and err.kind ~= "unavailable" and err.kind ~= "timeout" and err.kind ~= "gone"
  end

  local actions = {}

  function actions.labels(client, entry)
    local value = tostring(math.random(1e9))
    return (try(entry, "label", value, function()
      return client:request("PUT", "/sandbox/" .. entry.name .. "/labels",
        { body = { labels = { value = value } }, max_retries = 0 })
    end))
  end

  function actions.write(client, entry)
    local value = tostring(math.random(1e9))
    return (try(entry, "mark", value, function()
      local sandbox = client:sandbox {
        id = entry.id, state = "started", toolbox_proxy_url = (client.api_url:gsub("/api$", "/toolbox")),
      }
      local done, err = sandbox.process:exec(("echo %s > mark.new && mv mark.new mark"):format(value), { timeout = 10 })
      if done and done.exit_code ~= 0 then
        return nil, { status = 400 } -- the disk is full
      end
      return done, err
    end))
  end

  local function post(what)
    return function(client, entry)
      return (try(entry, "wish", what, function()
        return client:request("POST", ("/sandbox/%s/%s"):format(entry.id, what), { max_retries = 0 })
      end))
    end
  end

  actions.stop, actions.start, actions.recover = post "stop", post "start", post "recover"

  function actions.delete(client, entry)
    return (try(entry, "deleted", true, function()
      return client:request("DELETE", "/sandbox/" .. entry.id, { max_retries = 0 })
    end))
  end

  local function create(client, entry)
    local alive, made = try(entry, "created", true, function()
      return client:request("POST", "/sandbox",
        { body = { name = entry.name, labels = { value = "0" } }, max_retries = 0 })
    end)
    entry.id = made and made.id
    return alive
  end

  local names = { "labels", "labels", "write", "write", "stop", "start", "recover", "delete" }

  -- Works until the server is gone.
  local function work(client, number)
    local own = {}
    for _, entry in pairs(ledger) do
      if entry.owner == number and entry.id and not entry.deleted then
        own[#own + 1] = entry
      end
    end
    local alive = true
    while alive do
      if #own < EACH then
        local entry = { name = ("box-%d-%d"):format(number, math.random(1e9)), owner = number }
        ledger[entry.name] = entry
        alive = create(client, entry)
        if entry.id then
          own[#own + 1] = entry
        end
      else
        local i = math.random(#own)
        alive = actions[names[math.random(#names)]](client, own[i])
        if own[i].deleted then
          table.remove(own, i)
        end
      end
    end
  end

  -- Waits until some more was acknowledged, which a full disk may prevent, and
  -- then for any moment.
  local function strike(signal)
    local target, late = counts.acknowledged + math.random(2, 12), support.now() + 2
    while counts.acknowledged < target and support.now() < late do
      loop.sleep(0.005)
    end
    loop.sleep(0.03 * math.random())
    assert(os.execute(("kill -%s %d"):format(signal, server.pid)))
  end

  -- Lets them work until the signal has ended the server.
  local function round(signal)
    local client = assert(daytona.new { api_key = server.api_key, api_url = server.api_url, host = loop })
    client.api_url = server.api_url
    loop.run(function()
      local tasks = { loop.spawn(strike, signal) }
      for number = 1, CLIENTS do
        tasks[number + 1] = loop.spawn(work, client, number)
      end
      loop.all(tasks)
    end)
    client:close()
    server:stop()
    counts.kills = counts.kills + 1
    support.eventually(function()
      return not server:has_processes()
    end, 20, "the end of every process")
  end

  -- Whether what is there is what was acknowledged last, or what nobody
  -- answered.
  local function agrees(known, there)
    while known and known.maybe ~= nil and known.maybe ~= there do
      known = known.was
    end
    return known == nil or known.maybe == there or known.is == there
  end

  local function read(path)
    local file = io.open(path)
    local text = file and file:read "*l"
    if file then
      file:close()
    end
    return text
  end

  local function all()
    local found = {}
    for _, item in ipairs(server:get "/sandbox?limit=200&includeErroredDeleted=true".items) do
      found[item.name] = item
    end
    return found
  end

  -- Compares everything with the ledger, once what was half done is over.
  local function check()
    local found
    support.eventually(function()
      found = all()
      for _, item in pairs(found) do
        if item.state ~= "stopped" and item.state ~= "error" then
          return false
        end
      end
      return true
    end, 20, "a state of rest for all sandboxes")
    for name, entry in pairs(ledger) do
      local item = found[name]
      found[name] = nil
      if item then
        assert(agrees(entry.label, item.labels.value), name .. ": labels")
        assert(not (entry.deleted and entry.deleted.is), name .. " was deleted")
        assert(item.state ~= "error" or item.recoverable, name .. ": " .. tostring(item.errorReason))
        if entry.created and entry.created.is and entry.mark then
          local root = disk and disk.root or server.data
          assert(agrees(entry.mark, read(("%s/sandboxes/%s/home/mark"):format(root, item.id))), name .. ": its file")
        end
        entry.id, entry.created, entry.deleted, entry.wish = item.id, { is = true }, nil, nil
        entry.label = { is = item.labels.value }
      else
        assert(entry.deleted or not (entry.created and entry.created.is), name .. " is lost")
        ledger[name] = nil
      end
    end
    for name in pairs(found) do
      assert(name == "filler", name .. " comes from nowhere")
    end
  end

  -- All can be deleted, and then nothing is left.
  local function clean()
    for _, item in pairs(all()) do
      assert(server:call("DELETE", "/sandbox/" .. item.id), item.name)
    end
    support.eventually(function()
      return next(all()) == nil
    end, 20, "the end of all sandboxes")
    local root = disk and disk.root or server.data
    support.eventually(function()
      return support.run(("cd %s && find sandboxes archive trash run -mindepth 1"):format(support.quote(root))) == ""
    end, 20, "an empty data directory")
    assert.is_false(server:has_processes())
  end

  -- `plan` is a list of signals.
  local function play(plan)
    for _, signal in ipairs(plan) do
      clock:set(math.random(-1, 1) * DAY)
      round(signal)
      serve(server.data)
      check()
    end
    clean()
    assert(counts.acknowledged > 0)
  end

  it("loses nothing that it acknowledged, whatever the clock does", function()
    serve()
    play {
      "KILL", "KILL", "TERM", "KILL", "KILL", "KILL", "KILL", "KILL", "TERM", "KILL", "KILL", "KILL", "KILL", "KILL",
      "TERM", "KILL", "KILL", "KILL",
    }
  end)

  local case = small_disk.possible and it or pending

  case("loses nothing on a full disk either", function()
    disk = small_disk.new "40m"
    serve(disk.data)
    local filler = server:create { name = "filler", autoStopInterval = 0 }
    server:sh(filler.id, "cat /dev/zero > fill 2>/dev/null; cat /dev/zero > rest 2>/dev/null; true")
    play { "KILL", "TERM" }
  end)
end)
