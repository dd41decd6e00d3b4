--- How fast a client may go on after a server refused it (429).
---
--- The first refusal pauses the whole client.  Then calls go on in windows:
--- as many in each as the headers of the answers allow, or, where they are
--- silent, as many as went through the last time.  A client that was never
--- refused has no rate limit (client._rate_limit is false) and pays nothing for it.

local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"

local rate_limit = {}

rate_limit.longest = 60 -- seconds; a server that asks for more is not waited for

local JITTER = 0.25 -- seconds, so that clients do not come back as one
local FIRST_WINDOW = 0.25 -- seconds, where a refusal says nothing of time
local LONGEST_GUESS = 8 -- seconds
local LOOK = 0.03 -- seconds between two looks while answers are awaited
local CLEAN_WINDOWS = 3 -- without a refusal, until one may hold more

--- The server counts these apart from the rest (its limiters sandbox-create
--- and sandbox-lifecycle), and toolboxes are other servers.
local GROUPS = {
  ["sandbox.create"] = "create",
  ["sandbox.start"] = "lifecycle",
  ["sandbox.stop"] = "lifecycle",
  ["sandbox.delete"] = "lifecycle",
  ["sandbox.archive"] = "lifecycle",
  ["sandbox.recover"] = "lifecycle",
}

--- What is known of the limit of a group of calls.
local function group_of(client, operation, sandbox)
  local name = GROUPS[operation] or (sandbox and "toolbox" or "api")
  local groups = client._rate_limit.groups
  local group = groups[name]
  if not group then
    group = { in_flight = 0, passed = 0, clean = 0, free = 0, guess = FIRST_WINDOW, window = 0 }
    groups[name] = group
  end
  return group
end

--- Notes a refusal: nobody sends before the time that is left to wait.
---@param client daytona.Client
---@param operation string
---@param sandbox daytona.Sandbox? whose toolbox refused
---@param retry_after number? seconds the server asks for
---@return number? seconds until the next call may be sent; nil: that is too long to wait
function rate_limit.refused(client, operation, sandbox, retry_after)
  if retry_after and retry_after > rate_limit.longest then
    return nil
  end
  local now, state = core.now(), client._rate_limit
  if not state then
    state = { not_before = now, groups = {} }
    client._rate_limit = state
  end
  local group = group_of(client, operation, sandbox)
  if group.open then
    group.allowance = group.passed > 0 and group.passed or nil
    if not retry_after then -- the guess was too short
      group.guess = math.min(group.guess * 2, LONGEST_GUESS)
    end
  end
  group.window = retry_after or group.guess
  group.limited = true
  group.open, group.free, group.clean = false, 0, 0
  state.refused_at = now
  if now + group.window > state.not_before then
    state.not_before = now + group.window + core.random() * JITTER
  end
  return state.not_before - now
end

--- Opens a window: `free` calls may be sent in it, until it ends.
local function open(group, now)
  if group.open then -- the last one passed without a refusal
    group.clean = group.clean + 1
    if group.allowance and group.clean % CLEAN_WINDOWS == 0 then
      group.allowance = group.allowance + math.ceil(group.allowance / 4)
    end
  end
  -- Where answers tell, the first one is waited for.
  group.round = not group.told and group.allowance or 1
  group.free, group.passed = group.round, 0
  group.open, group.told, group.wanted = true, false, false
  group.ends = now + group.window
end

--- Whether a call may be sent now; else the seconds until it is worth asking.
local function take(state, group)
  local now = core.now()
  if now < state.not_before then
    return false, state.not_before - now
  elseif not group.limited then
    group.in_flight = group.in_flight + 1
    return true
  elseif not group.open or now >= group.ends then
    open(group, now)
  end
  if group.free >= 1 then
    group.free = group.free - 1
    group.in_flight = group.in_flight + 1
    return true
  end
  group.wanted = true
  local seconds = group.ends - now
  return false, group.in_flight > 0 and math.min(seconds, LOOK) or seconds
end

--- Whether the limit is no longer needed: nobody had to wait in the last window,
--- or the last refusal is so long ago that the limit may be found anew.
local function is_over(state, group)
  local now = core.now()
  return now > state.refused_at + rate_limit.longest + group.window
    or (group.open and now >= group.ends and not group.wanted and group.in_flight == 0)
end

--- Waits until the client may send a call.
---@param client daytona.Client
---@param operation string
---@param sandbox daytona.Sandbox? whose toolbox is asked
---@param deadline number?
---@param retries_left integer the fewer, the earlier its turn
---@return table? ticket for rate_limit.leave, if the client has a limit
---@return number|string? problem seconds to wait where that would pass the deadline, or "cancelled"
function rate_limit.enter(client, operation, sandbox, deadline, retries_left)
  while client._rate_limit do
    local state, group = client._rate_limit, group_of(client, operation, sandbox)
    if is_over(state, group) then
      client._rate_limit = false
      return nil
    end
    local free, seconds = take(state, group)
    if free then
      return group
    elseif deadlines.is_over(deadline, seconds) then
      return nil, seconds
    end
    local turn = (core.random() + math.min(retries_left, 3)) * LOOK
    if client.host.sleep(seconds + turn) == false then
      return nil, "cancelled"
    end
  end
end

--- Notes the answer to a call that had a ticket.
---@param group table the ticket
---@param was_admitted boolean whether it got past the limiter, however it went then
---@param remaining number? calls that the server still allows
---@param reset number? seconds until it allows more
function rate_limit.leave(group, was_admitted, remaining, reset)
  group.in_flight = math.max(0, group.in_flight - 1)
  if not was_admitted or not group.open then
    return
  end
  group.passed = group.passed + 1
  group.guess = FIRST_WINDOW
  if remaining then
    -- Those under way may not have been counted yet.
    group.free = math.max(0, remaining - group.in_flight)
    group.told = true
    group.ends = core.now() + math.min(reset, rate_limit.longest)
  elseif not group.told and not group.allowance and group.in_flight == 0 and group.free < 1 then
    -- Nobody says what is allowed: twice as many as this time.
    group.round = group.round * 2
    group.free = group.round
  end
end

return rate_limit
