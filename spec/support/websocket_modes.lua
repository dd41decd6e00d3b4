-- What the specs of WebSockets in the core share: a server that speaks as a
-- script says (fault_websocket.py), turned by the caller and by a thread.

local assert = require "luassert"
local core = require "daytona.core"
local support = require "spec.support"

local PATTERN = {}
for i = 0, 250 do
  PATTERN[i + 1] = string.char(i)
end
PATTERN = table.concat(PATTERN)

-- The first `size` bytes of what the server's step "bytes" sends.
local function pattern(size)
  return PATTERN:rep(math.floor(size / 251) + 1):sub(1, size)
end

local function declare(busted, mode)
  local t = { mode = mode, pattern = pattern }

  busted.setup(function()
    t.server = support.fault_server()
    require "daytona" -- gives handles their methods
  end)

  busted.teardown(function()
    t.server:close()
    support.cleanup()
  end)

  local function new_client(options)
    local config = {
      api_url = t.server:url "/api", token = support.api_key, user_agent = "spec/1",
      source = "sdk-lua", sdk_version = "0.205.1", connect_timeout = 5, max_response = 1000000,
    }
    for name, value in pairs(options or {}) do
      config[name] = value
    end
    local made = core.client(config)
    t.owner = {}
    made:own(t.owner)
    if mode == "background" then
      made:start_background()
    end
    return made
  end

  busted.before_each(function()
    t.server:reset()
    t.client = new_client()
  end)

  busted.after_each(function()
    t.client:close()
  end)

  -- A WebSocket to a scenario of the server; `params` beside the path.
  local function connect_to(scenario, params, seconds)
    params = params or {}
    params.path = params.path or "/x"
    local sandbox = core.sandbox({
      id = "sb-1", toolbox_proxy_url = t.server:url("/fault/" .. scenario),
    }, t.owner)
    return t.client:connect("client.connect", params, sandbox, seconds or 10)
  end

  local function connect(steps, params, seconds)
    return connect_to(support.scenario("ws", { ["do"] = steps }), params, seconds)
  end

  -- What the plain host does, but not for ever.
  local function wait(waitable)
    local deadline = support.now() + 10
    while not waitable:step(0.25) do
      if waitable:hungry() then
        return
      end
      assert(support.now() < deadline, "nothing happens")
    end
  end

  local function open(...)
    local ws = connect(...)
    wait(ws)
    assert.is_true(ws:is_open(), not ws:is_open() and ws:done() and tostring(select(2, ws:result())))
    return ws
  end

  -- The next whole message and its kind; nil when the connection is over.
  local function receive(ws)
    local parts = {}
    while true do
      local data, kind, final = ws:receive()
      if data then
        parts[#parts + 1] = data
        if final then
          return table.concat(parts), kind
        end
      elseif ws:done() then
        return nil, #parts > 0 and table.concat(parts) or nil
      else
        wait(ws)
      end
    end
  end

  -- All messages until the end, and how it ended.
  local function drain(ws)
    local messages = {}
    for message in function() return (receive(ws)) end do
      messages[#messages + 1] = message
    end
    return messages, ws:result()
  end

  -- The error with which a connection to these steps ends.
  local function failure(ws)
    local _, value, err = drain(ws)
    assert.is_nil(value)
    assert.equal("daytona.error", getmetatable(err).__name or "daytona.error")
    for _, text in pairs(err) do
      assert.is_nil(tostring(text):find(support.api_key, 1, true))
    end
    return err
  end

  t.new_client, t.connect_to, t.connect, t.open = new_client, connect_to, connect, open
  t.wait, t.receive, t.drain, t.failure = wait, receive, drain, failure
  return t
end

-- Runs the specs that `run(t)` declares in both modes. `t` has the server and the
-- client of the spec that runs, and what is below. `busted` has the functions
-- that only spec files see.
return function(busted, run)
  for _, mode in ipairs { "direct", "background" } do
    busted.describe("(" .. mode .. ")", function()
      run(declare(busted, mode))
    end)
  end
end
