--- Areas of a sandbox or a client that are rows and no more (sandbox.git,
--- client.volume), and the areas within them (sandbox.computer_use.mouse).

local class = require "daytona.call.class"
local core = require "daytona.core"
local rows = require "daytona.call.rows"

local area = {}

local metatables = {} -- by object

local function metatable_of(object, key, module)
  if metatables[object] then
    return metatables[object]
  end
  local name = rows.area(object)
  local metatable = { __name = "daytona." .. name }
  local methods = class.define(object, {}, metatable, module and function(method)
    return require(module)[method]
  end)
  local inner = core.areas(name)
  function metatable.__index(self, member)
    if not inner[member] then
      return methods[member]
    end
    local made = area.new(object .. "." .. member, key, self[key])
    rawset(self, member, made)
    return made
  end
  metatables[object] = metatable
  return metatable
end

--- Makes one.
---@param object string like "sandbox.git"
---@param key "_sandbox"|"_client"
---@param owner table|userdata
---@param module string? has the methods that are more than rows
---@return table
function area.new(object, key, owner, module)
  return setmetatable({ [key] = owner }, metatable_of(object, key, module))
end

return area
