--- The host of Neovim and of plain Lua with luv.
---
---     local host = require "daytona.host.uv"
---     local client = assert(daytona.new { host = host })
---     host.run(function()
---       local run = assert(sandbox.process:exec "make")
---       ... -- here the whole of vim.api may be used
---     end)
---
--- Calls are made in coroutines, which yield while a thread of the client does
--- the transfer; the event loop goes on.  In plain Lua whoever owns the loop
--- runs it (`require("luv").run()`); nothing of ours keeps it alive when no call
--- is under way.  A task begins at once, and spawn returns when it first waits;
--- an error before that is raised there, a later one as that of a callback.
---
--- In a coroutine of another library (plenary.async, nvim-nio, a generator) a call
--- raises before anything is sent: what it yields would go to that library.
--- host.callbackify gives such a library what it can wait for.

local descriptor = require "daytona.host.descriptor"
local core = require "daytona.load"
local expected = require "daytona.host.expected"
local protect = require "daytona.call.protected"
local tasks = require "daytona.host.task"

local unpack = table.unpack or unpack -- luacheck: ignore

local vim = rawget(_G, "vim")
local uv = vim and (vim.uv or vim.loop) or require "luv"

--- Resumes all, and only then raises what the first of them raised.
local function resume_all(waiters)
  local first
  for _, waiter in ipairs(waiters) do
    local co = waiter.coroutine
    -- In Neovim it may have gone on in the meantime.
    if waiter.parked and coroutine.status(co) == "suspended" then
      local ok, problem = coroutine.resume(co)
      if not ok and not first then
        first = tasks.traced(problem, co)
      end
    end
  end
  if first then
    error(first, 0)
  end
end

--- In a callback of Neovim's loop most of vim.api is forbidden.
local function wake(waiters)
  if vim then
    vim.schedule(function()
      resume_all(waiters)
    end)
  else
    resume_all(waiters)
  end
end

--- Calls fn after that many milliseconds; gives what is to be closed then.
local function after(milliseconds, fn)
  local handle
  if milliseconds == 0 then
    -- A timer that is due at once, started by another one, would come before
    -- the loop looks at any descriptor.
    handle = assert(uv.new_idle())
    handle:start(function()
      handle:stop()
      fn()
    end)
  else
    handle = assert(uv.new_timer())
    uv.update_time()
    handle:start(milliseconds, 0, fn)
  end
  return handle
end

local function park(waiter, seconds)
  local alarm = seconds and after(math.ceil(seconds * 1000), function()
    wake { waiter }
  end)
  coroutine.yield()
  if alarm then
    alarm:close()
  end
end

local function start(fn)
  local co = coroutine.create(fn)
  local ok, problem = coroutine.resume(co)
  if not ok then
    error(type(problem) == "string" and tasks.traced(problem, co) or problem, 0)
  end
end

local function watch(fd, ready)
  local poll = assert(uv.new_poll(fd))
  assert(poll:start("r", ready))
  return function()
    poll:close()
  end
end

local host = descriptor.host {
  name = "daytona.host.uv",
  start = start,
  park = park,
  wake = wake,
  watch = watch,
  advice = "require('daytona.host.uv').run(function() ... end), and for tasks of other libraries host.callbackify",
}

--- The same by the name that people look for.
host.run = host.spawn

--- Calls fn in the next turn of the loop, where in Neovim all of vim.api may be used.
local function later(fn)
  if vim then
    vim.schedule(fn)
    return
  end
  local handle
  handle = after(0, function()
    handle:close()
    fn()
  end)
end

--- Makes a function for libraries whose functions call back when they are done,
--- plenary.async and nvim-nio among them.  It takes the arguments of fn and, as
--- the last one, a callback; fn runs as a task, and the callback gets what it
--- returned: a value, or nil and an error.
---
---     local run = host.callbackify(function(sandbox, command)
---       return sandbox.process:run(command)
---     end)
---     run(sandbox, "make", function(result, err) ... end)
---     local run_async = require("plenary.async").wrap(run, 3) -- or require("nio").wrap(run, 3)
---
--- The callback is called once, in a later turn of the loop; with nil and what
--- was raised, if fn raised something.
---@param fn fun(...): any, any
---@return fun(...): daytona.Task with task:cancel()
function host.callbackify(fn)
  expected.fn("daytona.host.uv.callbackify", host, fn)
  return function(...)
    local n, arguments = select("#", ...), { ... }
    local callback = arguments[n]
    if type(callback) ~= "function" then
      core.misuse(("daytona.host.uv.callbackify: the last argument has to be the callback, got %s"):format(
        type(callback)))
    end
    local function deliver(ok, ...)
      local count, results = select("#", ...), { ... }
      later(function()
        if ok then
          callback(unpack(results, 1, count))
        else
          callback(nil, results[1])
        end
      end)
    end
    return host.spawn(function()
      deliver(protect.pcall(fn, unpack(arguments, 1, n - 1)))
    end)
  end
end

-- A thread must not be in the middle of a transfer when the process ends.  The
-- module may be loaded again and again: all that were are closed by one command.
if vim and vim.api and vim.api.nvim_create_autocmd then
  local registry, key = debug.getregistry(), "daytona.host.uv"
  local hosts = registry[key]
  if not hosts then
    hosts = setmetatable({}, { __mode = "k" })
    registry[key] = hosts
    vim.api.nvim_create_autocmd("VimLeavePre", {
      callback = function()
        for each in pairs(hosts) do
          each.close()
        end
      end,
    })
  end
  hosts[host] = true
end

return host
