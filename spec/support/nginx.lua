-- A private nginx on a unix socket, with the library in its search paths.

local json = require("cjson").new()

local files = require "spec.support.files"
local support = require "spec.support"

local nginx = {}

local Server = {}
Server.__index = Server

local CONFIGURATION = [[
%s
worker_processes %d;
pid nginx.pid;
error_log error.log info;
env DAYTONA_API_URL;
env DAYTONA_API_KEY;
%s
events { worker_connections %d; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  lua_package_path "%s/?.lua;%s/lua/?.lua;%s/lua/?/init.lua;;";
  lua_package_cpath "%s";
  %s
  server {
    listen unix:%s/socket;
    location /ping { content_by_lua_block { ngx.print "pong" } }
    %s
  }
}
]]

-- Debian has the Lua module of nginx as a file to load, OpenResty has it built in.
local function modules()
  local lines = {}
  for _, name in ipairs { "ndk_http_module", "ngx_http_lua_module" } do
    local path = "/usr/lib/nginx/modules/" .. name .. ".so"
    if io.open(path) then
      lines[#lines + 1] = ("load_module %s;"):format(path)
    end
  end
  return table.concat(lines, "\n")
end

-- What a configuration says of the user; root's files may be nobody's else.
local function user()
  local id = io.popen "id -u"
  local text = id:read "*l"
  id:close()
  return text == "0" and "user root;" or ""
end

-- Starts nginx with `locations`, `http` and `main` (texts of the configuration), Lua
-- files of `modules` ({ name = text }), `workers` (1), `connections` (1024), an empty `directory` and
-- the variables of `env`.
function nginx.start(options)
  local directory = options.directory or files.temp_dir()
  for name, text in pairs(options.modules or {}) do
    files.write_file(("%s/%s.lua"):format(directory, name), text)
  end
  files.write_file(directory .. "/nginx.conf", CONFIGURATION:format(
    modules(), options.workers or 1, user() .. (options.main or ""), options.connections or 1024,
    directory, files.root, files.root, (package.cpath:gsub("/5%.4/", "/5.1/")),
    options.http or "", directory, options.locations or ""))
  local words = { "unset LD_PRELOAD LUA_PATH LUA_CPATH; exec env" }
  for name, value in pairs(options.env or {}) do
    words[#words + 1] = name .. "=" .. files.quote(value)
  end
  words[#words + 1] = ("%s nginx_server.py %s %s"):format(files.helper, directory, os.getenv "SPEC_PRELOAD" or "")
  local pipe = assert(io.popen(table.concat(words, " "), "r"))
  local line = assert(pipe:read "*l", "nginx cannot be started")
  local self = setmetatable({
    pid = math.floor(json.decode(line).pid), directory = directory, pipe = pipe,
  }, Server)
  if json.decode(line).ended then
    self:close()
    error("nginx did not start:\n" .. self:errors(), 2)
  end
  -- It answers on its socket before it has forked all workers.
  support.eventually(function()
    return #self:workers() == (options.workers or 1)
  end, 20, "the start of nginx' workers")
  return self
end

-- The shell command of a request: options of curl, a path.
function Server:command(path, options)
  return ("curl -sS --unix-socket %s/socket %s %s"):format(
    self.directory, options or "", files.quote("http://nginx" .. path))
end

-- Gives the answer and the status.
function Server:get(path, options)
  local output = support.run(self:command(path, "-w '\\n%{http_code}' " .. (options or "")))
  local body, status = output:match "^(.*)\n(%d+)$"
  return body or output, tonumber(status)
end

-- The decoded answer of a request that has to succeed.
function Server:json(path, options)
  local body, status = self:get(path, options)
  if status ~= 200 then
    error(("%s: status %s\n%s\n%s"):format(path, status, body, self:errors()), 2)
  end
  return json.decode(body)
end

-- Starts a request; the function given back waits for the answer.
function Server:begin(path, options)
  local pipe = assert(io.popen(self:command(path, "2>&1 " .. (options or ""))))
  return function()
    local text = pipe:read "*a"
    pipe:close()
    return text
  end
end

-- Sends a request of a client that goes away: when the function given back is called.
function Server:begin_to_leave(path, options)
  local pipe = assert(io.popen("echo $$; exec " .. self:command(path, "2>&1 " .. (options or ""))))
  local pid = pipe:read "n"
  return function()
    assert(os.execute("kill " .. pid))
    pipe:read "a"
    pipe:close()
  end
end

function Server:signal(name, pid)
  assert(os.execute(("kill -%s %d"):format(name, pid or self.pid)))
end

-- The process ids of the workers.
function Server:workers()
  local found = {}
  for pid in files.read_file(("/proc/%d/task/%d/children"):format(self.pid, self.pid)):gmatch "%d+" do
    found[#found + 1] = tonumber(pid)
  end
  return found
end

-- How many threads of the library a process has.
function nginx.threads(pid)
  local count = 0
  local list = assert(io.popen(("cat /proc/%d/task/*/comm 2>/dev/null"):format(pid)))
  for name in list:lines() do
    count = count + (name == "daytona" and 1 or 0)
  end
  list:close()
  return count
end

-- Seconds that a process and its threads have computed.
function nginx.cpu(pid)
  local list = assert(io.popen(("cat /proc/%d/task/*/schedstat"):format(pid)))
  local sum = 0
  for line in list:lines() do
    sum = sum + tonumber(line:match "^%d+") / 1e9
  end
  list:close()
  return sum
end

-- What the error log holds of level error and above.
function Server:errors()
  local found = {}
  for line in io.lines(self.directory .. "/error.log") do
    if line:find "%[error%]" or line:find "%[crit%]" or line:find "%[alert%]" or line:find "%[emerg%]"
      or line:find "Sanitizer" or line:find "runtime error" then
      found[#found + 1] = line
    end
  end
  return table.concat(found, "\n")
end

-- Waits until nginx has ended, and gives its exit status.
function Server:finish()
  local line = self.pipe:read "*l"
  self.pipe:close()
  self.pipe = nil
  return line and json.decode(line).status
end

function Server:close()
  if self.pipe then
    self.pipe:close()
    self.pipe = nil
  end
end

return nginx
