--- A daytona-local for a test: `local server = assert(daytona.testing.start())`.

local core = require "daytona.load"
local class = require "daytona.call.class"
local error_object = require "daytona.call.error"
local lists = require "daytona.call.list_argument"
local merged = require "daytona.call.merged"
local quote = require("daytona.process.shell").quote

local testing = {}

---@class daytona.TestServer
---@field api_url string
---@field api_key string
local Server = {}

local metatable = { __index = Server, __name = "daytona.testing.server" }

-- The server lives as long as its standard output is read, so neither a crash
-- nor a forgotten stop leaves one behind; then the data is removed.  Ctrl-C is for
-- the whole process group: the shell catches it (a signal that it ignored would be
-- ignored in sandboxes, too) and outlives the server.
local COMMAND = [[
trap : HUP INT QUIT TERM
dir=$(mktemp -d "${TMPDIR:-/tmp}/daytona-local.XXXXXX" 2>&1) || { echo "!${TMPDIR:+TMPDIR: }$dir"; exit 1; }
chmod 711 "$dir"
%s serve --while-read --listen 127.0.0.1:0 --data "$dir/data" %s 2>"$dir/log" || sed 's/^/!/' "$dir/log"
rm -rf "$dir"
]]

local function failure(message)
  return error_object.new {
    kind = "connection",
    operation = "testing.start", outcome = "failed",
    message = "daytona-local did not start: " .. message,
  }
end

--- Starts daytona-local with an empty data directory of its own.
---@param options { program: string?, as: string?, expose: string[]?, arguments: string[]? }? program: default $DAYTONA_LOCAL, else daytona-local from the PATH; as: the older server to behave as, "v0.190" (default $DAYTONA_LOCAL_AS, else none); expose: services, HOST:PORT each, that sandboxes reach at 127.0.0.1:PORT (they have networks of their own); arguments: further ones of `daytona-local serve`
---@return daytona.TestServer? server
---@return daytona.Error? err
function testing.start(options)
  if options == nil then
    options = {}
  elseif options == testing then
    core.misuse "testing.start: call it with a dot, testing.start{...}"
  elseif type(options) ~= "table" then
    core.misuse(("testing.start: options: table expected, got %s"):format(type(options)))
  end
  core.check("testing.start", options)
  local named = os.getenv "DAYTONA_LOCAL"
  if named == "" then
    named = nil
  end
  local program = options.program or named or "daytona-local"
  local arguments = {}
  for _, name in ipairs { "expose", "arguments" } do
    if options[name] then
      lists.count("testing.start", name, options[name])
    end
  end
  if options.as then
    arguments = { "--as", quote(options.as) }
  end
  for _, service in ipairs(options.expose or {}) do
    arguments[#arguments + 1] = "--expose " .. quote(service)
  end
  for _, argument in ipairs(options.arguments or {}) do
    arguments[#arguments + 1] = quote(argument)
  end
  local pipe, message = io.popen(COMMAND:format(quote(program), table.concat(arguments, " ")), "r")
  if not pipe then
    return nil, failure(message)
  end
  local line = pipe:read "*l" or ""
  local url, key = line:match '"api_url"%s*:%s*"(.-)"', line:match '"api_key"%s*:%s*"(.-)"'
  if not url or not key then
    local rest = pipe:read "*a" or ""
    pipe:close()
    local text = (line .. "\n" .. rest):gsub("\n!", "\n"):gsub("^!", ""):gsub("%s+$", "")
    return nil, failure((not options.program and named and ("DAYTONA_LOCAL (%s): "):format(named) or "")
      .. (text ~= "" and text or "it said nothing"))
  end
  if line:find('"isolation":"none"', 1, true) then -- its own warning is in a file
    io.stderr:write("daytona.testing: WARNING: daytona-local runs sandboxes as plain processes, without isolation\n")
  end
  return setmetatable({ api_url = url, api_key = key, _pipe = pipe }, metatable)
end

--- A client of this server.
---@param options table? further options of daytona.new
---@return daytona.Client? client
---@return daytona.Error? err
function Server:client(options)
  if options ~= nil and type(options) ~= "table" then
    core.misuse(("server.client: options: table expected, got %s"):format(type(options)))
  end
  return require("daytona").new(merged({ api_url = self.api_url, api_key = self.api_key }, options))
end

--- Stops the server and its sandboxes and removes its data.
function Server:stop()
  if self._pipe then
    self._pipe:close()
    self._pipe = nil
  end
end

metatable.__close = Server.stop
metatable.__gc = Server.stop

class.define("server", Server, metatable)

return testing
