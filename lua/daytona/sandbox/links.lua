--- Links to a sandbox, for those who have no API key: previews of its ports, and
--- URLs of single files.

local call = require "daytona.call.call"
local core = require "daytona.core"
local error_object = require "daytona.call.error"
local toolbox = require "daytona.call.toolbox"

local HOUR = 3600

---@class daytona.Sandbox
local sandbox_methods = {}

local function senseless(sandbox, operation, what)
  return error_object.new {
    kind = "protocol", operation = operation, sandbox_id = sandbox.id, message = "the answer makes no sense: " .. what,
  }
end

--- The key that signs, which servers answer bare or as JSON. It is not kept:
--- anybody may rotate it.
local function signing_key(sandbox, operation, params, deadline)
  local answer, err = toolbox.api(sandbox, "sandbox.get_signing_key", { max_retries = params.max_retries }, deadline)
  if not answer then
    err.operation = operation
    return nil, err
  end
  local key = answer:match '^[^%c%s"\\]+$'
  if not key then
    return nil, senseless(sandbox, operation, "no signing key")
  end
  return key
end

local function escape(text)
  return (text:gsub("[^A-Za-z0-9._~-]", function(byte)
    return ("%%%02X"):format(byte:byte())
  end))
end

--- Signs the URL of a file here; the server is asked for the key alone.
local function file_url(sandbox, operation, method, route, path, options)
  local params = call.params(operation, options, { path = path })
  core.check(operation, params)
  local deadline = toolbox.deadline(sandbox, params)
  local ok, err = toolbox.locate(sandbox, operation, deadline)
  if not ok then
    return nil, err
  end
  local key
  key, err = signing_key(sandbox, operation, params, deadline)
  if not key then
    return nil, err
  end
  local seconds = params.expires_in_seconds or HOUR
  local expires = ("%d"):format(seconds == 0 and 0 or os.time() + seconds)
  local text = table.concat({ "v1", "files", method, path, expires }, ":")
  return ("%s/%s/files/%s?path=%s&expires=%s&signature=v1_%s"):format(
    sandbox.toolbox_proxy_url:gsub("/+$", ""), escape(sandbox.id), route, escape(path), expires,
    core.base64_encode_url(core.hmac_sha256(key, text)))
end

--- A URL that reads one file without a credential (GET), for a while: for a
--- browser, or somebody else's program. It works while the sandbox runs.
---@param path string in the sandbox
---@param options { expires_in_seconds: integer?, timeout: number?, max_retries: integer? }? expires_in_seconds: default 3600; 0: until rotate_signing_key
---@return string? url
---@return daytona.Error? err
function sandbox_methods:download_url(path, options)
  return file_url(self, "sandbox.download_url", "GET", "download", path, options)
end

--- A URL that writes one file without a credential (POST): the content is the
--- body, or the field `file` of a form.
---@param path string in the sandbox
---@param options { expires_in_seconds: integer?, timeout: number?, max_retries: integer? }? expires_in_seconds: default 3600; 0: until rotate_signing_key
---@return string? url
---@return daytona.Error? err
function sandbox_methods:upload_url(path, options)
  return file_url(self, "sandbox.upload_url", "POST", "upload-v2", path, options)
end

--- A handle for requests to an HTTP server at a port of the sandbox; asks nobody.
---@param port integer
---@return daytona.Preview
function sandbox_methods:preview(port)
  return require("daytona.sandbox.preview").new(self, port)
end

return sandbox_methods
