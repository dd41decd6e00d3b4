-- A host for Copas 1 (https://lunarmodules.github.io/copas), as Debian has it:
--     local client = assert(daytona.new { host = require "copas_host" })
-- Calls are made in threads of Copas, those of copas.addthread(fn).  Copas 1
-- has no timers: turn it by copas.loop(0.05), and sleeps end at such a turn.

local copas, socket = require "copas", require "socket"

-- Copas does not tell which coroutines it resumes, so its threads are noted.  A
-- handler of copas.addserver makes its calls in a thread, or by host.spawn.
local threads, add = setmetatable({}, { __mode = "k" }), copas.addthread
function copas.addthread(thread, ...)
  if type(thread) ~= "thread" then
    thread = coroutine.create(thread)
  end
  threads[thread] = true
  return add(thread, ...)
end

local loop = { name = "the Copas host", start = copas.addthread }

function loop.check(co)
  return threads[co]
end

-- Lets the running thread receive from a descriptor until is_over(): Copas
-- takes everything that looks like a socket for one.
local function receive(fd, is_over, ready)
  copas.receive {
    getfd = function() return fd end,
    dirty = is_over, -- counts as readable
    receive = function()
      ready()
      return is_over() or nil, "timeout"
    end,
    close = function() end,
  }
end

local silent = socket.udp4() -- to sleep on
local function forget() end
local nowhere = { insert = forget, push = forget } -- as Copas keeps threads

function loop.park(waiter, seconds)
  if not seconds then
    return coroutine.yield(waiter, nowhere) -- until it is added again
  end
  local deadline = socket.gettime() + seconds
  waiter.is_asleep = true -- and looks by itself whether it is woken
  receive(silent:getfd(), function()
    return waiter.woken or socket.gettime() >= deadline
  end, forget)
end

function loop.wake(waiters)
  for _, waiter in ipairs(waiters) do
    if not waiter.is_asleep then
      copas.addthread(waiter.coroutine)
    end
  end
end

function loop.watch(fd, ready)
  local ended = false
  copas.addthread(function()
    receive(fd, function() return ended end, ready)
  end)
  return function()
    ended = true
  end
end

return require("daytona.host.descriptor").host(loop)
