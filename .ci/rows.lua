-- Checks that each row of the operations table that makes a method says what it and
-- its fields are for, and that a spec names it ("git.status", or git:status); and
-- that each class which is named in types is declared somewhere.
--   lua5.4 .ci/rows.lua     (with the paths of `make env`)

local comments = dofile "doc/comments.lua"
local core = require "daytona.core"

local faults = 0

local function fault(text, ...)
  faults = faults + 1
  print(text:format(...))
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  return text
end

local function files(pattern)
  local found = {}
  local listing = assert(io.popen("git ls-files --cached --others --exclude-standard " .. pattern))
  for path in listing:lines() do
    local file = io.open(path)
    if file then -- not deleted since
      file:close()
      found[#found + 1] = path
    end
  end
  listing:close()
  return found
end

-- Parameters whose names say that they are secret, or that they name a secret.
local SECRET = {
  "passw", "passphrase", "token", "credential", "secret", "api_?key", "apikey", "private_?key", "^env$", "^envs$",
}
local NAMES = { -- of secrets
  secrets = true, secret_id = true,
}

local function is_like_secret(row, field)
  for _, name in ipairs { field.name, field.wire } do
    for _, pattern in ipairs(NAMES[field.name] and {} or SECRET) do
      if name:lower():find(pattern) then
        return true
      end
    end
  end
  return row.name:find "^secret%." ~= nil and field.name == "value"
end

-- What a call was given of secrets comes into no error: see redaction.lua.
local function check_secrets(row, fields)
  for _, field in ipairs(fields or {}) do
    if is_like_secret(row, field) and not field.secret then
      fault("row %s: field '%s' is named like a secret and has no DT_SECRET", row.name, field.name)
    end
    check_secrets(row, field.fields)
  end
end

local function check_fields(row, fields)
  for _, field in ipairs(fields or {}) do
    if not field.doc or field.doc == "" then
      fault("row %s: field '%s' has no doc", row.name, field.name)
    end
    check_fields(row, field.fields)
  end
end

local texts = {}
for _, path in ipairs(files "spec") do
  if path:find "_spec%.lua$" or path:find "^spec/support/.*%.lua$" then
    texts[#texts + 1] = read(path)
  end
end
local specs = table.concat(texts, "\n")

local function is_named(row)
  local area, method = row.name:match "([^.]*)%.([^.]*)$"
  if specs:find('"' .. row.name .. '"', 1, true) then
    return true
  elseif area == "sandbox" or area == "client" then
    return specs:find("%w:" .. method .. "%f[^%w_]") ~= nil
  end
  return specs:find("%f[%w]" .. area .. "[:.]" .. method .. "%f[^%w_]") ~= nil
end

for _, row in ipairs((core.operations(true))) do
  check_secrets(row, row.params)
end
for _, row in ipairs(core.operations()) do
  if row.makes_method then
    if not row.doc or row.doc == "" then
      fault("row %s has no doc", row.name)
    end
    check_fields(row, row.params)
    check_fields(row, row.result and row.result.fields)
    if not is_named(row) then
      fault("row %s: no spec names it", row.name)
    end
  end
end

-- Classes of types, in comments and in what is made of the rows.
local declared, named = {}, {}
for _, path in ipairs(files "'lua/*.lua' doc/meta.lua") do
  for line in io.lines(path) do
    local class = line:match "^%-%-%-@class ([%w_.]+)"
    local kind, text = line:match "^%-%-%-@(%l+) (.*)"
    if class then
      declared[class] = true
    elseif kind == "param" or kind == "return" or kind == "type" or kind == "field" then
      local type_only = comments.split_type((kind == "param" or kind == "field") and text:match "%S+%s+(.*)" or text)
      for name in type_only:gmatch "daytona%.[%w_.]*[%w_]" do
        named[name] = named[name] or path
      end
    end
  end
end
for class, path in pairs(named) do
  local is_module = package.searchpath(class, "lua/?.lua;lua/?/init.lua")
  if not declared[class] and not is_module then
    fault("%s: no class %s is declared", path, class)
  end
end

os.exit(faults == 0)
