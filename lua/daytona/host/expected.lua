--- What the functions of a host take: checks with messages that say which
--- function of which module was called, and whether with a colon.

local core = require "daytona.load"

local expected = {}

--- Raises if a function was called with a colon.
---@param name string for the message
---@param module table
---@param value any the first argument
function expected.dot(name, module, value)
  if rawequal(value, module) then
    core.misuse(("%s: call it with a dot, not with a colon"):format(name))
  end
end

local function refuse(name, module, wanted, value)
  expected.dot(name, module, value)
  local got = wanted == "seconds" and type(value) == "number" and tostring(value) or type(value)
  core.misuse(("%s: %s expected, got %s"):format(name, wanted, got))
end

--- Raises unless an argument is a function.
---@param name string for the message
---@param module table the argument is this: the function was called with a colon
---@param value any
function expected.fn(name, module, value)
  if type(value) ~= "function" then
    refuse(name, module, "function", value)
  end
end

--- Raises unless an argument is a number of seconds.
---@param name string
---@param module table
---@param value any
function expected.seconds(name, module, value)
  if type(value) ~= "number" or value ~= value or value < 0 then
    refuse(name, module, "seconds", value)
  end
end

--- Raises unless a method of a task was called with a colon.
---@param class table metatable of tasks
---@param value any
---@param method string
function expected.task(class, value, method)
  if getmetatable(value) ~= class then
    core.misuse(("task.%s: call methods with a colon, task:%s(...)"):format(method, method))
  end
end

--- Raises unless a table can be a host: see doc/hosts.md, "The contract".
---@param name string
---@param host any
function expected.host(name, host)
  if type(host) ~= "table" then
    core.misuse(("%s: field 'host': table like daytona.host.loop expected, got %s"):format(name, type(host)))
  end
  local what = name .. ": field 'host'"
  for _, member in ipairs { "wait", "sleep" } do
    expected.member(what, host, member)
  end
  for _, member in ipairs { "spawn", "cancelled", "check", "shield", "pcall", "wait_for" } do
    expected.member(what, host, member, true)
  end
end

--- Raises unless a member of a table is a function.
---@param name string
---@param table table
---@param member string
---@param optional boolean?
function expected.member(name, table, member, optional)
  local value = table[member]
  if type(value) ~= "function" and not (optional and value == nil) then
    core.misuse(("%s: field '%s': function expected, got %s"):format(name, member, type(value)))
  end
end

return expected
