-- Reads the LuaCATS comments of the Lua code, for reference.lua: functions with
-- their parameters and results, classes with their fields.

local comments = {}

--- Splits "TYPE rest" where the type may have blanks within brackets, and after
--- the colon of a function.
function comments.split_type(text)
  local depth, index = 0, 1
  while index <= #text do
    local char = text:sub(index, index)
    if char:find "[({<%[]" then
      depth = depth + 1
    elseif char:find "[)}>%]]" then
      depth = depth - 1
    elseif char:find "%s" and depth == 0 and not text:sub(1, index - 1):find "[:|,]$"
      and not text:find("^%s*[:|]", index) then
      break
    end
    index = index + 1
  end
  return text:sub(1, index - 1), text:sub(index):match "^%s*(.*)"
end

--- What stands between commas outside of brackets.
function comments.split(text)
  local parts, depth, start = {}, 0, 1
  for index = 1, #text + 1 do
    local char = text:sub(index, index)
    if char:find "[({<%[]" then
      depth = depth + 1
    elseif char:find "[)}>%]]" then
      depth = depth - 1
    elseif char == "" or char == "," and depth == 0 then
      local part = text:sub(start, index - 1):match "^%s*(.-)%s*$"
      if part ~= "" then
        parts[#parts + 1] = part
      end
      start = index + 1
    end
  end
  return parts
end

--- The declaration of a public function on this line: object, separator, name,
--- parameters (nil where a "@type fun" has them).
local function declaration(line)
  local object, separator, name, parameters = line:match "^function ([%w_]+)([.:])([%w_]+)(%b())"
  if not object then
    object, name = line:match "^([%w_]+)%.([%w_]+) = [%w_]+[ (\"]"
    separator = ":"
  end
  if not name or name:sub(1, 1) == "_" or name == "new" and object ~= "daytona" then
    return nil
  end
  return object, separator, name, parameters
end

local function parse(comment, parameters)
  local parsed = { description = {}, inputs = {}, outputs = {} }
  for _, line in ipairs(comment) do
    local tag, rest = line:match "^@(%w+)%s*(.*)"
    if tag == "param" then
      local name, type_and_rest = rest:match "^(%S+)%s+(.*)"
      local kind, remark = comments.split_type(type_and_rest)
      table.insert(parsed.inputs, { name = name, type = kind, remark = remark })
    elseif tag == "return" then
      local kind, remark = comments.split_type(rest)
      table.insert(parsed.outputs, { type = kind, remark = remark })
    elseif tag == "type" then
      local arguments, results = rest:match "^fun(%b())%s*:?%s*(.*)"
      parameters = "("
      for _, argument in ipairs(comments.split(arguments:sub(2, -2))) do
        local name, kind = argument:match "^([%w_]+%??):%s*(.*)"
        if name and name ~= "self" then
          parameters = parameters .. (parameters == "(" and "" or ", ") .. name:gsub("%?", "")
          table.insert(parsed.inputs, { name = name:gsub("%?", ""), type = kind, remark = "" })
        end
      end
      parameters = parameters .. ")"
      for _, result in ipairs(comments.split(results)) do
        table.insert(parsed.outputs, { type = result, remark = "" })
      end
    elseif not tag then
      table.insert(parsed.description, line)
    end
  end
  parsed.parameters = parameters
  return parsed
end

--- Calls fn(object, separator, name, parsed or nil) for each public function of a
--- file; parsed is nil where there is no comment.
function comments.functions(file, fn)
  local comment = {}
  for line in io.lines(file) do
    local text = line:match "^%-%-%-%s?(.*)"
    if text then
      comment[#comment + 1] = text
    else
      local object, separator, name, parameters = declaration(line)
      if object then
        fn(object, separator, name, #comment > 0 and parse(comment, parameters) or nil, line)
      end
      comment = {}
    end
  end
end

--- All classes of the Lua code: fields { name, type, doc, optional } by name.
function comments.classes()
  local classes = {}
  local listing = assert(io.popen "git ls-files 'lua/*.lua'")
  for path in listing:lines() do
    local class
    for line in io.lines(path) do
      local name = line:match "^%-%-%-@class ([%w_.]+)"
      local field = class and line:match "^%-%-%-@field (.*)"
      if name then
        class = classes[name] or {}
        classes[name] = class
      elseif field then
        local key, rest = field:match "^(%S+)%s+(.*)"
        local kind, doc = comments.split_type(rest)
        if key:sub(1, 1) ~= "_" then
          class[#class + 1] = { name = key, type = kind, doc = doc }
        end
      elseif not line:find "^%-%-%-" then
        class = nil
      end
    end
  end
  listing:close()
  return classes
end

return comments
