-- Reads the published API documents, OpenAPI 3 and Swagger 2 alike, into one
-- plain form:
--   { operations = { ["POST /files/{}"] = operation } }
--   operation  { method, path, params = { parameter }, result = node or nil }
--   parameter  { place = "path|query|header|form|body", wire, required, node }
--   node       { type = "string|integer|number|boolean|any|file" }
--              { type = "list" or "map", of = node }
--              { type = "object", fields = function -> { parameter } }
-- An object's fields are read when asked for, for schemas may contain
-- themselves.

local cjson = require "cjson"

local openapi = {}

local METHODS = { "get", "put", "post", "delete", "patch", "head", "options" }
local SIMPLE = { string = true, integer = true, number = true, boolean = true, file = true }

-- "/sandbox/{sandboxIdOrName}" -> "/sandbox/{}": names of path parameters are
-- compared apart from the path they stand in.
function openapi.key(method, path)
  return method:upper() .. " " .. path:gsub("{[^}]*}", "{}")
end

-- Follows $ref, and allOf with one member, which is how a $ref gets its own
-- description.
local function resolve(document, schema)
  while schema do
    local reference = schema["$ref"]
    if reference then
      local found = document
      for part in reference:gsub("^#/", ""):gmatch "[^/]+" do
        found = assert(found[part], reference .. " leads nowhere")
      end
      schema = found
    elseif schema.allOf and #schema.allOf == 1 then
      schema = schema.allOf[1]
    else
      return schema
    end
  end
end

local node_of

local function fields_of(document, schema, place)
  local required = {}
  for _, name in ipairs(schema.required or {}) do
    required[name] = true
  end
  local fields = {}
  for name, property in pairs(schema.properties or {}) do
    fields[#fields + 1] = {
      place = place, wire = name, required = required[name] or false,
      node = node_of(document, property),
      minimum = property.minimum, maximum = property.maximum,
    }
  end
  table.sort(fields, function(a, b) return a.wire < b.wire end)
  return fields
end

function node_of(document, unresolved)
  local schema = resolve(document, unresolved)
  if SIMPLE[schema.type] then
    return { type = schema.type }
  elseif schema.type == "array" then
    return { type = "list", of = node_of(document, schema.items) }
  elseif schema.properties then
    return { type = "object", fields = function() return fields_of(document, schema, "field") end }
  elseif type(schema.additionalProperties) == "table" then
    return { type = "map", of = node_of(document, schema.additionalProperties) }
  end
  return { type = "any" }
end

local function json_schema(holder)
  local media = holder.content and holder.content["application/json"]
  return media and media.schema
end

local function add_body(document, params, schema)
  for _, field in ipairs(fields_of(document, resolve(document, schema), "body")) do
    params[#params + 1] = field
  end
end

local function params_of(document, item, source)
  local params = {}
  for _, list in ipairs { item.parameters or {}, source.parameters or {} } do
    for _, unresolved in ipairs(list) do
      local param = resolve(document, unresolved)
      if param["in"] == "body" then
        add_body(document, params, param.schema)
      else
        local schema = resolve(document, param.schema or param)
        params[#params + 1] = {
          place = param["in"] == "formData" and "form" or param["in"],
          wire = param.name, required = param.required or false,
          node = node_of(document, schema),
          minimum = schema.minimum, maximum = schema.maximum,
        }
      end
    end
  end
  local body = source.requestBody and json_schema(resolve(document, source.requestBody))
  if body then
    add_body(document, params, body)
  end
  return params
end

local function result_of(document, source)
  for _, status in ipairs { "200", "201", "202" } do
    local response = resolve(document, source.responses[status])
    local schema = response and (response.schema or json_schema(response))
    if schema then
      return node_of(document, schema)
    end
  end
end

-- The plain form of a decoded document.
function openapi.plain(document)
  local operations = {}
  for path, item in pairs(document.paths) do
    for _, method in ipairs(METHODS) do
      local source = item[method]
      if source then
        local key = openapi.key(method, path)
        assert(not operations[key], key .. " stands twice in the document")
        operations[key] = {
          method = method:upper(), path = path,
          params = params_of(document, item, source),
          result = result_of(document, source),
        }
      end
    end
  end
  return { operations = operations }
end

-- The plain form of the document in a file; raises if there is none.
function openapi.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return openapi.plain(cjson.new().decode(text))
end

return openapi
