--- What of client.snapshot is more than rows of the operations table.

local build_log = require "daytona.sandbox.build_log"
local call = require "daytona.call.call"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local poll = require "daytona.call.poll"

---@class daytona.Snapshot
local Snapshot = {}

local MOST_FAILURES = 5 -- of connections in a row, without a new byte

-- Failures that say nothing of the log.
local PASSING = {
  connection = true, timeout = true, unavailable = true, bad_gateway = true, server = true, rate_limited = true,
}

--- Reads the log over one connection, and gives to `take` what comes.
local function read_on(client, url, deadline, take)
  local function serve(request)
    local host = client.host
    repeat
      local bytes = request:take(true)
      if bytes then
        take(bytes)
      elseif host.cancelled and host.cancelled() then
        request:cancel()
      else
        host.wait(request)
      end
    until request:done() and not bytes
  end
  local rest, err = call.run(client, "sandbox.build_log", { url = url, follow = true, chunk_size = 1 }, nil, deadline,
    { serve = serve, is_tried_once = true, is_unlimited = true })
  if type(rest) == "string" and rest ~= "" then
    take(rest)
  end
  return rest and true, err
end

--- Gives the log to fn until it ends, over as many connections as it takes: each
--- begins with the first byte.
local function followed(client, url, deadline, fn)
  local looks = poll.looks(client, deadline)
  local given, skip = 0, 0
  local function take(bytes)
    local known = math.min(skip, #bytes)
    skip = skip - known
    if known < #bytes then
      given = given + #bytes - known
      looks:answered()
      fn(bytes:sub(known + 1))
    end
  end
  while true do
    skip = given
    local before = looks.last
    local ok, err = read_on(client, url, deadline, take)
    if ok then
      return true
    elseif before and err.kind == "timeout" and deadlines.is_over(deadline) then
      return nil, before -- it says more than that there was no time for another one
    elseif not PASSING[err.kind] or err.status == 501 or looks.failures >= MOST_FAILURES or not looks:again(err) then
      return nil, err
    end
  end
end

--- The log of a snapshot's build: all that there is, or with `on_log` as it grows, until
--- the build has ended or the connection has.
---@param snapshot_id string id or name
---@param options { on_log: fun(chunk: string)?, timeout: number?, max_retries: integer? }? timeout: none by default with on_log, else the client's
---@return string|boolean|nil log at most the client's max_response; true with on_log
---@return daytona.Error? err of kind "not_found" if it was not built
function Snapshot:build_logs(snapshot_id, options)
  local operation = "snapshot.build_logs"
  local params = call.params(operation, options, { snapshot_id = snapshot_id })
  core.check(operation, params)
  local on_log, client = params.on_log, self._client
  local deadline = deadlines.of(params, on_log and 0 or client.timeout)
  local url, err = build_log.url_of(call.run(client, "snapshot.get_build_logs_url",
    { snapshot_id = snapshot_id, max_retries = params.max_retries }, nil, deadline or deadlines.after(client.timeout)))
  if not url then
    return nil, err
  elseif on_log then
    return followed(client, url, deadline, on_log)
  end
  return call.run(client, "sandbox.build_log", { url = url, max_retries = params.max_retries }, nil, deadline)
end

return Snapshot
