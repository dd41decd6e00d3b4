-- What the specs of the control plane share: a server whose process id and
-- data directory are known, and requests whose refusals are easy to compare.

local daytona = require "daytona"
local support = require "spec.support"

local control = {}

local Server = {}
Server.__index = Server

local function program()
  return support.quote(os.getenv "DAYTONA_LOCAL" or "daytona-local")
end

-- Runs `daytona-local serve` with these arguments (text for the shell); gives
-- what it printed and its exit status. For what ends by itself.
function control.run(arguments)
  return support.run(program() .. " serve " .. arguments)
end

-- A directory that the service user can reach too; removed by remove_data.
function control.data()
  local directory = support.temp_dir()
  assert(os.execute("chmod 755 " .. support.quote(directory)))
  return directory .. "/data"
end

-- Runs SQL in the database of a data directory that no server has open.
function control.sql(data, sql)
  local file = support.temp_dir() .. "/sql"
  support.write_file(file, sql)
  local said, status = support.run(("%s -c 'import sqlite3, sys; "
    .. "sqlite3.connect(sys.argv[1]).executescript(open(sys.argv[2]).read())' %s %s 2>&1"):format(
    os.getenv "PYTHON" or "python3", support.quote(data .. "/state.db"), support.quote(file)))
  assert(status == 0, said)
end

-- Starts a server. `options`: data (a new one), arguments, env (both text for
-- the shell).
function control.serve(options)
  options = options or {}
  local data = options.data or control.data()
  local command = ("echo $$; exec env %s %s serve --while-read --listen 127.0.0.1:0 --data %s %s 2>>%s"):format(
    options.env or "", program(), support.quote(data), options.arguments or "",
    support.quote(data .. ".log"))
  local pipe = assert(io.popen(command, "r"))
  local pid = assert(tonumber(pipe:read "*l"))
  local line = pipe:read "*l"
  if not line then
    pipe:close()
    error("daytona-local did not start: " .. support.read_file(data .. ".log"), 2)
  end
  local started = support.json.decode(line)
  local server = setmetatable({
    data = data, pid = pid, pipe = pipe, api_key = started.api_key, api_url = started.api_url,
  }, Server)
  -- by any name, for a server may be told which one it has
  server.client = assert(daytona.new { api_key = server.api_key, api_url = server.api_url, allow_http = true })
  return server
end

-- Ends it and waits for that: it lives as long as its output is read.
function Server:stop()
  if self.pipe then
    self.client:close()
    self.pipe:close()
    self.pipe = nil
  end
end

-- kill -9, and waits until it is gone.
function Server:kill()
  assert(os.execute("kill -9 " .. self.pid))
  self:stop()
end

function Server:log()
  return support.read_file(self.data .. ".log")
end

-- One request: the decoded answer, or nil and the error. `body` is a table.
function Server:call(method, path, body, options)
  -- Not under the name of our client, whose own requests are looked at.
  local all = { body = body, max_retries = 0, headers = { ["User-Agent"] = "spec" } }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return self.client:request(method, path, all)
end

-- The answer; raises if there is none.
function Server:get(path)
  return assert(self:call("GET", path))
end

-- Creates a sandbox and gives it as it is once it runs.
function Server:create(fields)
  local created = assert(self:call("POST", "/sandbox", fields or {}))
  return self:get("/sandbox/" .. created.id)
end

-- Raises unless the request is refused so, with the whole envelope.
function Server:refuses(status, message, method, path, body)
  local value, err = self:call(method, path, body)
  if value ~= nil then
    error(("%s %s was not refused"):format(method, path), 2)
  end
  local envelope = support.json.decode(err.body)
  support.eq({
    path = "/api" .. path,
    timestamp = support.any_string,
    statusCode = status,
    error = support.any_string,
    message = message,
  }, envelope)
  support.eq(status, err.status)
end

-- Waits until the sandbox shows that state; "gone" is a 404.
function Server:await(id, state, seconds)
  return support.eventually(function()
    local sandbox, err = self:call("GET", "/sandbox/" .. id)
    if state == "gone" then
      return err and err.status == 404
    end
    return sandbox and sandbox.state == state and sandbox
  end, seconds or 10, "sandbox in state " .. state)
end

-- What a shell command prints in the sandbox.
function Server:sh(id, command)
  local found = self:get("/sandbox/" .. id)
  local sandbox = self.client:sandbox {
    id = id, state = found.state, toolbox_proxy_url = found.toolboxProxyUrl,
  }
  return assert(sandbox.process:exec(command)).result
end

-- Writes a file of the sandbox.
function Server:upload(id, path, content)
  local sandbox = self.client:sandbox {
    id = id, state = "started", toolbox_proxy_url = self:get("/sandbox/" .. id).toolboxProxyUrl,
  }
  assert(sandbox.fs:upload_file({ content = content }, path))
end

-- Whether any process has the data directory on its command line, as each
-- sandbox has.
function Server:has_processes()
  local output = support.run("pgrep -f " .. support.quote("[/]" .. self.data:sub(2) .. "/"))
  return output:find "%d" ~= nil
end

return control
