--- A protected call in which a task may wait, on every Lua.
---
--- Lua 5.2 and later and LuaJIT can yield across pcall.  Plain Lua 5.1 cannot:
--- there the function runs in a coroutine of its own, which fails alone, and
--- what it yields is passed on.

local protect = {}

--- Whether this Lua can yield across pcall, iterators and metamethods.
---@type boolean
protect.native = rawget(_G, "jit") ~= nil -- in nginx `require` may not try it
  or coroutine.wrap(function()
    return pcall(coroutine.yield, true)
  end)() == true

-- C functions that can be yielded across where that can be done at all.
local passable = { [pcall] = true, [xpcall] = true }

--- What between the caller's caller and the bottom of its coroutine cannot be
--- yielded across; nil: nothing.
---@return string?
function protect.obstacle()
  for level = 3, math.huge do
    local info = debug.getinfo(level, "Snf")
    if not info then
      return nil
    elseif info.what == "C" and not (protect.native and passable[info.func]) then
      return info.name or "a C function"
    elseif not protect.native and info.name == "(for generator)" then
      return "the iterator of a for"
    end
  end
end

-- Coroutines that pass on what they yield, to the coroutine that runs them.
local outer = setmetatable({}, { __mode = "k" })

--- The coroutine whose yields the given one's are.
---@param co thread
---@return thread
function protect.base(co)
  while outer[co] do
    co = outer[co]
  end
  return co
end

local function forward(co, handler, ok, ...)
  if not ok then
    return false, handler((...), co)
  elseif coroutine.status(co) == "dead" then
    return true, ...
  end
  return forward(co, handler, coroutine.resume(co, coroutine.yield(...)))
end

--- Like xpcall.
---@param fn fun(): ...
---@param handler fun(problem: any, co: thread?): any `co`: the coroutine to look at for a traceback, where it is not the running one
---@return boolean ok
---@return ... results of fn, or of the handler
function protect.call(fn, handler)
  local running = not protect.native and coroutine.running()
  if not running then
    return xpcall(fn, handler)
  end
  local co = coroutine.create(fn)
  outer[co] = running
  return forward(co, handler, coroutine.resume(co))
end

local function as_it_is(problem)
  return problem
end

--- Like pcall.
---@param fn function
---@return boolean ok
---@return ... results of fn, or what it raised
function protect.pcall(fn, ...)
  if protect.native then
    return pcall(fn, ...)
  end
  local n, arguments = select("#", ...), { ... }
  return protect.call(function()
    return fn(unpack(arguments, 1, n)) -- luacheck: ignore (there it is)
  end, as_it_is)
end

return protect
