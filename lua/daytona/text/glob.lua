--- Patterns for paths: `*` and `?` within a name, `[a-z]` and `[!a]`, `**` for any
--- number of directories, a backslash before what is meant as it is.

local glob = {}

local MANY = {} -- any number of items: of characters, or of directories
local CHARACTER = "[%z\1-\127\194-\244][\128-\191]*"

--- Whether the items are what the pattern says, each by `is(part, item)`.  Only the last
--- MANY is ever tried again, so it takes at most the product of both lengths.
local function matches(pattern, items, is)
  local p, n, again_p, again_n = 1, 1, nil, nil
  while n <= #items do
    if pattern[p] == MANY then
      again_p, again_n, p = p, n, p + 1
    elseif pattern[p] ~= nil and is(pattern[p], items[n]) then
      p, n = p + 1, n + 1
    elseif again_p then
      again_n = again_n + 1
      p, n = again_p + 1, again_n
    else
      return false
    end
  end
  while pattern[p] == MANY do
    p = p + 1
  end
  return p > #pattern
end

local function is_character(part, character)
  if type(part) == "table" then -- a set, as Lua has it
    return character:find(part.set) ~= nil
  end
  return part == true or part == character
end

--- The set that begins at `from`, after its bracket; where it ends.
local function set(name, from)
  local negated = name:match("^[!^]", from)
  local first = negated and from + 1 or from
  local last = name:find("]", first + 1, true)
  if last then
    local body = name:sub(first, last - 1):gsub("[%%%]%[^]", "%%%0")
    return { set = ("^[%s%s]"):format(negated and "^" or "", body) }, last + 1
  end
end

--- One name of a path; nil: its bracket is not closed.
local function name_pattern(name)
  local parts, position = {}, 1
  while position <= #name do
    local character = name:match("^" .. CHARACTER, position) or name:sub(position, position)
    local part, next_position = character, position + #character
    if character == "*" then
      part = MANY
    elseif character == "?" then
      part = true
    elseif character == "\\" and position < #name then
      part = name:match("^" .. CHARACTER, next_position) or name:sub(next_position, next_position)
      next_position = next_position + #part
    elseif character == "[" then
      part, next_position = set(name, next_position)
      if not part then
        return nil
      end
    end
    parts[#parts + 1], position = part, next_position
  end
  return parts
end

local function characters(name)
  local list, position = {}, 1
  while position <= #name do
    local character = name:match("^" .. CHARACTER, position) or name:sub(position, position)
    list[#list + 1], position = character, position + #character
  end
  return list
end

local function is_name(parts, name)
  return matches(parts, name, is_character)
end

local function split(path)
  local names = {}
  for name in path:gmatch "[^/]+" do
    if name ~= "." then
      names[#names + 1] = name
    end
  end
  return names
end

--- Whether a pattern is about more than the last name of a path.
---@param pattern string
---@return boolean
function glob.is_deep(pattern)
  return pattern:find("/", 1, true) ~= nil or pattern == "**"
end

--- The pattern of the last name.
---@param pattern string
---@return string
function glob.base(pattern)
  local base = pattern:match "([^/]*)/*$"
  return (base == "**" or base == "") and "*" or base
end

--- What tells whether a path, relative to where the pattern begins, matches.
---@param pattern string
---@return (fun(path: string): boolean)? matcher nil: a bracket is not closed
function glob.matcher(pattern)
  local names = split(pattern)
  for index, name in ipairs(names) do
    names[index] = name == "**" and MANY or name_pattern(name)
    if not names[index] then
      return nil
    end
  end
  return function(path)
    local items = split(path)
    for index, name in ipairs(items) do
      items[index] = characters(name)
    end
    return matches(names, items, is_name)
  end
end

return glob
