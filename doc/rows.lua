-- What the rows of the operations table say of the methods that they make, and of
-- their types, for generate.lua and reference.lua.

local core = require "daytona.core"

local rows = {}

-- Names of classes that were there before the rule, which is "sandbox.git":
-- daytona.Git, "sandbox.computer_use.mouse": daytona.ComputerUseMouse.
local CLASSES = { ["sandbox.fs"] = "daytona.FileSystem" }
local LUA_TYPES = { object = "table", any = "any", bytes = "string|integer", sandbox = "daytona.Sandbox" }

--- The class of an object.
function rows.class(object)
  local name = object:match "^sandbox%.(.*)" or object:match "^client%.(.*)" or object
  return CLASSES[object] or "daytona." .. ("_" .. name):gsub("[_.](%l)", string.upper)
end

--- The LuaCATS type of a field.
function rows.type(field)
  local name = field.shape and "daytona." .. field.shape or LUA_TYPES[field.type] or field.type
  if field.type == "sandbox" or field.shape == "sandbox" then
    name = "daytona.Sandbox"
  end
  if field.many == "list" then
    return name .. "[]"
  elseif field.many == "map" then
    return "table<string, " .. name .. ">"
  end
  return name
end

local function by_name(fields, name)
  for _, field in ipairs(fields) do
    if field.name == name then
      return field
    end
  end
end

--- What the method gives when all goes well: type and remark.
local function outcome(row, is_page)
  local result = row.result
  if not result then
    if row.body == "download" then
      return "integer", "bytes written"
    end
    return "boolean", "ok"
  elseif row.is_self then
    return "daytona.Sandbox", "sandbox itself"
  elseif row.paging and not is_page then
    local items = assert(by_name(result.fields, "items"), row.name .. ": pages without items")
    return ("fun(): %s?"):format((rows.type(items):gsub("%[%]$", ""))), "iterator; a failure in the middle raises"
  elseif row.member then
    local field = assert(by_name(result.fields, row.member), row.name .. ": its result has no " .. row.member)
    return rows.type(field), field.name
  end
  return rows.type(result), result.name
end

local function method_of(row, object, name, is_page)
  local arguments, taken, options = {}, { sandbox_id = true }, {}
  for _, held in ipairs(row.held or {}) do
    taken[held] = true
  end
  for _, argument in ipairs(row.arguments) do
    arguments[#arguments + 1] = by_name(row.params, argument)
    taken[argument] = true
  end
  for _, field in ipairs(row.params) do
    if not taken[field.name] then
      options[#options + 1] = field
    end
  end
  local kind, remark = outcome(row, is_page)
  return {
    row = row, object = object, name = name, arguments = arguments, options = options, kind = kind, remark = remark,
    iterates = row.paging and not is_page,
  }
end

--- The object whose method a row makes, and the method's name.
local function place(row)
  local area, name = row.name:match "^(.*)%.([^.]*)$"
  if area == "sandbox" or area == "client" or row.held then
    return area, name
  end
  return (row.plane == "toolbox" and "sandbox." or "client.") .. area, name
end

--- All methods that rows make, by object, in the order of the table; and the
--- objects in their order.
function rows.methods()
  local found, objects = {}, {}
  for _, row in ipairs(core.operations()) do
    if row.makes_method then
      local object, name = place(row)
      if not found[object] then
        found[object] = {}
        objects[#objects + 1] = object
      end
      local list = found[object]
      list[#list + 1] = method_of(row, object, name, false)
      if row.paging then
        list[#list + 1] = method_of(row, object, name .. "_page", true)
      end
    end
  end
  return found, objects
end

--- Seconds that the method takes at most by itself.
function rows.limit(row)
  if row.timeout then
    return ("%d s"):format(row.timeout)
  end
  return row.goal and "60 s, for the wait, too" or "that of the client"
end

return rows
