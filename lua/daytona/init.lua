--- Daytona sandboxes for Lua.
---
---     local daytona = require "daytona"
---     local client = assert(daytona.new())
---     local sandbox = assert(client:create { language = "python" })
---     print(assert(sandbox.process:code_run "print(6 * 7)").result)
---     assert(sandbox:delete())

pcall(require, "daytona.preload") -- a faster start, where it is installed

local core = require "daytona.core"

core.set_library(debug.getinfo(1, "S").source:match "^(.*)init%.lua$" or "@daytona/")

local CLOUD_URL = "https://app.daytona.io/api"
-- A level of the wire that all servers know; it switches their behaviour.
local SDK_VERSION = "0.205.1"
local SOURCE = "sdk-lua"

---@class daytona
---@field version string
---@field null userdata  JSON null in a body of client:request
---@field actions table  the operations under their names in agent workflows
---@field progress fun(options: table?): fun(done: integer, total: integer?)  an on_progress for terminals
---@field testing table  a daytona-local for a test
local daytona = {
  version = require "daytona.version",
  null = core.null,
  array = core.array,
}

--- The environment variable, unless it is empty.
local function environment(name)
  local value = os.getenv(name)
  if value ~= "" then
    return value
  end
end

--- The base URL without trailing slashes; raises if it is none.
local function check_url(url, allow_http)
  local scheme = url:match "^(%a+)://[^/?#]+"
  scheme = scheme and scheme:lower()
  if scheme ~= "http" and scheme ~= "https" then
    core.misuse(("daytona.new: field 'api_url': http or https URL expected, got '%s'"):format(url))
  elseif url:find "[?#%s]" or url:find "^%a+://[^/]*@" then
    core.misuse "daytona.new: field 'api_url': must not have a query, a fragment or credentials"
  elseif scheme == "http" and not allow_http and not core.is_loopback(url) then
    core.misuse(("daytona.new: field 'api_url': %s would carry the credential unencrypted "
      .. "(say allow_http = true if that is meant)"):format(url))
  end
  return (url:gsub("/+$", ""))
end

--- The credential and its organization: what is given explicitly wins over the
--- environment, and an explicit JWT over a key in the environment.
local function credential(options)
  local organization = options.organization_id or environment "DAYTONA_ORGANIZATION_ID"
  local key = options.api_key
  if not key and not options.jwt_token then
    key = environment "DAYTONA_API_KEY"
  end
  if key then
    core.check("daytona.new", { api_key = key })
    return key, nil
  end
  local jwt = options.jwt_token or environment "DAYTONA_JWT_TOKEN"
  if jwt and organization then
    core.check("daytona.new", { jwt_token = jwt, organization_id = organization })
    return jwt, organization
  end
  local message = jwt
    and "a JWT needs an organization: set DAYTONA_ORGANIZATION_ID or organization_id"
    or "no credentials: set DAYTONA_API_KEY or api_key, or DAYTONA_JWT_TOKEN and "
    .. "DAYTONA_ORGANIZATION_ID or jwt_token and organization_id"
  return nil, require("daytona.error").new {
    kind = "unauthorized", message = message, operation = "daytona.new",
  }
end

local function or_default(value, default)
  if value == nil then
    return default
  end
  return value
end

local client_metatable = {
  __name = "daytona.client",
  __tostring = function(client)
    return ("daytona.client (%s)"):format(client.api_url)
  end,
  __close = function(client)
    client:close()
  end,
}

-- The methods are loaded with the first call, so that making a client, which
-- every script does at its start, costs little.
function client_metatable.__index(_, name)
  client_metatable.__index = require "daytona.client"
  return client_metatable.__index[name]
end

--- Makes a client.  What is not given comes from the environment.
---@param options { api_key: string?, jwt_token: string?, organization_id: string?, api_url: string?, target: string?, timeout: number?, connect_timeout: number?, max_retries: integer?, retry_budget: integer?, on_request: fun(event: daytona.Event)?, on_response: fun(event: daytona.Event)?, on_retry: fun(event: daytona.Event)?, max_response: integer?, ca_file: string?, allow_http: boolean?, host: table? }? see doc/api.md, "daytona.new"
---@return daytona.Client? client
---@return daytona.Error? err of kind "unauthorized" where credentials are missing
function daytona.new(options)
  if options == nil then
    options = {}
  elseif type(options) ~= "table" then
    core.misuse(("daytona.new: options: table expected, got %s"):format(type(options)))
  end
  core.check("daytona.new", options)
  local url = options.api_url or environment "DAYTONA_API_URL" or CLOUD_URL
  url = check_url(url, options.allow_http)
  local level, watch = environment "DAYTONA_LOG", false
  if level or options.on_request or options.on_response or options.on_retry then
    watch = require("daytona.watch").new(options, level)
  end
  local token, organization = credential(options)
  if not token then
    return nil, organization
  end
  local retry_budget = or_default(options.retry_budget, 10)
  local client = setmetatable({
    api_url = url,
    target = options.target or environment "DAYTONA_TARGET",
    timeout = or_default(options.timeout, 60),
    max_retries = or_default(options.max_retries, 2),
    retry_budget = retry_budget,
    _retries_left = retry_budget,
    _pace = false, -- of daytona.pace, once the server refused
    _watch = watch,
    host = options.host or require "daytona.host.plain",
    _core = core.client {
      api_url = url,
      token = token,
      organization_id = organization,
      connect_timeout = or_default(options.connect_timeout, 10),
      max_response = or_default(options.max_response, 64 * 1024 * 1024),
      ca_file = options.ca_file,
      allow_http = options.allow_http,
      user_agent = ("%s/%s"):format(SOURCE, daytona.version),
      source = SOURCE,
      sdk_version = SDK_VERSION,
    },
  }, client_metatable)
  client._core:own(client)
  return client
end

local lazy = { actions = "daytona.actions", progress = "daytona.progress", testing = "daytona.testing" }

return setmetatable(daytona, {
  __index = function(_, name)
    if lazy[name] then
      return require(lazy[name])
    end
  end,
})
