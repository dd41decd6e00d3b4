--- sandbox:wait_for: a state of the sandbox, a port that takes connections, a server
--- that answers.

local call = require "daytona.call.call"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local error_object = require "daytona.call.error"
local sandbox_wait = require "daytona.sandbox.wait"
local toolbox = require "daytona.call.toolbox"
local wait = require "daytona.call.wait"

local OPERATION = "sandbox.wait_for"
local FIRST_PORT, LAST_PORT = 3000, 9999 -- what toolboxes tell of
local LINK = 60 -- seconds that the URL of a preview is good
local RENEWED = 45 -- seconds until there is another one
local STATE_LOOK = 2 -- seconds between two looks at a sandbox whose server does not answer

-- A server that is waited for comes in no sandbox that is in one of these.
local OVER = wait.states { "stopped", "stopping", "archived", "paused", "error", "build_failed", "destroyed" }

-- States that are known.
local STATES = wait.states {
  "archived", "archiving", "build_failed", "building_snapshot", "creating", "deleted", "destroyed", "destroying",
  "error", "forking", "paused", "pausing", "pending_build", "pulling_snapshot", "resizing", "restoring", "resuming",
  "snapshotting", "started", "starting", "stopped", "stopping", "unknown",
}

-- What other systems call them; not what a newer server may have besides.
local ELSEWHERE = {
  destroyed = "terminated removed killed gone dead", destroying = "deleting terminating removing",
  started = "running active ready up live alive online healthy",
  stopped = "exited halted shutdown shut_down down offline inactive completed finished succeeded",
  paused = "suspended", pausing = "suspending", error = "errored failed crashed",
}
local CALLED = {}
for state, words in pairs(ELSEWHERE) do
  for word in words:gmatch "%S+" do
    CALLED[word] = state
  end
end

--- The state that somebody means who writes `name`; nil if nothing is like it.
local function meant(name)
  local plain, found = name:gsub("(%l)(%u)", "%1_%2"):lower(), nil
  if CALLED[plain] then
    return CALLED[plain]
  end
  for state in pairs(STATES) do
    if #plain > 2 and state:sub(1, #plain) == plain and (not found or #state < #found) then
      found = state
    end
  end
  return found or core.nearest(plain, STATES, 1)
end

--- Raises for a state that is none, which would never come.  What may be one of a
--- newer server is let through: a word in small letters, of which no known one is a
--- letter away (that is a slip), which begins none, and by which no state is known
--- elsewhere.
local function check_state(name)
  local near = not STATES[name] and meant(name)
  if near or name:find "[^a-z0-9_]" then
    core.misuse(("%s: field 'state': no state is called '%s'%s"):format(OPERATION, core.printable(name),
      near and (" (did you mean '%s'?)"):format(near) or ""))
  end
end

--- Port and path of a URL as it is in the sandbox; nil: it is none.
local function parts_of(url)
  local host, rest = url:match "^[Hh][Tt][Tt][Pp]://(%[::1%])(.*)$"
  if not host then
    host, rest = url:match "^[Hh][Tt][Tt][Pp]://([^:/?#]+)(.*)$"
  end
  if not host or not (host:lower() == "localhost" or host:find "^127%." or host == "0.0.0.0" or host == "[::1]") then
    return nil
  end
  local port, path = rest:match "^:(%d+)(.*)$"
  path = path or rest
  if path ~= "" and not path:find "^[/?]" then
    return nil
  end
  return tonumber(port or 80), path:find "^/" and path or "/" .. path
end

--- The options of a call with what is to be asked as `port` and `path`; raises for
--- what makes no sense.
local function parse(options)
  local params = call.params(OPERATION, options, {})
  core.check(OPERATION, params)
  local url = params.url
  if not (params.state or params.port or url) then
    core.misuse(("%s: one of 'state', 'port', 'url' is needed"):format(OPERATION))
  end
  if params.state then
    check_state(params.state)
  end
  if url and (url:find "[%s%c#]" or url:find "[\128-\255]") then
    core.misuse(("%s: field 'url': not escaped as URLs are"):format(OPERATION))
  elseif url and url:find "^/" then
    if not params.port then
      core.misuse(("%s: field 'url': a path needs 'port'"):format(OPERATION))
    end
    return params, params.port, url
  elseif url then
    local port, path = parts_of(url)
    if not port or port < 1 or port > 65535 then
      core.misuse(("%s: field 'url': a path, or a URL as it is in the sandbox, like http://localhost:3000/, expected")
        :format(OPERATION))
    elseif params.port and params.port ~= port then
      core.misuse(("%s: field 'url': contradicts 'port'"):format(OPERATION))
    end
    return params, port, path
  elseif params.port and (params.port < FIRST_PORT or params.port > LAST_PORT) then
    core.misuse(("%s: field 'port': the toolbox tells of %d to %d only (for an HTTP server add url = '/')")
      :format(OPERATION, FIRST_PORT, LAST_PORT))
  end
  return params
end

--- Why no server comes in a sandbox that does not run; it is read now and then.
local function ended(self, limit)
  local sandbox = self.sandbox
  if core.now() >= self.state_look and toolbox.refresh(sandbox, limit, self.options) then
    if OVER[sandbox.state] and sandbox.desired_state ~= "started" then
      return error_object.new {
        kind = "state", operation = OPERATION, sandbox_id = sandbox.id, state = sandbox.state, outcome = "failed",
        message = ("the sandbox is in state %s%s"):format(sandbox.state,
          sandbox.error_reason and ": " .. sandbox.error_reason or ""),
      }
    end
    self.state_look = core.now() + STATE_LOOK
  end
end

--- Whether something listens on the port.
local function read_port(self, limit)
  local use, err = toolbox.run(self.sandbox, "sandbox.is_port_in_use",
    { port = self.port, max_retries = self.options.max_retries }, limit)
  if not use then
    local over = err.kind ~= "cancelled" and ended(self, limit)
    return nil, over or err
  end
  self.state = use.is_in_use and "open" or "closed"
  return self
end

--- The URL of the preview, good for a while.
local function link_of(self, limit)
  if self.link and core.now() < self.renewal then
    return self.link
  end
  local link, err = toolbox.api(self.sandbox, "sandbox.create_signed_preview_url",
    { port = self.port, expires_in_seconds = LINK, max_retries = self.options.max_retries }, limit)
  if not link then
    return nil, err
  elseif not link.url:find "^[Hh][Tt][Tt][Pp][Ss]?://[^%s%c?#@]+$" then
    return nil, error_object.new {
      kind = "protocol", operation = "sandbox.create_signed_preview_url", sandbox_id = self.sandbox.id,
      message = "the server does not say where the preview is",
    }
  end
  self.link, self.renewal = link.url:gsub("/+$", ""), core.now() + RENEWED
  return self.link
end

--- Whether the server answers with success; nobody reads what it says.
local function read_url(self, limit)
  local link, err = link_of(self, limit)
  if not link then
    return nil, err
  end
  local answer
  answer, err = call.run(self.client, "sandbox.ask_url",
    { url = link .. self.path, chunk_size = 1, max_retries = 0 }, nil, limit)
  if type(answer) == "userdata" then
    answer:close()
  end
  if answer or err.status and err.status >= 300 and err.status < 400 then
    self.state = "answering"
    return self
  elseif err.kind == "cancelled" then
    return nil, err
  end
  local over = ended(self, limit)
  if over or not err.status then
    -- Whoever has the URL has the port.
    err.message = err.message:gsub(link:gsub("%p", "%%%0"), "the preview")
    return nil, over or err
  end
  self.state = ("refusing (status %d)"):format(err.status)
  return self
end

--- Waits for a server; `what` says in a message which.
local function server(sandbox, port, path, what, deadline, options)
  local client = core.sandbox_owner(sandbox)
  local name = path and "answering" or "open"
  local _, err = wait.reach(client, {
    id = sandbox.id, state = path and "silent" or "closed", sandbox = sandbox, client = client, port = port,
    path = path, options = options, state_look = core.now(),
  }, {
    operation = OPERATION, what = what, name = name, id_field = "sandbox_id",
    reached = wait.states { name }, final = {}, read = path and read_url or read_port,
  }, deadline)
  if err then
    err.state = sandbox.state -- what the field is about
    return nil, err
  end
  return sandbox
end

---@param sandbox daytona.Sandbox
---@param options table
---@return daytona.Sandbox? sandbox
---@return daytona.Error? err
return function(sandbox, options)
  local params, port, path = parse(options)
  local deadline = deadlines.of(params, wait.LIMIT)
  local common = { max_retries = params.max_retries }
  local ok, err = true, nil
  if params.state or sandbox.state ~= "started" then
    ok, err = sandbox_wait.reach(sandbox, sandbox_wait.goal(params.state or "started"), deadline, common)
  end
  if ok and path then
    local what = ("http://localhost:%d%s in the sandbox"):format(port, path)
    ok, err = server(sandbox, port, path, what, deadline, common)
  elseif ok and params.port then
    ok, err = server(sandbox, params.port, nil, ("port %d of the sandbox"):format(params.port), deadline, common)
  end
  if not ok then
    return nil, err
  end
  return sandbox
end
