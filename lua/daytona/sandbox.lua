--- Methods of a sandbox handle (userdata daytona.sandbox of the C core).

local call = require "daytona.call.call"
local class = require "daytona.call.class"
local closing = require "daytona.sandbox.closing"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local language_module = require "daytona.sandbox.language"
local poll = require "daytona.call.poll"
local toolbox = require "daytona.call.toolbox"
local wait = require "daytona.sandbox.wait"


---@class daytona.Sandbox
---@field id string
---@field name string
---@field state string
---@field labels table<string, string>
---@field ignored_options string[]? of a create: those that the server did not obey
---@field process daytona.Process
---@field fs daytona.FileSystem
---@field git daytona.Git
---@field code_interpreter daytona.CodeInterpreter
local sandbox_methods = {}

--- Sends an operation that leads to a goal.  Where something on the way failed,
--- the sandbox is looked at, and the operation is sent again if it shows nothing
--- of it: true: it is under way without an answer of its own.
local function send(self, operation, params, deadline, goal)
  local client = core.sandbox_owner(self)
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
local function change(self, operation, options, goal)
  local params = call.params(operation, options, { sandbox_id = self.id })
  local deadline = deadlines.of(options, wait.LIMIT)
  core.check(operation, params) -- misuse raises before anything is sent
  local fresh, err = wait.connecting(self, goal, send, self, operation, params, deadline, goal)
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

--- Reads the sandbox again and updates the handle.
---@param options { timeout: number?, max_retries: integer? }?
---@return daytona.Sandbox? sandbox itself
---@return daytona.Error? err
function sandbox_methods:refresh(options)
  local params = call.params("sandbox.get", options, { sandbox_id = self.id })
  local deadline = deadlines.of(options, core.sandbox_owner(self).timeout)
  local fresh, err = call.run(core.sandbox_owner(self), "sandbox.get", params, nil, deadline)
  if not fresh then
    return nil, err
  end
  core.sandbox_fields(self, core.sandbox_fields(fresh))
  return self
end

--- Starts the sandbox and waits until it is started.
---@param options { timeout: number?, wait: boolean?, max_retries: integer? }? timeout: 60 s
---@return daytona.Sandbox? sandbox itself
---@return daytona.Error? err
function sandbox_methods:start(options)
  return change(self, "sandbox.start", options, "started")
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

--- Stops the sandbox and waits until it is stopped; an ephemeral one is deleted.
---@param options { timeout: number?, wait: boolean?, force: boolean?, max_retries: integer? }? timeout: 60 s
---@return daytona.Sandbox? sandbox itself
---@return daytona.Error? err
function sandbox_methods:stop(options)
  return change(self, "sandbox.stop", options, "stopped")
end

--- Recovers the sandbox from a recoverable error and waits until it is started.
---@param options { timeout: number?, wait: boolean?, skip_start: boolean?, max_retries: integer? }? timeout: 60 s
---@return daytona.Sandbox? sandbox itself
---@return daytona.Error? err
function sandbox_methods:recover(options)
  local goal = type(options) == "table" and options.skip_start and "stopped" or "started"
  return change(self, "sandbox.recover", options, goal)
end

--- Moves the stopped sandbox to cheaper storage; does not wait.
---@param options { timeout: number?, max_retries: integer? }?
---@return daytona.Sandbox? sandbox itself
---@return daytona.Error? err
function sandbox_methods:archive(options)
  return change(self, "sandbox.archive", options)
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
--- the preview of its port, which carries no credential.
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
  local deadline = deadlines.of(options, core.sandbox_owner(self).timeout)
  local params = call.params("sandbox.set_labels", options, { sandbox_id = self.id, labels = labels })
  core.check("sandbox.set_labels", params)
  if not self.labels then
    local ok, err = toolbox.refresh(self, deadline, options)
    if not ok then
      return nil, err
    end
  end
  local language = self.labels and self.labels[language_module.LABEL]
  if language and labels[language_module.LABEL] == nil then
    local kept = { [language_module.LABEL] = language }
    for name, value in pairs(labels) do
      kept[name] = value
    end
    params.labels = kept
  end
  local answer, err = call.run(core.sandbox_owner(self), "sandbox.set_labels", params, nil, deadline)
  if not answer then
    return nil, err
  end
  toolbox.update(self, { labels = answer.labels })
  return answer.labels
end

--- A method with one argument that goes into the path; the answer is the sandbox.
local function setter(operation, argument)
  return function(self, value, options)
    local params = call.params(operation, options, { sandbox_id = self.id, [argument] = value })
    local deadline = deadlines.of(options, core.sandbox_owner(self).timeout)
    local fresh, err = call.run(core.sandbox_owner(self), operation, params, nil, deadline)
    if not fresh then
      return nil, err
    end
    toolbox.update(self, core.sandbox_fields(fresh))
    return self
  end
end

--- Sets the minutes of inactivity after which the sandbox stops, 0: never.
---@type fun(self: daytona.Sandbox, minutes: integer, options: table?): daytona.Sandbox?, daytona.Error?
sandbox_methods.set_auto_stop_interval = setter("sandbox.set_auto_stop_interval", "interval")

--- Sets the minutes after which the stopped sandbox is archived, 0: the maximum.
---@type fun(self: daytona.Sandbox, minutes: integer, options: table?): daytona.Sandbox?, daytona.Error?
sandbox_methods.set_auto_archive_interval = setter("sandbox.set_auto_archive_interval", "interval")

--- Sets the minutes after which the stopped sandbox is deleted; negative: never, 0: at once.
---@type fun(self: daytona.Sandbox, minutes: integer, options: table?): daytona.Sandbox?, daytona.Error?
sandbox_methods.set_auto_delete_interval = setter("sandbox.set_auto_delete_interval", "interval")

--- Makes the HTTP previews of the sandbox public or private.
---@type fun(self: daytona.Sandbox, public: boolean, options: table?): daytona.Sandbox?, daytona.Error?
sandbox_methods.set_public = setter("sandbox.set_public", "public")

--- Counts as activity for the auto-stop timer.
---@param options { timeout: number?, max_retries: integer? }?
---@return boolean? ok
---@return daytona.Error? err
function sandbox_methods:refresh_activity(options)
  local params = call.params("sandbox.refresh_activity", options, { sandbox_id = self.id })
  return toolbox.api(self, "sandbox.refresh_activity", params,
    deadlines.of(options, core.sandbox_owner(self).timeout))
end

--- What the build of the sandbox's image has printed until now; "not_found" for
--- a sandbox that was not built.
---@param options { timeout: number?, max_retries: integer? }?
---@return string? log bytes, at most the client's max_response
---@return daytona.Error? err
function sandbox_methods:build_logs(options)
  local params = call.params("sandbox.build_logs", options, {})
  core.check("sandbox.build_logs", params)
  local deadline = deadlines.of(options, core.sandbox_owner(self).timeout)
  return require("daytona.sandbox.build_log").read(self, deadline, params)
end

local function toolbox_reader(operation, member)
  return function(self, options)
    local params = call.params(operation, options, {})
    local answer, err = toolbox.run(self, operation, params,
      deadlines.of(options, core.sandbox_owner(self).timeout))
    if not answer then
      return nil, err
    end
    return answer[member]
  end
end

--- The directory in which commands run and to which relative paths refer.
---@type fun(self: daytona.Sandbox, options: table?): string?, daytona.Error?
sandbox_methods.get_work_dir = toolbox_reader("sandbox.get_work_dir", "dir")

--- The home directory of the user in the sandbox.
---@type fun(self: daytona.Sandbox, options: table?): string?, daytona.Error?
sandbox_methods.get_user_home_dir = toolbox_reader("sandbox.get_user_home_dir", "dir")

--- The version of the toolbox, for feature detection.
---@type fun(self: daytona.Sandbox, options: table?): string?, daytona.Error?
sandbox_methods.get_version = toolbox_reader("sandbox.get_version", "version")

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

local function area(module)
  return function(sandbox)
    return require(module).new(sandbox)
  end
end

core.sandbox_methods(class.define("sandbox", sandbox_methods, core.is_sandbox, function(name)
  return require("daytona.sandbox.links")[name]
end), {
  process = area "daytona.process",
  fs = area "daytona.fs",
  git = area "daytona.git",
  code_interpreter = area "daytona.interpreter",
}, closing.close)
