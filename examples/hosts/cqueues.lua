-- A host for cqueues (https://25thandclement.com/~william/projects/cqueues.html):
--     local client = assert(daytona.new { host = require "cqueues_host" })
-- Calls are made in coroutines of a controller, those of controller:wrap(fn).

local cqueues = require "cqueues"
local condition = require "cqueues.condition"

local loop = { name = "the cqueues host" }

-- Whether the running coroutine is one that its controller resumes.
function loop.check()
  return (select(2, cqueues.running()))
end

function loop.start(fn)
  cqueues.running():wrap(fn)
end

function loop.park(waiter, seconds)
  waiter.condition = condition.new()
  waiter.condition:wait(seconds)
end

function loop.wake(waiters)
  for _, waiter in ipairs(waiters) do
    waiter.condition:signal()
  end
end

function loop.watch(fd, ready)
  local readable, ended = { pollfd = fd, events = "r" }, condition.new()
  cqueues.running():wrap(function()
    while readable do
      ready()
      cqueues.poll(readable, ended)
    end
    cqueues.cancel(fd)
  end)
  return function()
    readable = nil
    ended:signal()
  end
end

return require("daytona.host.descriptor").host(loop)
