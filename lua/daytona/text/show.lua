--- How results look in a prompt: print(run), print(files).  What matters comes
--- first, long texts, lists and depths are cut, and nothing secret is shown.

local core = require "daytona.core"

local show = {}

local LONGEST_TEXT = 200 -- bytes of one string
local MOST_MEMBERS = 40 -- of one table
local DEEPEST = 4
local LONGEST = 8000 -- bytes of all
local WIDTH = 100 -- a table that fits in that stands on one line

-- Members that come first, in this order.
local FIRST = {
  "id", "name", "path", "file", "line", "state", "exit_code", "signal", "stdout", "stderr", "result", "content", "text"
}
local RANK = {}
for index, name in ipairs(FIRST) do
  RANK[name] = index
end

-- Members that give access, or may: by their names, and the values of an "env".
local SECRET = {
  token = true, key = true, api_key = true, signing_key = true, password = true, secret = true, authorization = true,
}
local SECRET_VALUES = { env = true, envs = true }

local function is_secret(key)
  return type(key) == "string"
    and (SECRET[key] or key:find "_token$" ~= nil or key:find "_secret$" ~= nil or key:find "_password$" ~= nil)
end

local ESCAPES = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ['"'] = '\\"', ["\\"] = "\\\\" }

--- Hides the password of a URL, as remotes of git have it.
local function without_password(text)
  return (text:gsub("(%a://[^/@:%s]*:)[^/@%s]+@", "%1***@"))
end

--- A string as it would stand in a program, on one line and without control
--- characters.
local function quoted(text)
  text = without_password(text)
  local length, rest = #text, ""
  if length > LONGEST_TEXT then
    text = text:sub(1, LONGEST_TEXT):gsub("[\192-\255][\128-\191]*$", "") -- no half of a character
    rest = ("... (%d bytes)"):format(length)
  end
  text = text:gsub('[%c"\\]', function(char)
    return ESCAPES[char] or ("\\%03d"):format(char:byte())
  end)
  return core.printable('"' .. text .. '"') .. rest
end

local function is_name(key)
  return type(key) == "string" and key:find "^[%a_][%w_]*$" ~= nil
end

local function before(a, b)
  local first, second = RANK[a] or #FIRST + 1, RANK[b] or #FIRST + 1
  if first ~= second then
    return first < second
  elseif type(a) == type(b) and (type(a) == "string" or type(a) == "number") then
    return a < b
  end
  return tostring(a) < tostring(b)
end

local describe

--- "{ a = 1 }" on one line if it fits, or one member a line.
local function braced(parts, indent)
  local line = table.concat(parts, ", ")
  if #parts == 0 then
    return "{}"
  elseif #line + #indent <= WIDTH and not line:find "\n" then
    return "{ " .. line .. " }"
  end
  local inner = indent .. "  "
  return "{\n" .. inner .. table.concat(parts, ",\n" .. inner) .. "\n" .. indent .. "}"
end

local function describe_table(value, depth, indent, seen)
  if seen[value] or depth > DEEPEST then
    return "{...}"
  end
  seen[value] = true
  local parts, keys, inner, size = {}, {}, indent .. "  ", #value
  for index = 1, math.min(size, MOST_MEMBERS) do
    parts[index] = describe(rawget(value, index), depth + 1, inner, seen)
  end
  for key in next, value do
    local is_item = type(key) == "number" and key >= 1 and key <= size and key % 1 == 0
    if not is_item and not (type(key) == "string" and key:find "^_") then
      keys[#keys + 1] = key
    end
  end
  table.sort(keys, before)
  for index = 1, math.min(#keys, MOST_MEMBERS) do
    local key, member = keys[index], rawget(value, keys[index])
    local text
    if is_secret(key) then
      text = "***"
    elseif SECRET_VALUES[key] and type(member) == "table" then
      text = "{ *** }"
    else
      local token = rawget(value, "token")
      if type(token) == "string" and #token > 3 and type(member) == "string" then -- as in a signed preview's URL
        member = member:gsub(token:gsub("%W", "%%%0"), "***")
      end
      text = describe(member, depth + 1, inner, seen)
    end
    local name = is_name(key) and key or ("[%s]"):format(type(key) == "string" and quoted(key) or tostring(key))
    parts[#parts + 1] = ("%s = %s"):format(name, text)
  end
  local left = math.max(size - MOST_MEMBERS, 0) + math.max(#keys - MOST_MEMBERS, 0)
  if left > 0 then
    parts[#parts + 1] = ("... %d more"):format(left)
  end
  seen[value] = nil
  return braced(parts, indent)
end

local shown -- metatable of results

function describe(value, depth, indent, seen)
  local kind = type(value)
  if kind == "string" then
    return quoted(value)
  elseif kind == "table" then
    local metatable = getmetatable(value)
    if metatable == nil or metatable == shown then
      return describe_table(value, depth, indent, seen)
    end
    return core.printable(tostring(value))
  elseif kind == "function" or kind == "thread" then
    return kind
  end
  return core.printable(tostring(value))
end

--- The text of a value, bounded.
---@param value any
---@return string
function show.text(value)
  local text = describe(value, 1, "", {})
  if #text > LONGEST then
    text = text:sub(1, LONGEST):gsub("[\192-\255][\128-\191]*$", "") .. ("\n... (%d bytes)"):format(#text)
  end
  return text
end

--- Makes describe know the metatable that results have.
function show.results(metatable)
  shown = metatable
end

return show
