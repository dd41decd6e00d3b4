-- Compares rows of the operations table with the plain form of an API document
-- (openapi.lua). What differs comes as sentences, so that a list of known
-- differences can name each of them exactly.

local openapi = require "spec.conformance.openapi"

local compare = {}

-- Places that never reach the wire under a name of their own.
local UNNAMED = { source = true, sink = true, call = true }

local function described(node)
  if node.of then
    return node.type .. " of " .. described(node.of)
  end
  return node.type
end

local function claimed(field)
  return (field.many and field.many .. " of " or "") .. field.type
end

-- A row may ask for less than the document allows (whole numbers where it says
-- number) and expect more in an answer, never the other way round.
local function simple_fits(type, node, way)
  if type == node.type then
    return true
  elseif way == "request" then
    return type == "integer" and node.type == "number"
  elseif type == "bytes" then
    return node.type == "string" -- base64
  end
  return type == "number" and node.type == "integer"
end

-- Parameters are told apart by place and name, fields of an object by name.
local function by_place(params)
  local found = {}
  for _, param in ipairs(params) do
    found[param.place .. " " .. param.wire] = param
  end
  return found
end

local function by_wire(fields)
  local found = {}
  for _, field in ipairs(fields) do
    found[field.wire] = field
  end
  return found
end

local compare_fields

-- `add(text)` takes what differs between a value of the row and a node.
local function compare_value(field, node, way, where, add)
  if field.many then
    if field.place == "query" and field.many == "map" and node.type == "string" then
      return -- a map in the query goes out as JSON text
    elseif node.type ~= field.many then
      return add(where .. ": is " .. claimed(field) .. ", the document says " .. described(node))
    end
    local one = {}
    for key, value in pairs(field) do
      one[key] = value
    end
    one.many = nil
    return compare_value(one, node.of, way, where, add)
  elseif field.type == "object" or field.type == "sandbox" then
    if node.type == "object" then
      if field.fields then -- else it stands within one of its own shape
        compare_fields(field.fields, node.fields(), way, where, add)
      end
      return
    elseif node.type == "map" then
      for _, part in ipairs(field.fields) do
        compare_value(part, node.of, way, where .. "." .. part.wire, add)
      end
      return
    end
  elseif simple_fits(field.type, node, way) then
    return
  end
  add(where .. ": is " .. claimed(field) .. ", the document says " .. described(node))
end

local function compare_demands(field, param, where, add)
  if field.required ~= param.required then
    add(where .. ": is " .. (field.required and "required" or "optional")
      .. ", the document says " .. (param.required and "required" or "optional"))
  end
  if field.min and param.minimum and field.min > param.minimum
    or field.max and param.maximum and field.max < param.maximum then
    add(where .. ": refuses values that the document allows")
  end
end

-- Fields of an object, as the row has them and as the document has them.
function compare_fields(fields, params, way, where, add)
  local documented, offered = by_wire(params), by_wire(fields)
  for _, field in ipairs(fields) do
    local param = documented[field.wire]
    local here = where .. "." .. field.wire
    if not param then
      add(here .. ": not in the document")
    else
      compare_value(field, param.node, way, here, add)
      if way == "request" then
        compare_demands(field, param, here, add)
      end
    end
  end
  for _, param in ipairs(way == "request" and params or {}) do
    if param.required and not offered[param.wire] then
      add(where .. "." .. param.wire .. ": required by the document, not in the row")
    end
  end
end

local function compare_result(row, operation, add)
  local where = row.name .. " result"
  local node = operation.result
  if row.body == "download" then
    if not node or node.type ~= "file" then
      add(where .. ": is bytes, the document says " .. (node and described(node) or "nothing"))
    end
  elseif row.result and node then
    compare_value(row.result, node, "result", where, add)
  elseif row.result then
    add(where .. ": is " .. claimed(row.result) .. ", the document says nothing")
  elseif node then
    add(where .. ": is nothing, the document says " .. described(node))
  end
end

-- The operation of the document that `row` binds, or nil.
function compare.operation(row, document)
  return document.operations[openapi.key(row.method, row.path)]
end

-- What the row says otherwise than the document: a list of sentences.
function compare.row(row, document)
  local found = {}
  local function add(text)
    found[#found + 1] = text
  end
  local operation = compare.operation(row, document)
  if not operation then
    return { row.name .. ": " .. row.method .. " " .. row.path .. " is not in the document" }
  end
  local documented, offered = by_place(operation.params), by_place(row.params)
  for _, field in ipairs(row.params) do
    local key = field.place .. " " .. field.wire
    local where = row.name .. " " .. key
    local param = documented[key]
    if param then
      compare_value(field, param.node, "request", where, add)
      compare_demands(field, param, where, add)
    elseif not UNNAMED[field.place] then
      add(where .. ": not in the document")
    end
  end
  for _, param in ipairs(operation.params) do
    local key = param.place .. " " .. param.wire
    if param.required and not offered[key] then
      add(row.name .. " " .. key .. ": required by the document, not in the row")
    end
  end
  compare_result(row, operation, add)
  return found
end

local function missing_fields(fields, node, where, add)
  while node.of do
    node = node.of
  end
  if not fields or node.type ~= "object" then
    return
  end
  local offered = by_wire(fields)
  for _, param in ipairs(node.fields()) do
    local field = offered[param.wire]
    if field then
      missing_fields(field.fields, param.node, where .. "." .. param.wire, add)
    elseif not param.required then
      add(where .. "." .. param.wire)
    end
  end
end

-- Optional parameters and request fields of the document that the row does not
-- offer: a list of "place name", each after the name of the row.
function compare.not_offered(row, document)
  local found = {}
  local function add(text)
    found[#found + 1] = text
  end
  local operation = compare.operation(row, document)
  local offered = by_place(row.params)
  for _, param in ipairs(operation and operation.params or {}) do
    local key = param.place .. " " .. param.wire
    local field = offered[key]
    if field then
      missing_fields(field.fields, param.node, row.name .. " " .. key, add)
    elseif not param.required then
      add(row.name .. " " .. key)
    end
  end
  return found
end

return compare
