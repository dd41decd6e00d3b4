--- Methods that rows of the operations table make: "git.status" is the row of
--- sandbox.git:status, "volume.list" of client.volume:list.  What must be given is
--- positional, in the order of the row; the rest is one table, the last.

local call = require "daytona.call.call"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local toolbox = require "daytona.call.toolbox"

local rows = {}

--- The area that the names of an object's rows begin with.
---@param object string like "sandbox.git", "client", "session"
function rows.area(object)
  return object:match "^sandbox%.(.*)" or object:match "^client%.(.*)" or object
end

--- Whose method it is: the sandbox, if there is one, and the client.
local function home(self)
  local sandbox = core.is_sandbox(self) and self or self._sandbox
  if sandbox then
    return sandbox, (core.sandbox_owner(sandbox))
  end
  return nil, self._client or self
end

--- Sends the row and gives the answer as it is.
---@param self table|userdata sandbox, client or an area of one
---@param operation string
---@param row table of core.method
---@param params table
---@param deadline number? by default that of the params, the row or the client
function rows.ask(self, operation, row, params, deadline)
  local sandbox, client = home(self)
  deadline = deadline or deadlines.of(params, row.timeout or client.timeout)
  if row.plane == "toolbox" then
    return toolbox.run(sandbox, operation, params, deadline)
  elseif row.of_sandbox then
    return toolbox.api(sandbox, operation, params, deadline)
  end
  return call.run(client, operation, params, nil, deadline)
end

--- The params of a call from what the method was given.
---@param self table|userdata
---@param operation string
---@param row table of core.method
---@param ... any arguments, options
---@return table
function rows.params(self, operation, row, ...)
  local arguments, count = {}, #row.arguments
  for index = 1, count do
    arguments[row.arguments[index]] = (select(index, ...))
  end
  if row.of_sandbox then
    arguments.sandbox_id = self.id
  end
  for _, name in ipairs(row.held or {}) do
    arguments[name] = self[name]
  end
  return call.params(operation, select(count + 1, ...), arguments)
end

--- A method that gives the row's answer, or a member of it.
---@param operation string
---@param row table of core.method
---@param prepare (fun(params: table))? changes the params before they are checked
---@return function
function rows.plain(operation, row, prepare)
  return function(self, ...)
    local params = rows.params(self, operation, row, ...)
    if prepare then
      prepare(params)
    end
    local answer, err = rows.ask(self, operation, row, params)
    if not answer then
      return nil, err
    elseif row.is_self then
      if answer ~= true then -- an older server's, which was empty
        core.sandbox_fields(self, core.sandbox_fields(answer)) -- what it lacks is no more
      end
      return self
    elseif row.member then
      return answer[row.member]
    end
    return answer
  end
end

--- One page, and all of them: "list" and "list_page" are the same row.
local function paged(operation, row, is_page)
  return function(self, ...)
    local params = rows.params(self, operation, row, ...)
    core.check(operation, params)
    local pager = require "daytona.call.pager"
    local function fetch(query)
      return pager.checked(operation, row.paging, query, rows.ask(self, operation, row, query))
    end
    if is_page then
      return fetch(params)
    end
    return pager.items(pager.pages(operation, row.paging, fetch, params))
  end
end

--- The method that a row makes.
---@param object string
---@param name string
---@return function
function rows.method(object, name)
  local area = rows.area(object)
  local listed = name:match "^(.*)_page$"
  if listed then
    local operation = area .. "." .. listed
    return paged(operation, core.method(operation), true)
  end
  local operation = area .. "." .. name
  local row = core.method(operation)
  if row.paging then
    return paged(operation, row, false)
  elseif row.goal then
    return require("daytona.call.goal").method(operation, row)
  end
  return rows.plain(operation, row)
end

return rows
