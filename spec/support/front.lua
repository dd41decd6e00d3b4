-- What stands before a cloud service, on loopback: nginx with TLS 1.3 and HTTP/2
-- before a daytona-local, and before that a relay, which is the way to it.
--
--   local front = fronts.start { rtt = 0.02, keepalive_requests = 50 }
--   local client = front:client { host = loop }
--   front:hole()                     -- all present connections are dead, silently
--   front:reset { next = 2, at = "hello" } -- and two new ones within the handshake
--
-- The API, the toolboxes and the previews of port 3000, WebSockets among them, are
-- reached through it only: nginx rewrites the URLs that the API names.

local control = require "spec.support.control"

local fronts = {}

local Front = {}
Front.__index = Front

local SHARED = [[
  ssl_certificate %s/good.pem;
  ssl_certificate_key %s/good.key;
  ssl_protocols TLSv1.3;
  map $http_upgrade $front_connection { default upgrade; '' ''; }
  map $request_uri $front_port { ~^/far/(?<front_p>[0-9]+)/ $front_p; default %s; }
  map $request_uri $front_uri {
    ~^/far/[0-9]+(?<front_u>/.*)$ $front_u;
    ~^/preview/[^/]+(?<front_w>/.*)$ $front_w;
    default $request_uri;
  }
  map $request_uri $front_host {
    ~^/preview/(?<front_v>[^/]+)/ $front_v.localhost:$front_port;
    default 127.0.0.1:$front_port;
  }
  client_max_body_size 0;
  keepalive_requests %d;
  keepalive_timeout %dms;
  proxy_http_version 1.1;
  proxy_read_timeout %ds;
  proxy_send_timeout %ds;
  proxy_request_buffering %s;
  proxy_buffering %s;
  proxy_set_header Host $front_host;
  proxy_set_header Accept-Encoding "";
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $front_connection;
  sub_filter '"http://127.0.0.1:' '"%s/far/';
  sub_filter '"http://3000-' '"%s/preview/3000-';
  sub_filter '.localhost:%s"' '"';
  sub_filter_types application/json;
  sub_filter_once off;
]]

-- A request is noted when its head is there, before any answer.
local SERVER = [[
  server {
    listen unix:%s/%s%s;
    location / {
      rewrite_by_lua_block {
        local var = ngx.var
        local file = assert(io.open("%s/requests", "a"))
        file:write(("%%s %%s %%s %%s %%s %%s\n"):format("%s", var.connection, var.server_protocol,
          var.ssl_session_reused or ".", var.request_method, var.request_uri))
        file:close()
      }
      proxy_pass http://127.0.0.1:$front_port$front_uri;
    }
  }
]]

local certificates_in

-- A directory with certificates, made once for all fronts.
local function certificates()
  local support = require "spec.support"
  certificates_in = certificates_in or os.getenv "SPEC_CERTIFICATES"
  if not (certificates_in and io.open(certificates_in .. "/good.pem")) then
    certificates_in = support.temp_dir()
    local output, status = support.run(("unset LD_PRELOAD; %s -B %s/spec/support/certs.py %s"):format(
      support.python, support.quote(support.root), certificates_in))
    assert(status == 0, output)
  end
  return certificates_in
end

fronts.certificates = certificates

local function on_off(value)
  return value and "on" or "off"
end

-- The text of nginx.conf for both servers, or for one that is both.
local function configuration(options, directory, names, ports)
  local tls = options.tls ~= false
  local listen = (tls and " ssl" or "") .. ((options.http or 2) == 2 and tls and " http2" or "")
  local scheme = tls and "https" or "http"
  local idle = options.read_timeout or 600
  local port = options.server.api_url:match ":(%d+)"
  local url = ("%s://127.0.0.1:%d"):format(scheme, ports[names[#names] .. "_port"])
  local texts = {
    SHARED:format(certificates(), certificates(), port,
      options.keepalive_requests or 1000, (options.keepalive_timeout or 75) * 1000, idle, idle,
      on_off(options.buffering), on_off(options.buffering),
      url, url, port),
  }
  for _, name in ipairs(names) do
    texts[#texts + 1] = SERVER:format(directory, name, listen, directory, name)
  end
  return table.concat(texts, "\n")
end

-- Starts it all.  Of `options`:
--   server        a daytona-local of e2e.start; without, it has one of its own
--   tls           false: plain HTTP
--   http          2 (offers HTTP/2, and 1.1 to who asks), or 1
--   separate      the toolboxes have an origin of their own
--   buffering     whole requests and answers are gathered first, as many fronts do
--   keepalive_requests, keepalive_timeout, read_timeout   as nginx has them
--   rtt, rate, limit   as relay.py has them
-- It has api_url, api_key and ca_file.
function fronts.start(options)
  local support, nginx = require "spec.support", require "spec.support.nginx"
  options = options or {}
  local own = not options.server and require("spec.support.e2e").start()
  local given = { server = own or options.server }
  for name, value in pairs(options) do
    given[name] = value
  end
  local directory = support.temp_dir()
  support.write_file(directory .. "/requests", "")
  local names, targets = { "api", given.separate and "toolbox" or nil }, {}
  for _, name in ipairs(names) do
    targets[name] = directory .. "/" .. name
  end
  local relay = support.relay { ports = targets, rtt = given.rtt, rate = given.rate, limit = given.limit }
  local self = fronts.attach {
    api_url = ("%s://127.0.0.1:%d/api"):format(given.tls == false and "http" or "https", relay.api_port),
    api_key = given.server.api_key, ca_file = certificates() .. "/ca.pem",
    directory = directory, relay_directory = relay.directory,
  }
  self.server, self.own, self.relay = given.server, own, relay
  self.nginx = nginx.start { directory = directory, http = configuration(given, directory, names, relay) }
  self.nginx_pid = self.nginx.pid
  return self
end

-- The same front in another program, by front:to_table().
function fronts.attach(fields)
  return setmetatable(fields, Front)
end

-- What fronts.attach needs.
function Front:to_table()
  return {
    api_url = self.api_url, api_key = self.api_key, ca_file = self.ca_file,
    directory = self.directory, relay_directory = self.relay_directory, nginx_pid = self.nginx_pid,
  }
end

-- A client that comes through the front.
function Front:client(options)
  local merged = { api_url = self.api_url, api_key = self.api_key, ca_file = self.ca_file }
  for name, value in pairs(options or {}) do
    merged[name] = value
  end
  return assert(require("daytona").new(merged))
end

local function fail(how)
  return function(self, options)
    local order = { how = how }
    for name, value in pairs(options or {}) do
      order[name] = value
    end
    control(self.relay_directory, "/fail", order)
  end
end

-- What goes wrong with all present connections at once, or, of `options`:
--   next    with so many new connections
--   at      "hello" (when the client's first bytes have come), "answer" (in the
--           middle of the server's first bytes), else when it is accepted
--   down, up   when so many further bytes have passed
--   on      only on connections to "api" or "toolbox"
-- hole: nothing passes any more, nobody is told (`acks`: TCP still answers).
-- reset: the client gets RST. finish: it gets a clean end.
Front.hole = fail "hole"
Front.reset = fail "reset"
Front.finish = fail "finish"

-- Changes rtt, rate and limit.
function Front:set(settings)
  control(self.relay_directory, "/set", settings)
end

-- { connections, open, ended, failed, up, down }; see relay.py. Since the last
-- forget(), but for the open ones.
function Front:stats()
  local stats = control(self.relay_directory, "/stats")
  for name, value in pairs(stats) do
    stats[name] = math.floor(value) -- cjson gives floats
  end
  return stats
end

function Front:connections()
  return self:stats().connections
end

-- The requests that nginx took, in order: { on, connection, protocol, resumed,
-- method, path }; with `pattern`, those whose path matches.
function Front:requests(pattern)
  local list = {}
  for line in io.lines(self.directory .. "/requests") do
    local on, connection, protocol, reused, method, path = line:match "^(%S+) (%S+) (%S+) (%S+) (%S+) (.*)$"
    if not pattern or path:find(pattern) then
      list[#list + 1] = {
        on = on, connection = tonumber(connection), protocol = protocol, resumed = reused == "r",
        method = method, path = path,
      }
    end
  end
  return list
end

-- Counts anew; new connections meet nothing any more.
function Front:forget()
  control(self.relay_directory, "/forget")
  assert(io.open(self.directory .. "/requests", "w")):close()
end

-- nginx starts anew with its configuration: connections get GOAWAY, or end.
function Front:reload()
  assert(os.execute(("kill -HUP %d"):format(self.nginx_pid)))
end

-- What nginx found wrong.
function Front:errors()
  return self.nginx:errors()
end

function Front:close()
  for _, part in ipairs { "relay", "nginx" } do
    if self[part] then
      self[part]:close()
      self[part] = nil
    end
  end
  if self.own then
    self.own:stop()
    self.own = nil
  end
end

return fronts
