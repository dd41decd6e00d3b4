--- Methods of a sandbox handle (userdata daytona.sandbox of the C core).

local call = require "daytona.call.call"
local class = require "daytona.call.class"
local closing = require "daytona.sandbox.closing"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local LANGUAGE = require "daytona.sandbox.language"
local merged = require "daytona.call.merged"
local poll = require "daytona.call.poll"
local rows = require "daytona.call.rows"
local toolbox = require "daytona.call.toolbox"
local wait = require "daytona.sandbox.wait"

local GONE_SOON = 0.5 -- seconds that a cancelled task is held up until a fork is gone

---@class daytona.Sandbox
---@field id string
---@field name string
---@field state string
---@field labels table<string, string>
---@field ignored_options string[]? of a create: those that the server did not obey
---@field process daytona.Process
---@field fs daytona.FileSystem
---@field code_interpreter daytona.CodeInterpreter
local sandbox_methods = {}

--- Sends an operation that leads to a goal.  Where something on the way failed,
--- the sandbox is looked at, and the operation is sent again if it shows nothing
--- of it: true: it is under way without an answer of its own.
local function send(client, self, operation, params, deadline, goal)
  local looks = poll.looks(client, deadline)
  while true do
    local fresh, err = call.run(client, operation, params, nil, deadline)
    if fresh then
      return fresh
    elseif looks.last and err.kind == "conflict" then
      return true -- what was sent before has begun
    elseif not goal or params.wait == false or not poll.may_pass(err) or not looks:again(err) then
      return nil, err
    end
    if toolbox.refresh(self, looks:limit(), params) and wait.is_on_its_way(self, goal) then
      return true
    end
  end
end

--- Runs an operation that answers with the sandbox, then waits for the goal.
local function change(self, operation, params, goal)
  local deadline = deadlines.of(params, wait.LIMIT)
  core.check(operation, params) -- misuse raises before anything is sent
  local fresh, err = wait.connecting(self, goal, send, core.sandbox_owner(self), self, operation, params,
    deadline, goal)
  if not fresh then
    return nil, err
  elseif fresh ~= true then -- true: nothing is known of it, or the answer was empty
    core.sandbox_fields(self, core.sandbox_fields(fresh))
  end
  if goal and params.wait ~= false and (fresh == true or not wait.is_reached(self, goal)) then
    local ok
    ok, err = wait.reach(self, goal, deadline, params)
    if not ok then
      return nil, err
    end
  end
  return self
end

-- What removes what an operation made, if the call is broken off.
local MAKING = {
  ["sandbox.fork"] = {
    what = "the fork",
    remove = function(client, other, deadline)
      return require("daytona.sandbox.deletion").remove(client, other.id, deadline, GONE_SOON)
    end,
  },
  ["sandbox.create_snapshot"] = {
    what = "the snapshot",
    -- The sandbox goes on in any case: it says nothing of the snapshot.
    finish = function(client, sandbox, deadline, params)
      local ok, err = require("daytona.call.goal").await_snapshot(client, "sandbox.create_snapshot", params.name,
        deadline, params)
      if not ok then
        err.sandbox_id = sandbox.id
      end
      return ok and sandbox, err
    end,
    remove = function(client, _, deadline, params)
      return require("daytona.call.goal").remove_snapshot(client, params.name, deadline)
    end,
  },
}

--- Runs an operation that makes something else of the sandbox, then waits for its goal.
--- The answer is another sandbox, or this one while it is at it.
local function make(self, operation, params, row)
  local deadline, goal = deadlines.of(params, wait.LIMIT), row.goal
  local client, making = core.sandbox_owner(self), MAKING[operation]
  core.check(operation, params)
  return require("daytona.call.made").run(client, {
    what = making.what, operation = operation,
    ask = function(by)
      return send(by, self, operation, params, deadline, row.is_self and goal)
    end,
    reach = function(answer)
      local subject = row.is_self and self or answer
      if row.is_self and answer ~= true then
        core.sandbox_fields(self, core.sandbox_fields(answer))
      end
      local ok, err = true, nil
      if params.wait == false then
        return subject
      elseif answer == true or not wait.is_reached(subject, goal) then
        ok, err = wait.reach(subject, goal, deadline, params)
      end
      if ok and making.finish then
        ok, err = making.finish(client, subject, deadline, params)
      end
      return ok and subject, err
    end,
    remove = function(by, answer, limit)
      return making.remove(by, answer, limit, params)
    end,
  })
end

--- A method that a row makes which leads to a goal.
local function changing(operation, row)
  return function(self, ...)
    local params = rows.params(self, operation, row, ...)
    if MAKING[operation] then
      return make(self, operation, params, row)
    end
    return change(self, operation, params, row.goal)
  end
end

--- Reads the sandbox again and updates the handle.
---@param options { timeout: number?, max_retries: integer? }?
---@return daytona.Sandbox? sandbox itself
---@return daytona.Error? err
function sandbox_methods:refresh(options)
  local params = call.params("sandbox.get", options, { sandbox_id = self.id })
  local fresh, err = toolbox.api(self, "sandbox.get", params, toolbox.deadline(self, params))
  if not fresh then
    return nil, err
  end
  core.sandbox_fields(self, core.sandbox_fields(fresh))
  return self
end

--- Brings the sandbox to the state "started", from whatever state it is in:
--- waits for what is under way, starts it if it is stopped, archived or paused,
--- recovers it if it failed recoverably.
---@param options { timeout: number?, max_retries: integer? }? timeout: 60 s
---@return daytona.Sandbox? sandbox itself
---@return daytona.Error? err
function sandbox_methods:ensure_started(options)
  local params = call.params("sandbox.ensure_started", options, {})
  core.check("sandbox.ensure_started", params)
  return require("daytona.sandbox.presence").ensure_started(self, deadlines.of(options, wait.LIMIT), params)
end

--- Recovers the sandbox from a recoverable error and waits until it is started.
---@param options { timeout: number?, wait: boolean?, skip_start: boolean?, max_retries: integer? }? timeout: 60 s
---@return daytona.Sandbox? sandbox itself
---@return daytona.Error? err
function sandbox_methods:recover(options)
  local goal = type(options) == "table" and options.skip_start and "stopped" or "started"
  return change(self, "sandbox.recover", call.params("sandbox.recover", options, { sandbox_id = self.id }), goal)
end

--- Deletes the sandbox with its files and waits until it is gone.
---@param options { timeout: number?, wait: boolean?, max_retries: integer? }? timeout: 60 s
---@return daytona.Sandbox? sandbox itself, in state "destroyed" (or on its way with wait = false)
---@return daytona.Error? err
function sandbox_methods:delete(options)
  local params = call.params("sandbox.delete", options, { sandbox_id = self.id })
  local deadline = deadlines.of(options, wait.LIMIT)
  local fresh, err = require("daytona.sandbox.deletion").send(core.sandbox_owner(self), params, deadline)
  if not fresh then
    return nil, err
  end
  if fresh == true then
    toolbox.update(self, { state = "destroyed" })
    return self
  end
  -- The server renames what it deletes; the handle keeps the name it had.
  toolbox.update(self, { id = fresh.id, state = fresh.state, desired_state = fresh.desired_state })
  if params.wait ~= false and not wait.is_reached(self, "deleted") then
    local name = self.name
    local gone, problem = wait.reach(self, "deleted", deadline, params)
    toolbox.update(self, { name = name })
    if not gone then
      return nil, problem
    end
  end
  return self
end

local function wait_method(goal)
  local operation = "sandbox.wait_until_" .. goal
  return function(self, options)
    local params = call.params(operation, options, {})
    core.check(operation, params)
    local ok, err = wait.reach(self, goal, deadlines.of(options, wait.LIMIT), params)
    if not ok then
      return nil, err
    end
    return self
  end
end

--- Waits until the sandbox is started.
---@type fun(self: daytona.Sandbox, options: { timeout: number?, max_retries: integer? }?): daytona.Sandbox?, daytona.Error?
sandbox_methods.wait_until_started = wait_method "started"

--- Waits until the sandbox is stopped (or archived or deleted).
---@type fun(self: daytona.Sandbox, options: { timeout: number?, max_retries: integer? }?): daytona.Sandbox?, daytona.Error?
sandbox_methods.wait_until_stopped = wait_method "stopped"

--- Waits until the sandbox is gone.
---@type fun(self: daytona.Sandbox, options: { timeout: number?, max_retries: integer? }?): daytona.Sandbox?, daytona.Error?
sandbox_methods.wait_until_deleted = wait_method "deleted"

--- Waits until the sandbox is in a state, or a server in it answers; what is named in
--- one call comes one after the other.
---
---     check(sandbox:wait_for { port = 5432 })                           -- it takes connections
---     check(sandbox:wait_for { url = "http://localhost:3000/health" })  -- it answers with 2xx or 3xx
---     check(sandbox:wait_for { state = "archived", timeout = 600 })
---
--- A server is waited for once the sandbox is started.  `port` is asked of the toolbox,
--- which tells of the ports 3000 to 9999; `url`, as it is in the sandbox, by a request to
--- the preview of its port, which carries no credential.  A state that looks like a slip
--- ("startd", "Started", "stop") is refused; one that a newer server may know is not.
---@param options { state: string?, port: integer?, url: string?, timeout: number?, max_retries: integer? } timeout: 60 s
---@return daytona.Sandbox? sandbox itself
---@return daytona.Error? err kind "state" if the sandbox will not come there
function sandbox_methods:wait_for(options)
  return require("daytona.sandbox.wait_for")(self, options)
end

--- Replaces the labels.  The label that holds the sandbox's language stays,
--- unless the new labels name it: without it code_run would forget the language.
---@param labels table<string, string>
---@param options { timeout: number?, max_retries: integer? }?
---@return table<string, string>? labels as the server has them
---@return daytona.Error? err
function sandbox_methods:set_labels(labels, options)
  local params = call.params("sandbox.set_labels", options, { sandbox_id = self.id, labels = labels })
  local deadline = toolbox.deadline(self, params)
  core.check("sandbox.set_labels", params)
  if not self.labels then
    local ok, err = toolbox.refresh(self, deadline, options)
    if not ok then
      return nil, err
    end
  end
  local language = self.labels and self.labels[LANGUAGE]
  if language and labels[LANGUAGE] == nil then
    params.labels = merged(labels, { [LANGUAGE] = language })
  end
  local answer, err = call.run(core.sandbox_owner(self), "sandbox.set_labels", params, nil, deadline)
  if not answer then
    return nil, err
  end
  toolbox.update(self, { labels = answer.labels })
  return answer.labels
end

--- What the build of the sandbox's image has printed until now; "not_found" for
--- a sandbox that was not built.
---@param options { timeout: number?, max_retries: integer? }?
---@return string? log bytes, at most the client's max_response
---@return daytona.Error? err
function sandbox_methods:build_logs(options)
  local params = call.params("sandbox.build_logs", options, {})
  core.check("sandbox.build_logs", params)
  return require("daytona.sandbox.build_log").read(self, toolbox.deadline(self, params), params)
end

--- A language server for a project in the sandbox; lsp:start starts it.
---@param language_id string python, typescript or javascript
---@param path_to_project string directory in the sandbox
---@param options {}? none yet
---@return daytona.Lsp
function sandbox_methods:create_lsp_server(language_id, path_to_project, options)
  return require("daytona.lsp").new(self, language_id, path_to_project, options)
end

local function copy(value)
  if type(value) ~= "table" then
    return value
  end
  local result = {}
  for key, member in pairs(value) do
    result[key] = copy(member)
  end
  return result
end

--- The fields as a plain table: client:sandbox makes a handle of it again.
---@return table
function sandbox_methods:to_table()
  return copy(core.sandbox_fields(self))
end

local function module(name)
  return function(sandbox)
    return require(name).new(sandbox)
  end
end

local areas = {
  process = module "daytona.process",
  fs = module "daytona.fs",
  code_interpreter = module "daytona.interpreter",
}
local BESIDE_ROWS = { git = "daytona.git" } -- methods that are more than rows
for name in pairs(core.areas "toolbox") do
  areas[name] = areas[name] or function(sandbox)
    return require("daytona.call.area").new("sandbox." .. name, "_sandbox", sandbox, BESIDE_ROWS[name])
  end
end

core.sandbox_methods(class.define("sandbox", sandbox_methods, false, function(name)
  local operation = "sandbox." .. name
  local row = core.method(operation)
  return row and row.goal and changing(operation, row) or require("daytona.sandbox.links")[name]
end), areas, closing.close)
