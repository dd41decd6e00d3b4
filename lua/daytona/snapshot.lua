--- What of client.snapshot is more than rows of the operations table.

local build_log = require "daytona.sandbox.build_log"
local call = require "daytona.call.call"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"

---@class daytona.Snapshot
local Snapshot = {}

--- Gives what comes of the log to fn until it ends.
local function followed(client, url, deadline, fn)
  local function serve(request)
    local host = client.host
    repeat
      local bytes = request:take(true)
      if bytes then
        fn(bytes)
      elseif host.cancelled and host.cancelled() then
        request:cancel()
      else
        host.wait(request)
      end
    until request:done() and not bytes
  end
  local rest, err = call.run(client, "sandbox.build_log", { url = url, follow = true, chunk_size = 1 }, nil, deadline,
    { serve = serve, is_tried_once = true, is_unpaced = true })
  if type(rest) == "string" and rest ~= "" then
    fn(rest)
  end
  return rest and true, err
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
