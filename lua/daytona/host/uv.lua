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

local descriptor = require "daytona.host.descriptor"

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
        first = debug.traceback(co, tostring(problem))
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
    error(type(problem) == "string" and debug.traceback(co, problem) or problem, 0)
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
  advice = "require('daytona.host.uv').run(function() ... end), or coroutine.wrap(function() ... end)()",
}

--- The same by the name that people look for.
host.run = host.spawn

-- A thread must not be in the middle of a transfer when the process ends.
if vim and vim.api and vim.api.nvim_create_autocmd then
  vim.api.nvim_create_autocmd("VimLeavePre", { callback = host.close })
end

return host
