--- What actions remember from one to the next: clients, with their connections,
--- by the credentials and the server they are for; and of each client where the
--- toolboxes of its sandboxes are.

local core = require "daytona.load"
local daytona = require "daytona"
local poll = require "daytona.call.poll"

local known = {}

local MOST_CLIENTS, MOST_SANDBOXES = 8, 256

-- What a client takes from the environment.
local VARIABLES = {
  "DAYTONA_API_KEY", "DAYTONA_JWT_TOKEN", "DAYTONA_ORGANIZATION_ID", "DAYTONA_API_URL", "DAYTONA_TARGET",
  "DAYTONA_LOG", "CURL_CA_BUNDLE", "SSL_CERT_FILE",
}

local entries = {} -- of clients, the one used last comes last
local process = core.process_id()
local others = {} -- entries of the process this one was forked from, whose connections are not ours to end

--- One text for all that makes a client what it is, but its host.
local function key_of(options)
  local parts = { tostring(options.api_key), tostring(options.api_url) }
  for _, name in ipairs(VARIABLES) do
    parts[#parts + 1] = tostring(os.getenv(name))
  end
  return table.concat(parts, "\0")
end

local function forget_entry(index)
  local entry = table.remove(entries, index)
  entry.is_forgotten = true
  if entry.users == 0 then
    entry.client:close()
  end
end

local function leave_to_parent()
  others[#others + 1] = entries
  entries, process = {}, core.process_id()
end

--- A client with these options, one that was used before if there is one, for
--- as long as it takes until `give` is called.
---@param options table of daytona.new; what differs is in api_key, api_url and host
---@return table? entry its field `client`
---@return daytona.Error? err
function known.take(options)
  if process ~= core.process_id() then
    leave_to_parent()
  end
  local key = key_of(options)
  for index, entry in ipairs(entries) do
    if entry.key == key and entry.host == options.host then
      table.insert(entries, table.remove(entries, index))
      entry.users = entry.users + 1
      return entry
    end
  end
  local client, err = daytona.new(options)
  if not client then
    return nil, err
  end
  local entry = { key = key, host = options.host, client = client, users = 1 }
  entries[#entries + 1] = entry
  if #entries > MOST_CLIENTS then
    forget_entry(1)
  end
  return entry
end

--- Ends a use of it.
---@param entry table
function known.give(entry)
  entry.users = entry.users - 1
  if entry.is_forgotten and entry.users == 0 then
    entry.client:close()
  end
end

--- Forgets everything, and closes the clients; those of actions under way when
--- these end.
function known.close()
  if process ~= core.process_id() then
    leave_to_parent()
  end
  while entries[1] do
    forget_entry(1)
  end
end

-- Field `_known` of a client: handles by the id or name that an action was given,
-- and the order in which they came.

--- Forgets where a sandbox is.
---@param client daytona.Client
---@param id string
function known.forget(client, id)
  local list = rawget(client, "_known")
  if list and list.by_id[id] then
    list.by_id[id] = nil
    for index, other in ipairs(list.order) do
      if other == id then
        table.remove(list.order, index)
        break
      end
    end
  end
end

--- The handle of a sandbox.
---@param client daytona.Client
---@param id string id or name
---@return daytona.Sandbox
function known.sandbox(client, id)
  local list = rawget(client, "_known")
  local handle = list and list.by_id[id]
  if not handle then
    handle = client:sandbox(id)
    known.keep(client, handle, id)
  end
  return handle
end

--- Remembers a handle that the server gave.
---@param client daytona.Client
---@param handle daytona.Sandbox
---@param id string? under which it was asked for; default its own
function known.keep(client, handle, id)
  id = id or handle.id
  local list = rawget(client, "_known") or { by_id = {}, order = {} }
  rawset(client, "_known", list)
  known.forget(client, id)
  list.by_id[id] = handle
  list.order[#list.order + 1] = id
  if #list.order > MOST_SANDBOXES then
    known.forget(client, list.order[1])
  end
end

--- Whether a sandbox is remembered with the place of its toolbox.
---@param client daytona.Client
---@param id any
---@return boolean
function known.is_located(client, id)
  local list = rawget(client, "_known")
  local handle = list and list.by_id[id]
  return handle ~= nil and select(2, core.sandbox_owner(handle)) == true
end

--- Forgets a sandbox after an error that may be of its place: it is gone, or has
--- moved.  true: what was asked for has not reached it.
---@param client daytona.Client
---@param id any
---@param err daytona.Error
---@return boolean missed
function known.doubt(client, id, err)
  local is_lost = err.kind == "connection" or err.kind == "tls" or err.kind == "gone" or poll.may_pass(err)
  local is_missing = err.kind == "not_found" and err.source ~= "DAYTONA_DAEMON"
  if not is_lost and not is_missing then
    return false
  end
  known.forget(client, id)
  return err.outcome == "failed" and (is_missing or err.kind == "connection" or err.kind == "tls")
end

return known
