--- How the inputs of an action are read: they come from a language model, so
--- numbers may be text and maps may be rows, and whatever cannot be read is an
--- error that names it.

local core = require "daytona.core"

local inputs = {}

local function trim(text)
  return (text:gsub("^%s+", ""):gsub("%s+$", ""))
end

--- A string for a map of strings; models also write numbers and booleans.
local function to_string(value)
  if type(value) == "number" and value == math.floor(value) and math.abs(value) < 2 ^ 53 then
    return ("%d"):format(value)
  elseif type(value) == "boolean" then
    return tostring(value)
  elseif type(value) == "number" then
    return core.encode("daytona.actions", value) -- tostring would follow the locale
  end
  return value
end

--- The rows { key = ..., value = ... } or { key, value } as a map; nil if they
--- are none.
local function from_rows(rows)
  local map = {}
  for _, row in ipairs(rows) do
    if type(row) ~= "table" then
      return nil
    end
    local key, value = row.key, row.value
    if key == nil and value == nil then
      key, value = row[1], row[2]
    end
    if key ~= nil and key ~= "" then -- an empty row of a form
      if type(key) ~= "string" or value == nil then
        return nil
      end
      map[key] = value
    end
  end
  return map
end

--- A map from an object, from rows, or from JSON text of either.
local function to_map(value)
  if type(value) == "string" then
    value = core.decode(value)
  end
  if type(value) ~= "table" then
    return nil, "object, rows of key and value, or JSON text of them"
  end
  if #value > 0 then
    value = from_rows(value)
  end
  local map = {}
  for key, member in pairs(value or { false }) do
    local text = to_string(member)
    if type(key) ~= "string" or type(text) ~= "string" then
      return nil, "object of strings"
    end
    map[key] = text
  end
  return map
end

--- The number that a text is, with a point in every locale; nil: it is none.
local function number_of(text)
  local number = text:find "^[%d.+-]" and core.decode(text)
  return type(number) == "number" and number or tonumber(text)
end

local function to_number(input, value)
  local number = type(value) == "string" and number_of(trim(value)) or value
  if type(number) ~= "number" or number ~= number then
    return nil, input.type
  end
  if input.clamp then
    number = math.max(input.min, math.min(input.max, number))
    return number < 0 and math.ceil(number) or math.floor(number)
  end
  if input.type == "integer" and number ~= math.floor(number) then
    return nil, "integer"
  end
  if input.min and (number < input.min or number > input.max) then
    return nil, ("%s from %.0f to %.0f"):format(input.type, input.min, input.max)
  end
  return number
end

local BOOLEANS = { ["true"] = true, ["false"] = false }

--- The value in the type of the input; nil and what was expected otherwise.
local function convert(input, value)
  if input.many == "map" then
    return to_map(value)
  elseif input.type == "integer" or input.type == "number" then
    return to_number(input, value)
  elseif input.type == "boolean" then
    if type(value) == "string" then
      value = BOOLEANS[trim(value):lower()]
    end
    if type(value) ~= "boolean" then
      return nil, "boolean"
    end
  elseif input.type == "string" then
    if type(value) ~= "string" then
      return nil, "string"
    end
    return input.trim and trim(value) or value
  end
  return value
end

local function is_allowed(input, value)
  for _, allowed in ipairs(input.values or {}) do
    if allowed == value then
      return true
    end
  end
  return not input.values
end

local function is_absent(value)
  return value == nil or value == core.null or value == ""
end

--- The value of one input; nil if there is none; nil and what is wrong.
local function read(input, value)
  if is_absent(value) or ((input.required or input.trim) and type(value) == "string" and trim(value) == "") then
    if input.required then
      return nil, ("field '%s': required"):format(input.name)
    end
    return nil
  end
  local result, expected = convert(input, value)
  if result == nil then
    return nil, ("field '%s': %s expected, got %s"):format(input.name, expected, type(value))
  elseif not is_allowed(input, result) then
    return nil, ("field '%s': %s expected, got '%s'"):format(input.name, table.concat(input.values, ", "),
      tostring(result))
  elseif input.many == "map" and next(result) == nil then
    return nil
  end
  return result
end

--- Checks and converts what was filled in.  A field that the action does not
--- know is left out, and told to `on_unknown`: models add explanations.
---@param action table
---@param given table what the model filled in
---@param program table see actions.bind
---@return table? values by the names of the inputs
---@return string? problem
function inputs.read(action, given, program)
  local result, known = {}, {}
  for _, input in ipairs(action.inputs) do
    local value = program[input.name]
    if input.by ~= "program" then
      known[input.name], value = true, given[input.name]
    end
    local problem
    result[input.name], problem = read(input, value)
    if problem then
      return nil, problem
    end
  end
  if program.on_unknown then
    for name, value in pairs(given) do
      if not known[name] then
        program.on_unknown(action.name, name, value)
      end
    end
  end
  return result
end

return inputs
