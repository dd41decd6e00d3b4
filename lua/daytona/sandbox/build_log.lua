--- What the build of a sandbox's image prints, read while the sandbox is
--- created.
---
--- The log is an extra: no trouble with it makes a creation fail.  While it is
--- silent the sandbox's state is looked at, by taking turns, so that it works
--- the same in every host.

local backoff = require "daytona.call.backoff"
local call = require "daytona.call.call"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local error_object = require "daytona.call.error"
local poll = require "daytona.call.poll"
local protect = require "daytona.call.protected"
local toolbox = require "daytona.call.toolbox"
local wait = require "daytona.sandbox.wait"

local build_log = {}

local FIRST_NAP, LAST_NAP = 0.005, 0.1 -- seconds between two looks for bytes
local FIRST_LOOK, LAST_LOOK = 0.1, 1 -- seconds between two looks at the state
local GRACE = 2 -- seconds of silence after the build's end until the log's end
local MOST_FAILURES, FEW_FAILURES = 10, 2 -- in a row, without a new byte; few after the end
local PATIENCE = 600 -- seconds of failed looks after which the log is given up, without a deadline
local LASTING = 5 -- seconds after which a connection was no failure
local FAREWELL = 5 -- seconds for the log of a build that failed unwatched
local TAIL = 4096 -- bytes in an error, as of any other answer

-- States of a sandbox whose build is to come or under way, and those in which
-- its log may still be on its way.
local BUILDS = { pending_build = true, building_snapshot = true }
local GROWS = { pending_build = true, building_snapshot = true, unknown = true, creating = true }
local FAILED = { build_failed = true, error = true }

-- A log that is not found may come yet, as long as the build goes on.
local RECOVERABLE = {
  connection = true, timeout = true, unavailable = true, bad_gateway = true, server = true, rate_limited = true,
  not_found = true,
}

---@param sandbox daytona.Sandbox
---@param deadline number?
---@param options table max_retries of the single calls, on_build_log
local function new(sandbox, deadline, options)
  return {
    sandbox = sandbox, client = core.sandbox_owner(sandbox), deadline = deadline,
    callback = options.on_build_log, retries = options.max_retries,
    position = 0, skip = 0, failures = 0, tail = "",
    heard = core.now(), next_look = core.now() + FIRST_LOOK,
    pauses = backoff.new(FIRST_LOOK * 1.5, 1.5, LAST_LOOK), look = FIRST_LOOK,
    looks = poll.new(core.sandbox_owner(sandbox), { deadline = deadline, patience = PATIENCE }),
  }
end

--- Reads the state.  A look that fails says nothing of the build; what fails for
--- good the wait for the sandbox will meet, too, and report.
local function look(log)
  local ok, err = toolbox.refresh(log.sandbox, log.looks:limit(), { max_retries = log.retries })
  log.look = log.pauses:next()
  log.next_look = core.now() + log.look
  if not ok then
    log.is_given_up = not log.looks:failed(err)
    return
  end
  log.looks:answered()
  if not GROWS[log.sandbox.state] then
    log.ended = core.now()
  end
end

--- Whether nothing more is to be expected, or wanted.
local function is_over(log)
  if deadlines.is_over(log.deadline) then
    log.is_given_up = true
  end
  if not log.is_given_up and not log.ended and core.now() >= log.next_look then
    look(log)
  end
  return log.is_given_up
    or (log.ended and core.now() - math.max(log.ended, log.heard) >= GRACE) or false
end

local function nap(log, seconds)
  if log.client.host.sleep(seconds) == false then
    log.is_given_up = true
  end
end

--- Lets time pass, but not the end of the build.
local function pause(log, seconds)
  local ends = core.now() + seconds
  repeat
    nap(log, math.max(0, math.min(ends - core.now(), LAST_NAP)))
  until is_over(log) or log.ended or core.now() >= ends
end

--- Gives bytes on, but for those that were given before.
local function deliver(log, bytes)
  if log.skip >= #bytes then
    log.skip = log.skip - #bytes
    return
  elseif log.skip > 0 then
    bytes, log.skip = bytes:sub(log.skip + 1), 0
  end
  log.position = log.position + #bytes
  log.heard, log.failures = core.now(), 0
  log.tail = (#bytes < 2 * TAIL and log.tail .. bytes or bytes):sub(-2 * TAIL)
  if not log.callback then
    return
  end
  local ok, problem = protect.pcall(log.callback, bytes)
  if not ok then
    log.is_given_up, log.has_raised, log.problem = true, true, problem
  end
end

--- Attends to the request of a log until it is done.
local function serve(log, request)
  local host, naps = log.client.host, backoff.new(FIRST_NAP, 2, LAST_NAP)
  while true do
    local bytes = request:take(true)
    if bytes then
      deliver(log, bytes)
      naps:reset()
    elseif request:done() then
      return
    end
    if is_over(log) or (host.cancelled and host.cancelled()) then
      request:cancel()
      return
    elseif not bytes then
      nap(log, naps:next())
    end
    request:step(0)
  end
end

--- The URL of a log from what the server answers.  It will get the credential: the
--- core sends that only encrypted or to this machine, as to a toolbox.
---@param answer table? { url = string }
---@param err daytona.Error?
---@param sandbox_id string?
---@return string? url
---@return daytona.Error? err
function build_log.url_of(answer, err, sandbox_id)
  if not answer then
    return nil, err
  elseif type(answer.url) ~= "string" or not answer.url:find "^[Hh][Tt][Tt][Pp][Ss]?://[^%s%c?#@]+$" then
    return nil, error_object.new {
      kind = "protocol", sandbox_id = sandbox_id,
      operation = sandbox_id and "sandbox.get_build_logs_url" or "snapshot.get_build_logs_url",
      message = "the server does not say where the log of the build is",
    }
  end
  return answer.url
end

local function locate(sandbox, deadline, retries)
  local answer, err = toolbox.api(sandbox, "sandbox.get_build_logs_url", { max_retries = retries }, deadline)
  return build_log.url_of(answer, err, sandbox.id)
end

--- Reads the log over one connection, from the first byte that was not given.
local function read_on(log, url, follow)
  log.skip = log.position
  return call.run(log.client, "sandbox.build_log", { url = url, follow = follow, chunk_size = 1 }, nil,
    log.deadline, {
      is_tried_once = true, is_unlimited = true,
      serve = function(request)
        return serve(log, request)
      end,
    })
end

--- Where the log is, as soon as the server says so.
local function find(log)
  local pauses = poll.new(log.client, { first = FIRST_LOOK })
  while not is_over(log) do
    local url, err = locate(log.sandbox, log.looks:limit(), log.retries)
    if url or not poll.may_pass(err) or log.ended then
      return url
    end
    pause(log, pauses:interval())
  end
end

--- Follows the log over as many connections as it takes.
local function follow(log)
  while log.sandbox.state == "pending_build" and not is_over(log) do
    pause(log, log.look)
  end
  local url = find(log)
  while url and not is_over(log) do
    local opened = core.now()
    local all, err = read_on(log, url, true)
    if all and not log.ended and not log.is_given_up then
      look(log)
    end
    if all and not BUILDS[log.sandbox.state] or err and not RECOVERABLE[err.kind] then
      return
    elseif core.now() - opened >= LASTING then
      log.failures = 0
    end
    log.failures = log.failures + 1
    if log.failures > (log.ended and FEW_FAILURES or MOST_FAILURES) then
      return
    end
    pause(log, math.min(0.1 * 2 ^ log.failures, LASTING))
  end
end

--- The log of a build that failed without anybody having read it.
local function fetch(log)
  log.deadline = deadlines.within(log.deadline, FAREWELL)
  log.ended, log.heard = core.now(), core.now()
  local url = locate(log.sandbox, log.deadline, log.retries)
  if url then
    read_on(log, url)
  end
end

--- The end of the log as it may be shown; nil: there is none.  Twice as much was
--- kept, so that no credential is cut in two, and redact reads texts without NUL.
local function shown(log)
  local text = log.tail:gsub("[^%z]+", function(part)
    return log.client._core:redact(part)
  end)
  return text ~= "" and text:sub(-TAIL) or nil
end

--- Waits until a sandbox that is built is started, and gives the log of the
--- build to options.on_build_log.  If the build fails, the error has the end of
--- the log as its body.
---@param sandbox daytona.Sandbox
---@param deadline number?
---@param options table of client:create
---@return boolean? started
---@return daytona.Error? err
function build_log.wait(sandbox, deadline, options)
  local log = new(sandbox, deadline, options)
  if log.callback and BUILDS[sandbox.state] then
    follow(log)
  end
  if log.has_raised then
    error(log.problem, 0) -- whoever made the sandbox removes it
  end
  local ok, err = wait.reach(sandbox, "started", deadline, options)
  if ok or err.kind ~= "state" or not FAILED[sandbox.state] then
    return ok, err
  elseif not log.callback then
    fetch(log)
  end
  err.body = shown(log)
  return nil, err
end

--- See sandbox:build_logs.
---@param sandbox daytona.Sandbox
---@param deadline number?
---@param options table
---@return string? log
---@return daytona.Error? err
function build_log.read(sandbox, deadline, options)
  local url, err = locate(sandbox, deadline, options.max_retries)
  if not url then
    return nil, err
  end
  local log
  log, err = call.run(core.sandbox_owner(sandbox), "sandbox.build_log",
    { url = url, max_retries = options.max_retries }, nil, deadline)
  if not log then
    err.sandbox_id = sandbox.id
    return nil, err
  end
  return log
end

--- Puts what is to be built into the parameters of sandbox.create, and raises
--- where they contradict each other.
---@param params table checked
function build_log.prepare(params)
  local sources = {}
  for _, name in ipairs { "snapshot", "image", "dockerfile", "build_info" } do
    if params[name] ~= nil then
      sources[#sources + 1] = name
    end
  end
  if #sources > 1 then
    core.misuse(("sandbox.create: field '%s': contradicts '%s'"):format(sources[2], sources[1]))
  end
  local text = params.image and ("FROM %s\n"):format(params.image) or params.dockerfile
  if text then
    params.build_info = { dockerfile_content = text }
  end
  local callback = params.on_build_log
  if callback == nil then
    return
  elseif not params.build_info then
    core.misuse "sandbox.create: field 'on_build_log': 'image', 'dockerfile' or 'build_info' is needed"
  elseif params.wait == false then
    core.misuse "sandbox.create: field 'on_build_log': contradicts 'wait'"
  end
end

return build_log
