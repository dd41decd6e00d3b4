--- The front door of each kind of object: methods that say what is wrong when
--- they are called with a dot or with too many arguments, and names that do not
--- exist but are meant for one that does.

local core = require "daytona.core"
local rows = require "daytona.call.rows"
local signatures = require "daytona.call.signatures"

local class = {}

-- Every call goes through here.
local getmetatable, select, setmetatable, type = getmetatable, select, setmetatable, type

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

--- Gives a plain table, and the tables that it lists, the look of results; and no
--- nil behind a value or an error, which a prompt would show.
local function dressed(...)
  local value, err = ...
  if type(value) == "table" and not getmetatable(value) then
    setmetatable(value, shown)
    for index = 1, #value do
      local item = value[index]
      if type(item) == "table" and not getmetatable(item) then
        setmetatable(item, shown)
      end
    end
  end
  local count = select("#", ...)
  if count == 2 and value ~= nil and err == nil then
    return value
  elseif count == 3 and value == nil and select(3, ...) == nil then
    return value, err
  end
  return ...
end

-- Methods that give what a function of the user's has given.
local OTHERS = {
  ["client.with_sandbox"] = true, ["client.request"] = true, ["sandbox.to_table"] = true, ["job.to_table"] = true,
}

--- A method that looks at how it is called.
local function guarded(object, name, fn, is_instance)
  local most, is_of_others = class.signatures(object)[name], OTHERS[object .. "." .. name]
  return function(self, ...)
    if not is_instance(self) then
      core.misuse(("%s.%s: call methods with a colon, %s:%s(...)"):format(object, name, object, name))
    end
    local count = select("#", ...)
    if count > most then
      for i = most + 1, count do
        if select(i, ...) ~= nil then
          core.misuse(("%s.%s: at most %d argument%s expected, got %d (options are one table, the last)"):format(
            object, name, most, most == 1 and "" or "s", i))
        end
      end
    end
    if is_of_others then
      return fn(self, ...)
    end
    return dressed(fn(self, ...))
  end
end

--- Makes the front door of a kind of object.
---@param object string as in signatures
---@param methods table gets guarded functions in the places of public ones
---@param is_instance fun(value: any): boolean
---@param load (fun(name: string): function?)? finds methods that are loaded with their first use; the rest are made by rows
---@return table methods
function class.define(object, methods, is_instance, load)
  for name in pairs(signatures[object] or {}) do
    local fn = rawget(methods, name)
    if fn then
      methods[name] = guarded(object, name, fn, is_instance)
    end
  end
  local loaded = {}
  return setmetatable(methods, {
    __index = function(_, name)
      if loaded[name] then
        return loaded[name]
      end
      if not class.signatures(object)[name] then
        return class.missing(object, name)
      end
      local fn = load and load(name) or rows.method(object, name)
      loaded[name] = guarded(object, name, fn, is_instance)
      return loaded[name]
    end,
  })
end

--- Whether a value is a table with a field that all instances have.
---@param field string
---@return fun(value: any): boolean
function class.with(field)
  return function(value)
    return type(value) == "table" and value[field] ~= nil
  end
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
