--- How a sandbox is made, and what becomes of it when that does not succeed.

local call = require "daytona.call.call"
local cleanup = require "daytona.call.cleanup"
local closing = require "daytona.sandbox.closing"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local error_object = require "daytona.call.error"
local ignored = require "daytona.sandbox.ignored_options"
local deletion = require "daytona.sandbox.deletion"
local toolbox = require "daytona.call.toolbox"
local wait = require "daytona.sandbox.wait"

local creation = {}

local MARK = "daytona-lua-create"
local GONE_SOON = 0.5 -- seconds that an error or a cancelled task is held up until the sandbox is gone
local LOOKS = 6 -- for a sandbox whose creation was not answered

--- Marks what a create is about to make, so that it can be found if there is no
--- answer.
---@param labels table<string, string> gets a label more
---@return table<string, string> mark
local function mark(labels)
  local digits = {}
  for index = 1, 4 do
    digits[index] = ("%08x"):format(math.floor(core.random() * 2 ^ 32))
  end
  local value = table.concat(digits)
  labels[MARK] = value
  return { [MARK] = value }
end

--- The sandbox with that mark; the server may still be busy making it.
local function find_marked(client, wanted, deadline)
  local looks, delay = cleanup.looks(client, deadline), 0.1
  local look = 0
  while true do
    local page, err = client:list_page { labels = wanted, timeout = math.max(looks:limit() - core.now(), 0.001) }
    for _, sandbox in ipairs(page and page.items or {}) do
      if sandbox.labels and sandbox.labels[MARK] == wanted[MARK] then
        return sandbox
      end
    end
    look = page and look + 1 or look
    if page then
      looks:answered()
      if look == LOOKS or core.now() + delay > deadline then
        return nil
      end
      client.host.sleep(delay)
      delay = delay * 2
    elseif not looks:again(err) then
      return nil, err
    end
  end
end

--- What is made for the options, before it is.  Its `undo` removes what there is.
---@param params table of sandbox.create
---@param is_marked boolean? it can be found even if nobody answers
---@return table own
function creation.new(params, is_marked)
  local own = { what = "the sandbox", params = params, mark = is_marked and mark(params.labels) }
  function own.undo(client)
    local deadline, err = core.now() + cleanup.SECONDS, nil
    local late = cleanup.answer(client, own)
    own.id = own.id or late and late ~= true and late.id
    if not own.id and own.is_sent and own.mark then
      local found
      found, err = find_marked(client, own.mark, deadline)
      own.id, own.was_sought = found and found.id, true
    end
    if err then
      own.is_lost = true
      return nil, err
    elseif not own.id then
      return true
    end
    own.state, err = deletion.remove(client, own.id, deadline, not own.may_take_long and GONE_SOON or nil)
    return own.state and true, err
  end
  return own
end

--- Sends the creation; a task that is cancelled meanwhile waits for the answer,
--- which alone says what was made.
local function send(client, own, deadline)
  if cleanup.is_cancelled(client) then
    return nil, error_object.cancelled "sandbox.create"
  end
  own.is_sent = true
  local sandbox, err = cleanup.shielded(client, call.run, cleanup.deferring(client, own), "sandbox.create",
    own.params, nil, deadline)
  if sandbox == true then -- an empty answer
    sandbox, err = nil, error_object.new {
      kind = "protocol", operation = "sandbox.create", message = "the server does not say what it made",
      outcome = "unknown",
    }
  end
  own.is_sent = sandbox ~= nil or err.outcome == "unknown"
  own.id, own.request = sandbox and sandbox.id, nil
  if own.raised then
    error(own.raised[1], 0)
  end
  return sandbox, err
end

--- Makes the sandbox and waits for it as the options say.
---@param client daytona.Client
---@param own table from creation.new
---@param deadline number?
---@return daytona.Sandbox? sandbox
---@return daytona.Error? err
local function make(client, own, deadline)
  local params = own.params
  local sandbox, err = send(client, own, deadline)
  if not sandbox then
    return nil, err
  end
  local ok = params.wait == false or wait.is_reached(sandbox, "started")
  if not ok and params.build_info then
    ok, err = require("daytona.sandbox.build_log").wait(sandbox, deadline, params)
  elseif not ok then
    ok, err = wait.reach(sandbox, "started", deadline, params)
  end
  if not ok then
    err.sandbox_id = sandbox.id
    return nil, err
  end
  local names = ignored.options(params, sandbox)
  if names then
    toolbox.update(sandbox, { ignored_options = names })
    if client._hooks then
      client._hooks:warn("sandbox.create", ("the server ignored %s"):format(table.concat(names, ", ")))
    end
  end
  return sandbox
end

--- Adds what became of the sandbox to the error of a create.
local function tell(own, err, undone)
  if own.is_lost then
    err.message = ("%s; what it made could not be looked for: %s"):format(err.message, undone.message)
  elseif not own.id then
    if own.was_sought then
      err.message = err.message .. "; no sandbox of it was found"
    end
  elseif undone == true then
    err.sandbox_id, err.state, err.outcome = own.id, own.state, "failed"
    err.message = err.message .. "; it was deleted"
  else
    err.sandbox_id = own.id
    err.message = ("%s; it was not deleted: %s"):format(err.message, undone.message)
  end
  return err
end

--- Whether a sandbox stays although its creation failed.  One that ended in a
--- state of its own, like "error", says why.
local function stays(params, err)
  if params.on_timeout == "keep" or err.kind == "state" then
    return true
  end
  return params.on_timeout ~= "delete" and err.kind ~= "cancelled"
end

--- See client:create.
---@param client daytona.Client
---@param params table of sandbox.create
---@return daytona.Sandbox? sandbox
---@return daytona.Error? err
function creation.create(client, params)
  local deadline = deadlines.of(params, wait.LIMIT)
  local own = creation.new(params, params.on_timeout == "delete")
  local undone, sandbox, err = cleanup.guard(client, own, function()
    own.is_ours = params.on_timeout ~= "keep"
    local made, problem = make(client, own, deadline)
    own.is_ours = not made and not stays(params, problem)
    own.may_take_long = problem and problem.kind == "timeout"
    if made and params.delete_on_close then
      closing.delete_on_close(made)
    end
    return made, problem
  end)
  if sandbox then
    return sandbox
  end
  return nil, undone ~= nil and tell(own, err, undone) or err
end

local function finish(own, undone, err, ...)
  if err then
    return nil, tell(own, err, undone)
  elseif undone ~= true then
    return nil, undone
  end
  return ...
end

--- The body has come to its end.
local function pass(own, ...)
  own.may_take_long = true
  return nil, ...
end

--- See client:with_sandbox.
---@param client daytona.Client
---@param params table of sandbox.create
---@param body fun(sandbox: daytona.Sandbox): ...
function creation.with(client, params, body)
  local deadline = deadlines.of(params, wait.LIMIT)
  local own = creation.new(params, true)
  return finish(own, cleanup.guard(client, own, function()
    local sandbox, err = make(client, own, deadline)
    own.may_take_long = not sandbox and err.kind == "timeout"
    if not sandbox then
      return err
    end
    return pass(own, body(sandbox))
  end))
end

return creation
