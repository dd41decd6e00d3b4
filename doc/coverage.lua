-- Writes coverage.md, what there is of the features of the official SDKs, into
-- doc/ (or the directory named), from features.lua:
--   lua5.4 doc/coverage.lua [DIRECTORY]
-- What can be looked up is: whether a method or an option is there, and whether a
-- spec has the test.  Prints what is claimed and not so, and then, with a
-- directory, fails: so does make check, and make doc goes on.

local class = require "daytona.call.class"
local core = require "daytona.core"
local daytona = require "daytona"
local signatures = require "daytona.call.signatures"

local features = dofile "doc/features.lua"

local client = assert(daytona.new { api_key = "none", api_url = "http://127.0.0.1:9" })
local roots = {
  daytona = daytona, client = client, sandbox = client:sandbox "none",
  loop = require "daytona.host.loop",
  uv = { run = true }, -- luv need not be here
}

local options = {} -- by row: set of names
for _, row in ipairs((core.operations(true))) do
  options[row.name] = {}
  for _, field in ipairs(row.params) do
    options[row.name][field.name] = true
  end
end

--- What is at a path of names: nil also where a name raises, for it may be like
--- another one.
local function value_at(path)
  local value
  for name in path:gmatch "[^.:]+" do
    if value == nil then
      value = roots[name]
    else
      local ok, member = pcall(function()
        return value[name]
      end)
      value = ok and member or nil
    end
    if value == nil then
      return nil
    end
  end
  return value
end

local function has_method(path)
  local object, name = path:match "^(.*)[:.]([^:.]+)$"
  if not object then
    return false
  elseif roots[object:match "^[^.]+"] then
    return value_at(path) ~= nil
  end
  local known = class.signatures and class.signatures(object) or signatures[object]
  return known ~= nil and known[name] ~= nil
end

local function has_option(path, option)
  local name = path:gsub(":", "."):gsub("^sandbox%.([%w_]+%.)", "%1"):gsub("^client%.([%w_]+%.)", "%1")
  local row = options[name] or options[(name:gsub("^client%.", "sandbox."))]
  return row ~= nil and (row[option] or option == "timeout")
end

--- "bound", "partly" or nil, and the first that is missing.
local function look_up(what)
  local found, missing = 0, nil
  for item in what:gmatch "[^, ]+" do
    local path, option = item:match "^([^{]+){(.*)}$"
    if has_method(path or item) and (not option or has_option(path, option)) then
      found = found + 1
    else
      missing = missing or item
    end
  end
  return found > 0 and (missing and "partly" or "bound") or nil, missing
end

local wrong = {}

--- Whether a spec has a test with that text in its name.
local function has_test(path, text)
  local file = io.open(path)
  if not file then
    return false
  end
  local found = false
  for line in file:lines() do
    local name = line:match '^%s*[%w_]+[( ]"(.*)"' or line:match "^%s*[%w_]+%('(.*)'"
    if name and name:find(text, 1, true) then
      found = true
      break
    end
  end
  file:close()
  return found
end

local out = {}

local function add(text, ...)
  out[#out + 1] = select("#", ...) > 0 and text:format(...) or text
end

local ORDER = {}
local counts, total = {}, { features = 0 }

local function count(id, key)
  local area = id:match "^%a+"
  if not counts[area] then
    counts[area] = {}
    ORDER[#ORDER + 1] = area
  end
  counts[area][key] = (counts[area][key] or 0) + 1
  total[key] = (total[key] or 0) + 1
end

local function escape(text)
  return (text:gsub("|", "\\|"))
end

local lines = {}
for _, feature in ipairs(features) do
  local state, missing = feature.state, nil
  if feature.what and not state then
    state, missing = look_up(feature.what)
    if state == "bound" and feature.note then
      state = "partly"
    end
  elseif feature.what and look_up(feature.what) ~= "bound" then
    wrong[#wrong + 1] = ("%s: %s is not there"):format(feature.id, feature.what)
  end
  state = state or "not yet"
  count(feature.id, "features")
  count(feature.id, state)
  if feature.served == true then
    count(feature.id, "served")
  elseif feature.served then
    count(feature.id, "refused")
  end
  local shown = ""
  if feature.spec and (state == "bound" or state == "partly") then
    if not has_test(feature.spec[1], feature.spec[2]) then
      wrong[#wrong + 1] = ("%s: %s has no test '%s'"):format(feature.id, feature.spec[1], feature.spec[2])
    end
    count(feature.id, "shown")
    shown = ("`%s`: %s"):format(feature.spec[1]:gsub("^spec/", ""), feature.spec[2])
  elseif state == "bound" then
    count(feature.id, "not shown")
  end
  local library = state
  if state == "bound" or state == "partly" then
    library = (state == "partly" and "partly: " or "") .. (feature.what and ("`%s`"):format(feature.what) or "errors")
    if missing then
      library = library .. (", without `%s`"):format(missing)
    end
  end
  if feature.note then
    library = library .. "; " .. feature.note
  end
  local served = feature.served == true and "serves" or feature.served or "-"
  lines[#lines + 1] = ("| %s | %s | %s | %s | %s |"):format(feature.id, escape(feature.name), escape(library),
    escape(served), escape(shown))
end

add "# Coverage"
add ""
add "Made by `make doc` from `doc/features.lua`; do not edit. The features of the official SDKs, area by area: what"
add "this library has of them, whether `daytona-local` serves them, and a spec that shows it. Whether methods,"
add "options and tests are there is looked up."
add ""
add("| area | features | bound | partly | not yet | left out on purpose | shown by a named spec "
  .. "| served locally | refused locally |")
add "|---|---|---|---|---|---|---|---|---|"

local function row(name, of)
  add("| %s | %d | %d | %d | %d | %d | %d | %d | %d |", name, of.features, of.bound or 0, of.partly or 0,
    of["not yet"] or 0, of["by design"] or 0, of.shown or 0, of.served or 0, of.refused or 0)
end

for _, area in ipairs(ORDER) do
  row(area, counts[area])
end
row("**all**", total)
add ""
add "What is neither served nor refused is no matter of a server."
add ""
add "| id | feature | library | daytona-local | spec |"
add "|---|---|---|---|---|"
for _, line in ipairs(lines) do
  add("%s", line)
end

local file = assert(io.open((arg[1] or "doc") .. "/coverage.md", "w"))
file:write(table.concat(out, "\n"), "\n")
file:close()
client:close()

for _, text in ipairs(wrong) do
  io.stderr:write("doc/features.lua: ", text, "\n")
end
os.exit(#wrong == 0 or not arg[1])
