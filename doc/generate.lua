-- Writes meta.lua, types for editors, into doc/ (or the directory named) from the
-- operations table:  lua5.4 doc/generate.lua [DIRECTORY]
-- reference.lua writes the reference.

local core = require "daytona.core"
local rows = dofile "doc/rows.lua"

local out = {}

local function add(text, ...)
  out[#out + 1] = select("#", ...) > 0 and text:format(...) or text
end

local seen = {}
local methods, objects = rows.methods()

local function write_class(name, fields, optional)
  if seen[name] then
    return
  end
  seen[name] = true
  for _, field in ipairs(fields) do
    if field.shape and field.shape ~= "sandbox" and field.fields then
      write_class("daytona." .. field.shape, field.fields, false)
    end
  end
  add("---@class %s", name)
  for _, field in ipairs(fields) do
    local mark = optional and not field.required and "?" or ""
    local key = field.name == "end" and '["end"]' or field.name -- a word of Lua's own
    add("---@field %s%s %s %s", key, mark, rows.type(field), field.doc or "")
  end
  add ""
end

--- A class of the methods that rows make, and of what is within it.
local function write_object(object, list)
  add("---@class %s", rows.class(object))
  for _, other in ipairs(objects) do
    local area = other:match("^" .. object:gsub("%.", "%%.") .. "%.([%w_]+)$")
    if area then
      add("---@field %s %s", area, rows.class(other))
    end
  end
  for _, method in ipairs(list or {}) do
    local parameters = { "self: " .. rows.class(object) }
    for _, field in ipairs(method.arguments) do
      parameters[#parameters + 1] = ("%s: %s"):format(field.name, rows.type(field))
    end
    parameters[#parameters + 1] = ("options: daytona.options.%s?"):format(method.row.name)
    add("---@field %s fun(%s): %s%s %s", method.name, table.concat(parameters, ", "), method.kind,
      method.iterates and "" or "?, daytona.Error?", method.row.doc)
  end
  add ""
end

--- The options of a method that a row makes.
local function write_options(method)
  for _, field in ipairs(method.row.params) do
    if field.fields and field.shape ~= "sandbox" then
      write_class("daytona." .. field.shape, field.fields, false)
    end
  end
  write_class("daytona.options." .. method.row.name .. ": daytona.options", method.options, true)
end

add "---@meta"
add "-- Made by `make doc` from the operations table; do not edit."
add ""
write_class("daytona.options", select(2, core.operations()), true)
for _, row in ipairs(core.operations(true)) do
  if #row.params > 0 and not row.makes_method then
    write_class("daytona.options." .. row.name, row.params, true)
  end
  local result = row.result
  if result and result.fields then
    write_class(result.shape == "sandbox" and "daytona.Sandbox" or "daytona." .. result.shape, result.fields, false)
  end
end
for _, object in ipairs(objects) do
  for _, method in ipairs(methods[object]) do
    write_options(method)
  end
  write_object(object, methods[object])
end
for _, object in ipairs(objects) do -- what holds areas, but has no methods by rows
  local outer = object:match "^(.*)%.[%w_]+$"
  if outer and not methods[outer] then
    methods[outer] = {}
    write_object(outer)
  end
end

local file = assert(io.open((arg[1] or "doc") .. "/meta.lua", "w"))
file:write((table.concat(out, "\n"):gsub("\n\n\n+", "\n\n")), "\n")
file:close()
