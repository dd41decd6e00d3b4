--- Requests to a server in a sandbox, by its preview: what sandbox:preview(port) gives.

local call = require "daytona.call.call"
local chunks = require "daytona.call.chunks"
local class = require "daytona.call.class"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local error_object = require "daytona.call.error"
local preview_socket = require "daytona.sandbox.preview_socket"
local toolbox = require "daytona.call.toolbox"

local TOKEN = "x-daytona-preview-token"
local CHUNK = 64 * 1024 -- bytes
local NOWHERE = "http://localhost" -- stands for the URL while the other options are checked

---@class daytona.Preview
---@field port integer
local Preview = {}
local metatable = {
  __index = Preview,
  __name = "daytona.preview",
  __tostring = function(preview)
    return core.printable(("daytona.preview (port %d of %s)"):format(preview.port, preview._sandbox.id))
  end,
}

local preview = {}

--- A handle; asks nobody.
---@param sandbox daytona.Sandbox
---@param port integer
---@return daytona.Preview
function preview.new(sandbox, port)
  core.check("sandbox.get_preview_link", { sandbox_id = sandbox.id, port = port })
  return setmetatable({ port = port, _sandbox = sandbox }, metatable)
end

--- Where the preview is, and its token: asked for once, for another start of the
--- sandbox makes another token.
local function link_of(self, deadline)
  if self._link then
    return self._link
  end
  local limit = deadline or deadlines.after(core.sandbox_owner(self._sandbox).timeout) -- an answer may take for ever
  local link, err = toolbox.api(self._sandbox, "sandbox.get_preview_link", { port = self.port }, limit)
  if not link then
    return nil, err
  elseif not link.url:find "^[Hh][Tt][Tt][Pp][Ss]?://[^%z\1-\32\127?#]+$" then
    return nil, error_object.new {
      kind = "protocol", operation = "sandbox.get_preview_link", sandbox_id = self._sandbox.id,
      message = "the answer makes no sense: field 'url': no http or https URL",
    }
  end
  self._link = link
  return link
end

--- Makes a copy of the caller's headers with the token in it, unless they have one.
local function with_token(headers, token)
  local copy, has_token = {}, false
  for name, value in pairs(headers or {}) do
    copy[name] = value
    has_token = has_token or name:lower() == TOKEN
  end
  if not has_token and token and token ~= "" then
    copy[TOKEN] = token
  end
  return copy
end

--- Checks the options before anything is sent.
local function prepare(operation, options, arguments)
  local params = call.params(operation, options, arguments)
  if params.url ~= nil then
    core.misuse(("%s: unknown option 'url' (the preview has one)"):format(operation))
  end
  params.url = NOWHERE
  core.check(operation, params)
  return params
end

--- Runs fn(params, deadline), which gives an answer, with the link of the preview.
--- One that is refused for its credential is tried again if there is another token by
--- now: the server in the sandbox has not seen it.
local function through(self, params, deadline, fn)
  local headers = params.headers
  for attempt = 1, 2 do
    local link, err = link_of(self, deadline)
    if not link then
      return nil, err
    end
    params.url, params.headers = link.url:gsub("/+$", ""), with_token(headers, link.token)
    local answer, problem = fn(params, deadline)
    if problem then
      problem.sandbox_id = self._sandbox.id
    end
    local status = answer and answer.status or problem and problem.status
    if status ~= 401 or attempt == 2 then
      return answer, problem
    end
    self._link = nil
    local fresh = link_of(self, deadline)
    if not fresh or fresh.token == link.token then
      self._link = link
      return answer, problem
    elseif answer and answer.close then
      answer:close()
    end
  end
end

--- Asks the server in the sandbox, and gives whatever it answers: a status of 400 and
--- more is a result, too.  Redirects are not followed.  It gets the headers given here
--- and the token of the preview, and no credential of the client.
---@param method string HTTP method
---@param path string with a slash at its start, escaped
---@param options { query: table?, headers: table<string, string>?, body: any?, timeout: number?, max_retries: integer? }? body: a table goes out as JSON, a string as it is; timeout: default the client's
---@return { status: integer, headers: table<string, string|string[]>, body: string }? answer headers: by names in small letters; set-cookie: a list
---@return daytona.Error? err
function Preview:request(method, path, options)
  local operation = "preview.request"
  local params = prepare(operation, options, { method = method, path = path })
  local client = core.sandbox_owner(self._sandbox)
  return through(self, params, deadlines.of(params, client.timeout), function(_, deadline)
    return call.run(client, operation, params, nil, deadline)
  end)
end

--- The same for an answer that is read in chunks, while it comes: a large one, or events.
---@param method string HTTP method
---@param path string with a slash at its start, escaped
---@param options { query: table?, headers: table<string, string>?, body: any?, chunk_size: integer?, timeout: number?, max_retries: integer? }? chunk_size: bytes, default 65536; a chunk may come late until it is full, so 1 for events. timeout: of all of it, none by default
---@return daytona.Reader? reader with the fields status and headers
---@return daytona.Error? err
function Preview:open(method, path, options)
  local operation = "preview.request"
  local params = prepare(operation, options, { method = method, path = path })
  params.chunk_size = params.chunk_size or CHUNK
  local client = core.sandbox_owner(self._sandbox)
  return through(self, params, deadlines.after(params.timeout), function(_, deadline)
    return chunks.open(self._sandbox, operation, params, function()
      return call.run(client, operation, params, nil, deadline)
    end)
  end)
end

--- Opens a WebSocket to the server in the sandbox.  It is pinged now and then, and
--- ends when there is no sign of life.
---@param path string with a slash at its start, escaped
---@param options { query: table?, headers: table<string, string>?, subprotocols: string[]?, timeout: number?, max_retries: integer? }? subprotocols: the server may choose one, see `socket.subprotocol`; timeout: of connecting, default the client's
---@return daytona.PreviewSocket? socket
---@return daytona.Error? err
function Preview:connect(path, options)
  local operation = "preview.connect"
  local params = prepare(operation, options, { path = path })
  local client = core.sandbox_owner(self._sandbox)
  return through(self, params, deadlines.of(params, client.timeout), function(_, deadline)
    return preview_socket.open(self._sandbox, operation, params, deadline)
  end)
end

class.define("preview", Preview, metatable)

return preview
