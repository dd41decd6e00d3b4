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

-- Members that give access, or may: by the end of their names, whatever their case and
-- without hyphens and underscores; and the values of an "env".
local SECRET = {
  "token$", "password$", "passwd$", "secret$", "authorization$", "cookie$", "credentials?$", "^key$", "apikey$",
  "authkey$", "accesskey$", "privatekey$", "secretkey$", "signingkey$", "sshkey$",
}
local SECRET_VALUES = { env = true, envs = true }

local function is_secret(key)
  if type(key) == "string" then
    local plain = key:lower():gsub("[_-]", "")
    for _, ending in ipairs(SECRET) do
      if plain:find(ending) then
        return true
      end
    end
  end
  return false
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

--- Puts the key where it belongs among the first ones, which are in order; those that
--- are too many fall out.
local function insert(keys, key)
  local at = #keys + 1
  while at > 1 and before(key, keys[at - 1]) do
    at = at - 1
  end
  if at <= MOST_MEMBERS then
    table.insert(keys, at, key)
    keys[MOST_MEMBERS + 1] = nil
  end
end

--- The first members of a table that are no items of its list, in order, and how many
--- there are in all.
local function members(value, size)
  local keys, count = {}, 0
  for key in next, value do
    local is_item = type(key) == "number" and key >= 1 and key <= size and key % 1 == 0
    if not is_item and not (type(key) == "string" and key:find "^_") then
      count = count + 1
      insert(keys, key)
    end
  end
  return keys, count
end

local function describe_table(value, depth, indent, seen)
  if seen[value] or depth > DEEPEST then
    return "{...}"
  end
  seen[value] = true
  local parts, inner, size = {}, indent .. "  ", #value
  for index = 1, math.min(size, MOST_MEMBERS) do
    parts[index] = describe(rawget(value, index), depth + 1, inner, seen)
  end
  local keys, count = members(value, size)
  for _, key in ipairs(keys) do
    local member = rawget(value, key)
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
  local left = math.max(size - MOST_MEMBERS, 0) + count - #keys
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
