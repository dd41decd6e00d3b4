--- What calls have made and not handed over yet, by a host: for those whose
--- coroutines will not run any more.

local keeper = {}

local MOST = 10 -- seconds in which all of it is removed when a host ends

local Ticket = {}
Ticket.__index = Ticket

--- The call has come to its end.
function Ticket:release()
  self._kept[self] = nil
end

local Keeper = {}
Keeper.__index = Keeper

--- A call may have made something, until its ticket is released.  The ticket is
--- held by the call alone: it is collected with a coroutine that is forgotten.
---@param client daytona.Client
---@param own table see cleanup.guard
---@return table ticket
function Keeper:add(client, own)
  local ticket = setmetatable({ _kept = self._kept }, Ticket)
  self._kept[ticket] = { client = client, own = own }
  return ticket
end

--- The requests whose answers alone say what they make.
---@return table<userdata, boolean>
function Keeper:requests()
  local requests = {}
  for _, entry in pairs(self._kept) do
    requests[entry.own.request or false] = true
  end
  return requests
end

--- Removes what is there, without the host.
function Keeper:settle()
  local cleanup, core = require "daytona.call.cleanup", require "daytona.core"
  local deadline, usual = core.now() + MOST, cleanup.SECONDS
  for ticket, entry in pairs(self._kept) do
    local left = deadline - core.now()
    if left > 0 and entry.own.is_ours ~= false then
      cleanup.SECONDS = math.min(usual, left)
      pcall(entry.own.undo, cleanup.quiet(entry.client, require "daytona.host.plain"))
    end
    self._kept[ticket] = nil
  end
  cleanup.SECONDS = usual
end

function keeper.new()
  return setmetatable({ _kept = setmetatable({}, { __mode = "k" }) }, Keeper)
end

return keeper
