--- Methods of a sandbox handle (userdata daytona.sandbox of the C core).

local call = require "daytona.call.call"
local class = require "daytona.call.class"
local core = require "daytona.core"
local error_object = require "daytona.call.error"
local poll = require "daytona.call.poll"
local wait = require "daytona.sandbox.wait"

local DEFAULT_WAIT = 60 -- seconds
local LANGUAGE_LABEL = "code-toolbox-language"

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

--- Merges new fields into the handle.
function sandbox_methods:_update(fields)
  local merged = {}
  for name, value in pairs(core.sandbox_fields(self)) do
    merged[name] = value
  end
  for name, value in pairs(fields) do
    merged[name] = value
  end
  core.sandbox_fields(self, merged)
end

--- Runs an API operation on this sandbox.
function sandbox_methods:_api(operation, params, deadline)
  params.sandbox_id = self.id
  return call.run(core.sandbox_owner(self), operation, params, nil, deadline)
end

-- Which parameter of an operation is a local path, or a list of them.
local LOCAL_PATHS = {
  ["fs.upload_file"] = "file", ["fs.upload_raw"] = "file", ["fs.upload_files"] = "files",
  ["fs.download_file"] = "destination", ["fs.download_files"] = "destinations",
}

--- Makes local paths absolute: they are those of the moment of the call, and a
--- file is opened again when the call is repeated.
local function settle_paths(params, name)
  if params.beneath ~= nil then
    name = "beneath"
  end
  local value = params[name]
  if type(value) == "string" then
    params[name] = core.absolute(value)
  elseif type(value) == "table" and not getmetatable(value) then
    for index, path in ipairs(value) do
      value[index] = type(path) == "string" and core.absolute(path) or path
    end
  end
end

--- Runs a toolbox operation; finds out where the toolbox is if need be.
function sandbox_methods:_toolbox(operation, params, deadline, manner)
  if LOCAL_PATHS[operation] then
    settle_paths(params, LOCAL_PATHS[operation])
  end
  local client, located = core.sandbox_owner(self)
  if not located then
    core.check(operation, params) -- misuse raises before anything is sent
    local ok, err = self:_locate_toolbox(operation, deadline)
    if not ok then
      return nil, err
    end
  end
  return call.run(client, operation, params, self, deadline, manner)
end

--- Runs a toolbox operation with the plain timeout.
function sandbox_methods:_ask(operation, options, arguments)
  local params = call.params(operation, options, arguments)
  local seconds = params.timeout or core.sandbox_owner(self).timeout
  return self:_toolbox(operation, params, call.deadline(seconds))
end

--- The toolbox URL comes with the sandbox; where it does not, a call of its
--- own gives it.
function sandbox_methods:_locate_toolbox(operation, deadline)
  local ok, err = self:_refresh(deadline)
  if not ok then
    return nil, err
  end
  local _, located = core.sandbox_owner(self)
  if not located then
    local answer
    answer, err = self:_api("sandbox.get_toolbox_proxy_url", {}, deadline)
    if not answer then
      return nil, err
    end
    self:_update { toolbox_proxy_url = answer.url }
    _, located = core.sandbox_owner(self)
  end
  if not located then
    return nil, error_object.new {
      kind = "protocol", operation = operation, sandbox_id = self.id, outcome = "failed",
      message = "the server does not say where the toolbox of the sandbox is",
    }
  end
  return true
end

--- Reads the sandbox and replaces all fields.
function sandbox_methods:_refresh(deadline, options)
  local params = { max_retries = options and options.max_retries }
  local fresh, err = self:_api("sandbox.get", params, deadline)
  if not fresh then
    return nil, err
  end
  core.sandbox_fields(self, core.sandbox_fields(fresh))
  return true
end

--- The deadline that the options ask for.
local function deadline_of(options, default)
  local seconds = type(options) == "table" and options.timeout
  if type(seconds) ~= "number" then
    seconds = default
  end
  return call.deadline(seconds)
end

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
    if self:_refresh(looks:limit(), params) and wait.is_on_its_way(self, goal) then
      return true
    end
  end
end

--- Runs an operation that answers with the sandbox, then waits for the goal.
local function change(self, operation, options, goal)
  local params = call.params(operation, options, { sandbox_id = self.id })
  local deadline = deadline_of(options, DEFAULT_WAIT)
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
  local deadline = deadline_of(options, core.sandbox_owner(self).timeout)
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
  return require("daytona.sandbox.scope").ensure_started(self, deadline_of(options, DEFAULT_WAIT), params)
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
  local deadline = deadline_of(options, DEFAULT_WAIT)
  local fresh, err = require("daytona.sandbox.scope").send_delete(core.sandbox_owner(self), params, deadline)
  if not fresh then
    return nil, err
  end
  if fresh == true then
    self:_update { state = "destroyed" }
    return self
  end
  -- The server renames what it deletes; the handle keeps the name it had.
  self:_update { id = fresh.id, state = fresh.state, desired_state = fresh.desired_state }
  if params.wait ~= false and not wait.is_reached(self, "deleted") then
    local name = self.name
    local gone, problem = wait.reach(self, "deleted", deadline, params)
    self:_update { name = name }
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
    local ok, err = wait.reach(self, goal, deadline_of(options, DEFAULT_WAIT), params)
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

--- Replaces the labels.  The label that holds the sandbox's language stays,
--- unless the new labels name it: without it code_run would forget the language.
---@param labels table<string, string>
---@param options { timeout: number?, max_retries: integer? }?
---@return table<string, string>? labels as the server has them
---@return daytona.Error? err
function sandbox_methods:set_labels(labels, options)
  local deadline = deadline_of(options, core.sandbox_owner(self).timeout)
  local params = call.params("sandbox.set_labels", options, { sandbox_id = self.id, labels = labels })
  core.check("sandbox.set_labels", params)
  if not self.labels then
    local ok, err = self:_refresh(deadline, options)
    if not ok then
      return nil, err
    end
  end
  local language = self.labels and self.labels[LANGUAGE_LABEL]
  if language and labels[LANGUAGE_LABEL] == nil then
    local kept = { [LANGUAGE_LABEL] = language }
    for name, value in pairs(labels) do
      kept[name] = value
    end
    params.labels = kept
  end
  local answer, err = call.run(core.sandbox_owner(self), "sandbox.set_labels", params, nil, deadline)
  if not answer then
    return nil, err
  end
  self:_update { labels = answer.labels }
  return answer.labels
end

--- A method with one argument that goes into the path; the answer is the sandbox.
local function setter(operation, argument)
  return function(self, value, options)
    local params = call.params(operation, options, { sandbox_id = self.id, [argument] = value })
    local deadline = deadline_of(options, core.sandbox_owner(self).timeout)
    local fresh, err = call.run(core.sandbox_owner(self), operation, params, nil, deadline)
    if not fresh then
      return nil, err
    end
    self:_update(core.sandbox_fields(fresh))
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
  return self:_api("sandbox.refresh_activity", params,
    deadline_of(options, core.sandbox_owner(self).timeout))
end

--- What the build of the sandbox's image has printed until now; "not_found" for
--- a sandbox that was not built.
---@param options { timeout: number?, max_retries: integer? }?
---@return string? log bytes, at most the client's max_response
---@return daytona.Error? err
function sandbox_methods:build_logs(options)
  local params = call.params("sandbox.build_logs", options, {})
  core.check("sandbox.build_logs", params)
  return require("daytona.sandbox.build_log").read(self, deadline_of(options, core.sandbox_owner(self).timeout), params)
end

local function toolbox_reader(operation, member)
  return function(self, options)
    local params = call.params(operation, options, {})
    local answer, err = self:_toolbox(operation, params,
      deadline_of(options, core.sandbox_owner(self).timeout))
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

-- Handles made with delete_on_close.
local deleted_on_close = setmetatable({}, { __mode = "k" })

--- The end of a <close> variable: deletes the sandbox if it was made for that.
--- A failure raises the error object, unless the scope ends by an error of
--- another type than string: that one goes on.
local function close(sandbox, problem)
  if not deleted_on_close[sandbox] then
    return
  end
  deleted_on_close[sandbox] = nil
  local ok, err = require("daytona.sandbox.scope").delete(sandbox)
  if not ok and problem == nil then
    error(err, 0)
  elseif not ok and type(problem) == "string" then
    error(("%s\n(and the sandbox was not deleted: %s)"):format(problem, tostring(err)), 0)
  end
end

core.sandbox_methods(class.define("sandbox", sandbox_methods, core.is_sandbox, function(name)
  return require("daytona.sandbox.links")[name]
end), {
  process = area "daytona.process",
  fs = area "daytona.fs",
  git = area "daytona.git",
  code_interpreter = area "daytona.interpreter",
}, close)

local languages = { python = true, javascript = true, typescript = true }

--- Raises unless the language is one that Daytona runs.
local function check_language(operation, language)
  if not languages[language] then
    core.misuse(("%s: field 'language': 'python', 'javascript' or 'typescript' expected, got '%s'")
      :format(operation, tostring(language)))
  end
end

--- Makes the end of a <close> variable delete the sandbox.
local function delete_on_close(sandbox)
  deleted_on_close[sandbox] = true
end

return {
  language_label = LANGUAGE_LABEL,
  default_wait = DEFAULT_WAIT,
  check_language = check_language,
  delete_on_close = delete_on_close,
  toolbox = sandbox_methods._toolbox,
}
