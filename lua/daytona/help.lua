--- daytona.help: what the rows of the operations table say, in a prompt.

local core = require "daytona.core"
local signatures = require "daytona.call.signatures"

-- Rows that no method of a user's has: steps of others.
local STEPS = {
  ["fs.upload_raw"] = true, ["sandbox.build_log"] = true, ["sandbox.get_build_logs_url"] = true,
  ["sandbox.get_toolbox_proxy_url"] = true, ["sandbox.get_signing_key"] = true, ["code_interpreter.execute"] = true,
  ["command.follow_entrypoint"] = true, ["command.entrypoint_logs"] = true, ["client.connect"] = true,
}

-- Methods of the client whose rows are named by what they are about.
local CLIENT = { create = true, list = true, get = true }
local OUTSIDE = {
  client = true, session = true, command = true, job = true, pty = true, lsp = true, loop = true, preview_socket = true,
}

local function rows()
  local list = {}
  for _, row in ipairs((core.operations(true))) do
    if not STEPS[row.name] then
      list[#list + 1] = row
    end
  end
  return list
end

--- How the method of a row is written.
local function call_of(row)
  local area, name = row.name:match "^(.*)%.([^.]+)$"
  if area == "sandbox" then
    return (CLIENT[name] and "client:" or "sandbox:") .. name
  elseif area == "daytona" or area == "testing" then
    return (area == "testing" and "daytona.testing." or "daytona.") .. name
  elseif OUTSIDE[area] then
    return area .. ":" .. name
  end
  return (row.plane == "api" and row.method ~= "" and "client." or "sandbox.") .. area .. ":" .. name
end

local function type_of(field)
  local name = field.type == "object" and (field.shape or "table") or field.type
  if field.many == "list" then
    return name .. "[]"
  elseif field.many == "map" then
    return "map of " .. name
  end
  return name
end

local function describe_fields(out, title, fields, choose)
  local heading = title
  for _, field in ipairs(fields) do
    if choose(field) then
      if heading then
        out[#out + 1] = heading
        heading = nil
      end
      local range = field.max and (" (%.0f to %.0f)"):format(field.min, field.max) or ""
      out[#out + 1] = ("  %-24s %s%s  %s"):format(field.name, type_of(field), range, field.doc or ""):gsub("%s+$", "")
    end
  end
end

local function optional(field)
  return not field.required
end

local function every()
  return true
end

local function text_of(row)
  local arguments, held = {}, { sandbox_id = true }
  for _, name in ipairs(row.path ~= "" and row.held or {}) do
    held[name] = true
  end
  local function is_argument(field)
    return field.required and not held[field.name]
  end
  for _, field in ipairs(row.params) do
    if is_argument(field) then
      arguments[#arguments + 1] = field.name
    end
  end
  arguments[#arguments + 1] = "options"
  local object, method = call_of(row):match "^(.*):(.*)$"
  if object and signatures[object] and (signatures[object][method] or 0) > #arguments then
    table.insert(arguments, 1, "...") -- written by hand, with arguments that the row does not know
  end
  local out = { ("%s(%s)"):format(call_of(row), table.concat(arguments, ", ")), "  " .. (row.doc or "") }
  describe_fields(out, "arguments", row.params, is_argument)
  describe_fields(out, "options (besides timeout and max_retries)", row.params, optional)
  if row.result and row.result.fields then
    describe_fields(out, row.result.many == "list" and "each result" or "result", row.result.fields, every)
  end
  return table.concat(out, "\n")
end

--- The areas, each with its methods.
local function overview()
  local out, lines, order = { "daytona.help \"AREA\" or \"AREA.METHOD\"; all of it is in doc/api.md" }, {}, {}
  for _, row in ipairs(rows()) do
    local area, name = row.name:match "^(.*)%.([^.]+)$"
    if not lines[area] then
      lines[area] = {}
      order[#order + 1] = area
    end
    table.insert(lines[area], name)
  end
  for _, area in ipairs(order) do
    local line, indent = ("  %-17s"):format(area), (" "):rep(19)
    for _, name in ipairs(lines[area]) do
      if #line + #name > 98 then
        out[#out + 1] = line
        line = indent
      end
      line = line .. " " .. name
    end
    out[#out + 1] = line
  end
  return table.concat(out, "\n")
end

local function area_text(area, list)
  local out = {}
  for _, row in ipairs(list) do
    if row.name:sub(1, #area + 1) == area .. "." then
      out[#out + 1] = ("%-42s %s"):format(call_of(row), row.doc or "")
    end
  end
  return #out > 0 and table.concat(out, "\n") or nil
end

--- The row whose method has the last name, or begins with it.
local function like(plain, list)
  local area, name = plain:match "^(.-)%.?([^.]*)$"
  local found, best = nil, 0
  for _, row in ipairs(list) do
    local its_area, method = row.name:match "^(.*)%.([^.]*)$"
    local score = method == name and 4 or #name > 3 and method:sub(1, #name) == name and 2 or 0
    score = score > 0 and its_area == area and score + 1 or score
    if score > best then
      found, best = row.name, score
    end
  end
  return found
end

--- What a method does, with its arguments, options and results; what is in an
--- area; or, without a name, the areas.
---@param name string? like "git.clone", "sandbox.git:clone", "client:create", "fs"
---@return string text
return function(name)
  if name == nil then
    return overview()
  elseif type(name) ~= "string" then
    core.misuse(("daytona.help: string expected, got %s"):format(type(name)))
  end
  local list, by_name = rows(), {}
  for _, row in ipairs(list) do
    by_name[row.name] = row
  end
  local plain = name:gsub(":", "."):gsub("%(.*", ""):gsub("^sandbox%.([%w_]+%.)", "%1")
  local short = plain:gsub("^client%.", "sandbox.")
  local row = by_name[plain] or by_name[short] or by_name[(plain:gsub("^client%.", ""))]
  if row then
    return text_of(row)
  end
  local text = area_text(plain, list) or area_text(plain:match "[^.]*$", list)
  if text then
    return text
  end
  local near = core.nearest(plain, by_name, 2) or like(plain, list)
  return ("nothing is called '%s'%s"):format(core.printable(name), near and (" (did you mean %s?)"):format(near) or "")
end
