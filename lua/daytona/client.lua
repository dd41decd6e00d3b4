--- The methods of a client; daytona.new makes one and loads this file with the
--- first call.

local call = require "daytona.call.call"
local class = require "daytona.call.class"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local LANGUAGE = require "daytona.sandbox.language"
local merged = require "daytona.call.merged"
local pages = require "daytona.sandbox.pages"
local pager = require "daytona.call.pager"
local rows = require "daytona.call.rows"
local toolbox = require "daytona.call.toolbox"
local wait = require "daytona.sandbox.wait"

require "daytona.sandbox" -- gives the handles their methods

local LIST = core.method "sandbox.list"

---@class daytona.Client
---@field api_url string
---@field target string?
---@field timeout number       seconds a plain call may take
---@field max_retries integer
---@field retry_budget integer retries that failures may cost until successes earn them back
---@field host table           how to wait
local Client = {}

--- Gives connections back; calls under way end with kind "cancelled".  What a call
--- left for the server to do, like the end of a session, is finished first.
---@return boolean? ok
---@return daytona.Error? err what of that could not be done
function Client:close()
  local ok, err = true, nil
  if self._left then
    ok, err = require("daytona.call.detached").close(self)
  end
  self._core:close()
  require("daytona.call.closing").note(self)
  return ok, err
end

--- A handle from an id or name, or from sandbox:to_table().  Asks nobody.
---@param what string|table
---@return daytona.Sandbox
function Client:sandbox(what)
  if core.is_sandbox(what) then
    return what
  elseif type(what) == "string" then
    core.check("sandbox.get", { sandbox_id = what })
    return core.sandbox({ id = what }, self)
  elseif type(what) == "table" and type(rawget(what, "id")) == "string" then -- what is inherited is not taken over
    core.check("sandbox.get", { sandbox_id = what.id })
    return core.sandbox(merged(what), self)
  end
  core.misuse(("client.sandbox: id, name or table with an id expected, got %s"):format(type(what)))
end

--- The parameters of sandbox.create from the options of a person.
local function create_params(client, options)
  local params = call.params("sandbox.create", options, {})
  core.check("sandbox.create", params)
  params.labels = merged({ [LANGUAGE] = "python" }, params.labels)
  params.labels[LANGUAGE] = params.language or params.labels[LANGUAGE]
  if params.ephemeral then
    if params.auto_delete_interval ~= nil and params.auto_delete_interval ~= 0 then
      core.misuse "sandbox.create: field 'auto_delete_interval': an ephemeral sandbox has none"
    end
    params.auto_delete_interval = 0
  end
  if params.target == nil then
    params.target = client.target
  end
  if params.image or params.dockerfile or params.build_info or params.on_build_log ~= nil then
    require("daytona.sandbox.build_log").prepare(params)
  end
  return params
end

--- Creates a sandbox and waits until it is started.
---
--- When it does not start in time the error carries `sandbox_id`: the sandbox
--- may exist and be billed.  With on_timeout = "delete" it is deleted then, and
--- the error says what became of it.  When the task is cancelled, or an error is
--- raised meanwhile (by a hook, on_build_log or Ctrl-C), so that nobody gets the
--- sandbox, it is deleted, unless on_timeout = "keep".
---
--- With `image` or `dockerfile` it is built, which takes its time; on_build_log
--- is called with what the build prints, as it comes.  When the build fails the
--- error is of kind "state", and its body is the end of the log.
---
--- An older server ignores options that it does not know.  Where its answer shows
--- it (no time of destruction for ttl_minutes, say), the handle has their names as
--- `ignored_options`, and DAYTONA_LOG tells it.
---@param options table? see doc/api.md, "sandbox.create"; timeout: 60 s
---@return daytona.Sandbox? sandbox
---@return daytona.Error? err
function Client:create(options)
  local params = create_params(self, options)
  return require("daytona.sandbox.creation").create(self, params)
end

--- The sandbox with that name, started; created with these options if there is
--- none.  Of several that ask at once one creates it, the others get the same.
---@param options table of client:create; name is needed
---@return daytona.Sandbox? sandbox
---@return daytona.Error? err
---@return boolean? created whether this call made it
function Client:get_or_create(options)
  local params = create_params(self, options)
  if type(params.name) ~= "string" or not params.name:find "%S" then
    core.misuse "client.get_or_create: field 'name': a name is needed"
  end
  local seconds = params.timeout or wait.LIMIT
  return require("daytona.sandbox.presence").get_or_create(self, options, deadlines.after(seconds))
end

--- Deletes sandboxes that were left behind: those that have all of the labels
--- and are old enough.
---@param options { labels: table<string, string>, older_than: number?, dry_run: boolean?, timeout: number?, max_retries: integer? } older_than: seconds since it was made; dry_run: only says which; timeout: of the whole, none
---@return { deleted: daytona.Sandbox[], errors: daytona.Error[] }? result deleted: those that are gone (or would be); errors: one for each sandbox that stays, with its sandbox_id
---@return daytona.Error? err if the sandboxes could not be listed; then none was deleted
function Client:reap(options)
  local params = call.params("client.reap", options, {})
  core.check("client.reap", params)
  if next(params.labels) == nil then
    core.misuse "client.reap: field 'labels': at least one is needed"
  end
  return require("daytona.sandbox.reap")(self, params, deadlines.after(params.timeout))
end

--- Reads a sandbox by id or name.
---@param id string
---@param options { timeout: number?, max_retries: integer? }?
---@return daytona.Sandbox? sandbox
---@return daytona.Error? err
function Client:get(id, options)
  local params = call.params("sandbox.get", options, { sandbox_id = id })
  return call.run(self, "sandbox.get", params, nil, deadlines.of(params, self.timeout))
end

local function by_id(method)
  return function(self, id, options)
    core.check("sandbox." .. method, { sandbox_id = id })
    local sandbox = self:sandbox(id)
    return sandbox[method](sandbox, options)
  end
end

--- Starts a sandbox by id or name; see sandbox:start.
---@type fun(self: daytona.Client, id: string, options: table?): daytona.Sandbox?, daytona.Error?
Client.start = by_id "start"

--- Stops a sandbox by id or name; see sandbox:stop.
---@type fun(self: daytona.Client, id: string, options: table?): daytona.Sandbox?, daytona.Error?
Client.stop = by_id "stop"

--- Deletes a sandbox by id or name; see sandbox:delete.
---@type fun(self: daytona.Client, id: string, options: table?): daytona.Sandbox?, daytona.Error?
Client.delete = by_id "delete"

--- One page of sandboxes.
---@param query table? see doc/api.md, "sandbox.list"
---@return { items: daytona.Sandbox[], next_cursor: string? }? page next_cursor: option `cursor` of the next page; nil at the end
---@return daytona.Error? err
function Client:list_page(query)
  local params = call.params("sandbox.list", query, {})
  return pager.checked("sandbox.list", "cursor", params, rows.ask(self, "sandbox.list", LIST, params))
end

--- Iterates over all sandboxes that match, by default the newest first; pages are
--- fetched as needed.  A failure in the middle raises the error object.
---@param query table? see doc/api.md, "sandbox.list"; limit: page size
---@return fun(): daytona.Sandbox? iterator
function Client:list(query)
  local params = call.params("sandbox.list", query, {})
  core.check("sandbox.list", params)
  return pager.items(pages(self, params))
end

--- Creates a sandbox, calls `body(sandbox)`, and deletes the sandbox whatever
--- happens: also when the creation fails or is given up, and in a task that is
--- cancelled.  An error in the body goes on as it was raised.
---@param options table? of client:create
---@param body fun(sandbox: daytona.Sandbox): ...
---@return ... what the body returned; or nil, err if the sandbox could not be created or deleted
function Client:with_sandbox(options, body)
  if type(body) ~= "function" then
    core.misuse(("client.with_sandbox: field 'body': function expected, got %s"):format(type(body)))
  end
  local params = create_params(self, options)
  if params.on_timeout == "keep" then
    core.misuse "client.with_sandbox: field 'on_timeout': the sandbox is deleted in any case"
  end
  return require("daytona.sandbox.creation").with(self, params, body)
end

--- Any endpoint, with the client's credentials, retries and errors.  JSON
--- comes back with the server's own names; null is nil.
---@param method string HTTP method
---@param path string below the API's base URL (or the toolbox of `sandbox`), escaped
---@param options { query: table?, body: any?, headers: table<string, string>?, raw: boolean?, sandbox: daytona.Sandbox?, timeout: number?, max_retries: integer? }? body: a table goes out as JSON, a string as it is
---@return any? value decoded JSON, a string if the answer is something else, true if it is empty
---@return daytona.Error? err
function Client:request(method, path, options)
  local params = call.params("client.request", options, { method = method, path = path })
  local deadline = deadlines.of(params, self.timeout)
  local sandbox = params.sandbox
  if sandbox == nil then
    return call.run(self, "client.request", params, nil, deadline)
  elseif not core.is_sandbox(sandbox) then
    core.misuse(("client.request: field 'sandbox': sandbox expected, got %s"):format(type(sandbox)))
  end
  return toolbox.run(sandbox, "client.request", params, deadline)
end

local methods = class.define("client", Client, "_core")
local areas = core.areas "api"
local BESIDE_ROWS = { snapshot = "daytona.snapshot" } -- what has methods that are more than rows

--- What a client has under a name: a method or an area, which it keeps.
return function(client, name)
  if not areas[name] then
    return methods[name]
  end
  local made = require("daytona.call.area").new("client." .. name, "_client", client, BESIDE_ROWS[name])
  rawset(client, name, made)
  return made
end
