--- The front door of each kind of object: methods that say what is wrong when
--- they are called with a dot or with too many arguments, and names that do not
--- exist but are meant for one that does.

local closing = require "daytona.call.closing"
local core = require "daytona.core"
local rows = require "daytona.call.rows"
local signatures = require "daytona.call.signatures"

local class = {}

local known = {} -- by object

--- The methods of an object with the most arguments each takes: those written by
--- hand, and those that rows make.
---@param object string as in signatures, or an area that is rows only
---@return table<string, integer>
function class.signatures(object)
  local all = known[object]
  if not all then
    all = core.methods(rows.area(object))
    for name, most in pairs(signatures[object] or {}) do
      all[name] = most
    end
    known[object] = all
  end
  return all
end

local function snake(name)
  return (name:gsub("(%l)(%u)", "%1_%2"):lower())
end

--- The method that a name begins: "upload" is one of "upload_file" and
--- "upload_dir".
local function begun(methods, name)
  local found
  for method in pairs(methods) do
    if method:sub(1, #name + 1) == name .. "_" and (not found or #method < #found) then
      found = method
    end
  end
  return found
end

--- What somebody means who writes `name`: nil, if nothing is like it.
local function meant(object, name)
  local methods = class.signatures(object)
  local plain = snake(name)
  local others = require "daytona.call.other_names"[object] or {}
  local other = others[name] or others[plain]
  if other then
    return other
  end
  local method = methods[plain] and plain or #plain > 2 and begun(methods, plain)
    or core.nearest(plain, methods, #plain < 7 and 1 or 2)
  return method and ("%s:%s"):format(object, method)
end

--- Raises for a name that an object does not have, if it is like one that it
--- has; else nothing, for data of a newer server may be asked for.
---@param object string as in signatures
---@param name any
function class.missing(object, name)
  if type(name) ~= "string" or name:find "^_" then
    return
  end
  if object == "sandbox" and core.sandbox_field(name) then -- data, which this one lacks
    return
  end
  local hint = meant(object, name)
  if not hint and object == "sandbox" and #name > 3 then
    local field = core.sandbox_field(snake(name), 1)
    hint = field and "sandbox." .. field
  end
  if hint then
    core.misuse(("%s has no '%s' (did you mean %s?)"):format(object, name, hint))
  end
end

-- How results look in a prompt; loaded with the first that is shown.
local shown = {}
function shown.__tostring(value)
  local show = require "daytona.text.show"
  show.results(shown)
  return show.text(value)
end

-- Gives a result, and the tables that it lists, that look; and no nil behind a value
-- or an error, which a prompt would show.
local dressed, is_called = core.dresser(shown), core.is_called

-- Methods that give what a function of the user's has given.
local OTHERS = {
  ["client.with_sandbox"] = true, ["client.request"] = true, ["sandbox.to_table"] = true, ["job.to_table"] = true,
}

--- Raises what is wrong with a call that is none of a method.
local function refuse(object, name, instance, most, self, ...)
  if not is_called(self, instance, 0) then
    core.misuse(("%s.%s: call methods with a colon, %s:%s(...)"):format(object, name, object, name))
  end
  for i = most + 1, select("#", ...) do
    if select(i, ...) ~= nil then
      core.misuse(("%s.%s: at most %d argument%s expected, got %d (options are one table, the last)"):format(
        object, name, most, most == 1 and "" or "s", i))
    end
  end
end

--- A method that looks at how it is called.
local function guarded(object, name, fn, instance)
  local most = class.signatures(object)[name]
  if OTHERS[object .. "." .. name] then
    return function(self, ...)
      if not is_called(self, instance, most, ...) then
        refuse(object, name, instance, most, self, ...)
      elseif closing.any then
        closing.enter(self)
      end
      return fn(self, ...)
    end
  end
  return function(self, ...)
    if not is_called(self, instance, most, ...) then
      refuse(object, name, instance, most, self, ...)
    elseif closing.any then
      closing.enter(self)
    end
    return dressed(fn(self, ...))
  end
end

--- Makes the front door of a kind of object.
---@param object string as in signatures
---@param methods table gets guarded functions in the places of public ones
---@param instance table|string|false|fun(value: any): boolean how one is known: by its metatable, or by a field that all have; false: a sandbox
---@param load (fun(name: string): function?)? finds methods that are loaded with their first use; the rest are made by rows
---@return table methods
function class.define(object, methods, instance, load)
  for name in pairs(signatures[object] or {}) do
    local fn = rawget(methods, name)
    if fn then
      methods[name] = guarded(object, name, fn, instance)
    end
  end
  return setmetatable(methods, {
    __index = function(_, name)
      if not class.signatures(object)[name] then
        return class.missing(object, name)
      end
      local fn = load and load(name) or rows.method(object, name)
      methods[name] = guarded(object, name, fn, instance)
      return methods[name]
    end,
  })
end

--- `__call` of what a `for` reads from: its next values; raises a failure.
function class.read(self)
  local value, other = self:read()
  if value == nil and other ~= nil then
    error(other, 0)
  end
  return value, other
end

return class
