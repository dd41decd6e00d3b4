--- Daytona sandboxes for Lua.
---
---     local daytona = require "daytona"
---     local client = assert(daytona.new())
---     local sandbox = assert(client:create { language = "python" })
---     print(assert(sandbox.process:code_run "print(6 * 7)").result)
---     assert(sandbox:delete())

pcall(require, "daytona.preload") -- a faster start, where it is installed

local core = require "daytona.load"

-- Modules that are loaded later come from beside this one, wherever the program
-- has gone by then: where they are found by a relative path, it is kept.
local beside = debug.getinfo(1, "S").source:match "^@(.*)init%.lua$"
if beside and beside:sub(1, 1) ~= "/" then
  local root = core.absolute(beside ~= "" and beside or "./")
  table.insert(package.searchers or package.loaders, 2, function(name)
    local path = name:match "^daytona%.(.+)$"
    path = path and path:gsub("%.", "/") .. ".lua"
    local file = path and io.open(root .. path)
    if not file then
      return nil
    end
    local text = file:read "*a"
    file:close()
    return assert((loadstring or load)(text, "@" .. beside .. path))
  end)
end

local CLOUD_URL = "https://app.daytona.io/api"
-- A level of the wire that all servers know; it switches their behaviour.
local SDK_VERSION = "0.205.1"
local SOURCE = "sdk-lua"

---@class daytona
---@field version string
---@field null userdata  JSON null in a body of client:request
---@field actions table  the operations under their names in agent workflows
---@field help fun(name: string?): string  what a method does, "git.clone" say; without a name: the areas
---@field progress fun(options: table?): fun(done: integer, total: integer?)  an on_progress for terminals
---@field testing table  a daytona-local for a test
local daytona = {
  version = require "daytona.version",
  null = core.null,
}

--- Marks a table, so that it is a list in JSON also while it is empty.
---@generic T
---@param list T[]
---@return T[] list the same
function daytona.array(list)
  if list == daytona then
    core.misuse "daytona.array: call it with a dot, daytona.array{...}"
  elseif type(list) ~= "table" then
    core.misuse(("daytona.array: list expected, got %s"):format(type(list)))
  end
  require("daytona.call.list_argument").count("daytona.array", "list", list)
  return core.array(list)
end

--- The environment variable, unless it is empty.
local function environment(name)
  local value = os.getenv(name)
  if value ~= "" then
    return value
  end
end

--- Raises unless a value can be a credential or the like; the message says where
--- it was found, but never what it is.
---@param source string
---@param value string?
local function check_word(source, value)
  local problem = value and (value:find "[\r\n]" and "contains CR or LF"
    or not value:find "[^ \t\v\f]" and "must not be blank" or value:find "[ \t\v\f]" and "must not have white space"
    or value:find "[%z\1-\31\127]" and "contains a control character")
  if problem then
    core.misuse(("daytona.new: %s: %s"):format(source, problem))
  end
  return value
end

--- An option, or what the environment says in its place.
local function option_or(options, name, variable)
  local value = options[name]
  if value ~= nil then
    return check_word(("field '%s'"):format(name), value)
  end
  return check_word(variable, environment(variable))
end

--- The base URL without trailing slashes; raises if it is none.
---@param source string where it comes from
local function check_url(url, allow_http, source)
  local function refuse(problem, ...)
    core.misuse(("daytona.new: %s: " .. problem):format(source, ...))
  end
  local scheme = url:match "^(%a+)://[^/?#]+"
  scheme = scheme and scheme:lower()
  if url:find "%s" then
    refuse("must not have white space, got '%s'", url)
  elseif scheme ~= "http" and scheme ~= "https" then
    refuse("http or https URL expected, got '%s'", url)
  elseif url:find "[?#]" or url:find "^%a+://[^/]*@" then
    refuse "must not have a query, a fragment or credentials"
  elseif scheme == "http" and not allow_http and not core.is_loopback(url) then
    refuse("%s would carry the credential unencrypted (say allow_http = true if that is meant)", url)
  end
  return (url:gsub("/+$", ""))
end

--- Where the server is, by option, environment or default.
local function find_url(options)
  local url = options.api_url
  if url then
    return check_url(url, options.allow_http, "field 'api_url'")
  end
  return check_url(environment "DAYTONA_API_URL" or CLOUD_URL, options.allow_http, "DAYTONA_API_URL")
end

--- The file of trusted authorities, as libcurl's and OpenSSL's programs find
--- it, and where that was said.
local function find_ca(options)
  if options.ca_file then
    return core.absolute(options.ca_file), "ca_file"
  end
  for _, name in ipairs { "CURL_CA_BUNDLE", "SSL_CERT_FILE" } do
    local path = environment(name)
    if path then
      return core.absolute(path), name
    end
  end
end

--- The credential and its organization: what is given explicitly wins over the
--- environment, and an explicit JWT over a key in the environment.
local function credential(options)
  local key
  if options.api_key or not options.jwt_token then
    key = option_or(options, "api_key", "DAYTONA_API_KEY")
  end
  if key then
    return key, nil
  end
  local jwt = option_or(options, "jwt_token", "DAYTONA_JWT_TOKEN")
  local organization = jwt and option_or(options, "organization_id", "DAYTONA_ORGANIZATION_ID")
  if jwt and organization then
    return jwt, organization
  end
  local message = jwt
    and "a JWT needs an organization: set DAYTONA_ORGANIZATION_ID or organization_id"
    or "no credentials: set DAYTONA_API_KEY or api_key, or DAYTONA_JWT_TOKEN and "
    .. "DAYTONA_ORGANIZATION_ID or jwt_token and organization_id"
  return nil, require("daytona.call.error").new {
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
    return core.printable(("daytona.client (%s%s)"):format(client.api_url, client._closed and ", closed" or ""))
  end,
  __close = function(client)
    client:close()
  end,
}

-- The methods are loaded with the first call, so that making a client, which
-- every script does at its start, costs little.
function client_metatable.__index(client, name)
  client_metatable.__index = require "daytona.client"
  return client_metatable.__index(client, name)
end

--- Makes a client.  What is not given comes from the environment.
---@param options { api_key: string?, jwt_token: string?, organization_id: string?, api_url: string?, target: string?, timeout: number?, connect_timeout: number?, silence_timeout: number?, max_retries: integer?, retry_budget: integer?, on_request: fun(event: daytona.Event)?, on_response: fun(event: daytona.Event)?, on_retry: fun(event: daytona.Event)?, max_response: integer?, ca_file: string?, allow_http: boolean?, host: table? }? see doc/api.md, "daytona.new"
---@return daytona.Client? client
---@return daytona.Error? err of kind "unauthorized" where credentials are missing
function daytona.new(options)
  if options == daytona then
    core.misuse "daytona.new: call it with a dot, daytona.new{...}"
  elseif options == nil then
    options = {}
  elseif type(options) ~= "table" then
    core.misuse(("daytona.new: options: table expected, got %s"):format(type(options)))
  end
  core.check("daytona.new", options)
  if options.host ~= nil then
    require("daytona.host.expected").host("daytona.new", options.host)
  end
  local url = find_url(options)
  local level, hooks = environment "DAYTONA_LOG", false
  if level or options.on_request or options.on_response or options.on_retry then
    hooks = require("daytona.call.hooks").new(options, level)
  end
  local token, organization = credential(options)
  if not token then
    return nil, organization
  end
  local ca_file, ca_source = find_ca(options)
  local retry_budget = or_default(options.retry_budget, 10)
  local max_response = or_default(options.max_response, 64 * 1024 * 1024)
  local client = setmetatable({
    api_url = url,
    target = option_or(options, "target", "DAYTONA_TARGET"),
    timeout = or_default(options.timeout, 60),
    max_retries = or_default(options.max_retries, 2),
    retry_budget = retry_budget,
    max_response = max_response,
    _retries_left = retry_budget,
    _rate_limit = false, -- of call.rate_limit, once the server refused
    _hooks = hooks,
    host = options.host or require "daytona.host.plain",
    _core = core.client {
      api_url = url,
      token = token,
      organization_id = organization,
      connect_timeout = or_default(options.connect_timeout, 10),
      silence_timeout = or_default(options.silence_timeout, 10),
      max_response = max_response,
      ca_file = ca_file,
      ca_source = ca_source,
      allow_http = options.allow_http,
      user_agent = ("%s/%s"):format(SOURCE, daytona.version),
      source = SOURCE,
      sdk_version = SDK_VERSION,
    },
  }, client_metatable)
  client._core:own(client)
  return client
end

local lazy = {
  actions = "daytona.actions", progress = "daytona.progress", testing = "daytona.testing",
  help = "daytona.help",
}

return setmetatable(daytona, {
  __index = function(_, name)
    if lazy[name] then
      return require(lazy[name])
    end
  end,
})
