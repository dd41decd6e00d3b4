--- Keeping a sandbox from stopping by itself while a call waits on it: the option
--- keep_awake.

local beside = require "daytona.call.beside"
local core = require "daytona.core"
local detached = require "daytona.call.detached"

local awake = {}

local FIRST, LONGEST = 1, 20 -- seconds between two signs of activity; the shortest interval of a sandbox is a minute
local LIMIT = 10 -- seconds that one may take

---@class daytona.Awake
---@field due number when the next sign is
local Awake = {}
local metatable = { __index = Awake }

--- What sends the signs for a call that looks at the time itself.
---@param sandbox daytona.Sandbox
---@return daytona.Awake
function awake.new(sandbox)
  local now = core.now()
  return setmetatable({ due = now + FIRST, _sandbox = sandbox, _begun = now }, metatable)
end

--- Sends a sign if one is due; nobody waits for its answer.
---@param now number
function Awake:beat(now)
  if self._sign and self._sign:is_done() then
    self._sign:result() -- the next sign is the second try
    self._sign = nil
  end
  if now < self.due then
    return
  end
  self.due = now + math.min(math.max((now - self._begun) / 5, FIRST), LONGEST)
  if not self._sign then
    self._sign = detached.begin(self._sandbox, "sandbox.refresh_activity", { sandbox_id = self._sandbox.id }, LIMIT,
      nil, true)
  end
end

--- The manner of a call that waits for one answer and sends signs meanwhile.
---@param sandbox daytona.Sandbox
---@return daytona.Manner
function awake.manner(sandbox)
  local self = awake.new(sandbox)
  return beside.manner(core.sandbox_owner(sandbox).host, function(now)
    self:beat(now)
    return self.due
  end)
end

return awake
