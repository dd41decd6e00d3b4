-- The network of a sandbox is its own: what is on the host's side of it, and
-- what leads out.

local control = require "spec.local.control_support"
local e2e = require "spec.support.e2e"
local network = require "spec.local.network_support"
local support = require "spec.support"

local python = network.python

describe("the network of a sandbox", function()
  local host

  setup(function()
    host = support.host_services()
  end)

  teardown(function()
    host:close()
    support.cleanup()
  end)

  local function helpers(server)
    local pids = {}
    for pid in support.run(("pgrep -f '[/]%s/bin/daytona-local.uplink'"):format(server.data:sub(2))):gmatch "%d+" do
      pids[#pids + 1] = pid
      for child in support.run("pgrep -P " .. pid):gmatch "%d+" do
        pids[#pids + 1] = child
      end
    end
    return pids
  end

  local function gone(pids)
    support.eventually(function()
      for _, pid in ipairs(pids) do
        -- one that has ended may wait for its parent to notice
        local state = support.run(("ps -o stat= -p %s 2>/dev/null"):format(pid))
        if state ~= "" and not state:find "^Z" then
          return false
        end
      end
      return true
    end, 10, "the helpers' end")
  end

  describe("without a way out", function()
    local server, one, two

    setup(function()
      server = control.serve { arguments = "--network none" }
      one, two = server:create().id, server:create().id
    end)

    teardown(function()
      server:stop()
    end)

    it("is its own: two serve on one port, and each preview shows the right one", function()
      for id, text in pairs { [one] = "one", [two] = "two" } do
        server:sh(id, ("mkdir w; echo I am %s > w/index.html; cd w; "
          .. "setsid python3 -m http.server 3000 --bind 127.0.0.1 >../log 2>&1 &"):format(text))
      end
      for id, text in pairs { [one] = "one", [two] = "two" } do
        local link = server:get("/sandbox/" .. id .. "/ports/3000/preview-url")
        local page = ("curl -s -H 'x-daytona-preview-token: %s' %s/"):format(link.token, link.url)
        support.eventually(function()
          return support.run(page) == ("I am %s\n"):format(text)
        end, 20, "the page of " .. text)
        assert.falsy(server:sh(id, "cat log"):find("OSError", 1, true))
      end
    end)

    it("has nothing but a loopback of its own", function()
      support.eq("lo\n", python(server, one, "print(*(name for _, name in socket.if_nameindex()))"))
      support.eq("no route\n", server:sh(one, "[ $(wc -l < /proc/net/route) -le 1 ] && echo no route"))
      support.eq("none\n", server:sh(one, "[ -e /etc/resolv.conf ] || echo none"))
      support.eq("here 4\nhere 6\n", python(server, one, [[
for family, address in (socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"):
    with socket.create_server((address, 0), family=family) as s:
        with socket.create_connection(s.getsockname()[:2]):
            print("here", 4 if family == socket.AF_INET else 6)
]]))
    end)

    it("does not reach the host's loopback, nor its abstract sockets", function()
      support.eq("host v4\n", support.run(("exec 3<>/dev/tcp/127.0.0.1/%d; cat <&3"):format(host.port)
        :gsub("^(.*)$", "bash -c '%1'")))
      support.eq(("ECONNREFUSED\n"):rep(4) .. "ENETUNREACH\nEAFNOSUPPORT\n", python(server, one, ([[
print(reach("127.0.0.1", %d))
print(reach("::1", %d))
print(reach("0.0.0.0", %d))
print(reach("\0%s"))
print(reach("192.0.2.1", 80))
try: socket.socket(socket.AF_VSOCK)
except OSError as error: print(errno.errorcode[error.errno])
]]):format(host.port, host.port6, host.any_port, host.abstract)))
    end)
  end)

  describe("with --expose", function()
    local server, id

    setup(function()
      server = control.serve { arguments = ("--network none --expose 127.0.0.1:%d --expose '[::1]:%d'"):format(
        host.port, host.port6) }
      id = server:create().id
    end)

    teardown(function()
      server:stop()
    end)

    it("reaches that service, and nothing else", function()
      support.eq("host v4\nhost v6\nECONNREFUSED\nECONNREFUSED\n", python(server, id, ([[
print(reach("127.0.0.1", %d))
print(reach("::1", %d))
print(reach("127.0.0.1", %d))
print(reach("127.0.0.1", %s))
]]):format(host.port, host.port6, host.any_port, server.api_url:match ":(%d+)")))
    end)

    it("passes bytes both ways, however many there are", function()
      local relay = support.git_server()
      local exposing = control.serve { arguments = "--network none --expose localhost:" .. relay.port }
      local box = exposing:create().id
      assert.equal(relay.commits.main .. "\n", exposing:sh(box,
        ("git clone -q http://127.0.0.1:%d/public/demo.git demo && git -C demo rev-parse HEAD"):format(relay.port)))
      relay:close()
      -- a service that is not there ends the connection
      support.eq("ECONNRESET\n", python(exposing, box, ("print(reach('127.0.0.1', %d))"):format(relay.port)))
      exposing:stop()
    end)

    it("but not if its network is blocked", function()
      local blocked = server:create { networkBlockAll = true }.id
      support.eq("ECONNREFUSED\n", python(server, blocked, ("print(reach('127.0.0.1', %d))"):format(host.port)))
    end)

    it("has the service after a restart, too, and no helper when it has ended", function()
      local before = helpers(server)
      assert.equal(1, #before)
      assert(server:call("POST", "/sandbox/" .. id .. "/stop"))
      server:await(id, "stopped")
      gone(before)
      assert(server:call("POST", "/sandbox/" .. id .. "/start"))
      server:await(id, "started")
      support.eq("host v4\n", python(server, id, ("print(reach('127.0.0.1', %d))"):format(host.port)))
      local after = helpers(server)
      local deleted = server:create().id
      assert.equal(2, #helpers(server))
      assert(server:call("DELETE", "/sandbox/" .. deleted))
      server:await(deleted, "gone")
      assert.same(after, helpers(server))
    end)

    it("has no helper when the server was killed", function()
      local killed = control.serve { arguments = "--network none --expose 127.0.0.1:" .. host.port }
      killed:create()
      local pids = helpers(killed)
      assert.equal(1, #pids)
      killed:kill()
      gone(pids)
    end)
  end)

  it("is that of the host with --network host, which is announced", function()
    local server = control.serve { arguments = "--network host" }
    assert.truthy(server:log():find("--network host: sandboxes share the network of this machine", 1, true))
    local id = server:create().id
    support.eq("host v4\nhost v6\nhost abstract\n", python(server, id, ([[
print(reach("127.0.0.1", %d))
print(reach("::1", %d))
print(reach("\0%s"))
]]):format(host.port, host.port6, host.abstract)))
    assert.equal(support.read_file "/etc/resolv.conf", server:sh(id, "cat /etc/resolv.conf"))
    local blocked = server:create { networkBlockAll = true }.id
    support.eq("ECONNREFUSED\n", python(server, blocked, ("print(reach('127.0.0.1', %d))"):format(host.port)))
    server:stop()
  end)

  it("is that of the host without isolation, and nothing else can be asked for", function()
    local server = control.serve { arguments = "--isolation none --network host" }
    support.eq("host v4\n", python(server, server:create().id, ("print(reach('127.0.0.1', %d))"):format(host.port)))
    server:stop()
    local output, status = control.run "--isolation none --network own"
    assert.equal(2, status)
    assert.truthy(output:find("without isolation sandboxes have the network of this machine", 1, true))
  end)

  it("is not asked for in other words", function()
    for arguments, message in pairs {
      ["--network bridge"] = "--network: own, host or none expected, got 'bridge'",
      ["--expose 80"] = "--expose 80: HOST:PORT expected",
      ["--expose localhost:0"] = "--expose localhost:0: HOST:PORT expected",
      ["--expose localhost:65536"] = "--expose localhost:65536: HOST:PORT expected",
      ["--expose ::1:80"] = "--expose ::1:80: HOST:PORT expected",
      ["--expose a:80 --expose b:80"] = "--expose b:80: another service has that port in the sandboxes",
    } do
      local output, status = control.run(arguments)
      assert.equal(2, status, arguments)
      assert.truthy(output:find(message, 1, true), output)
    end
  end)

  describe("has no way out", function()
    local function starts(why, env, path)
      local began = support.now()
      local server = control.serve { env = ("%s env PATH=%s"):format(env or "", path) }
      assert.is_true(support.now() - began < 20)
      local log = server:log()
      assert.truthy(log:find("sandboxes have no network but their own loopback: " .. why, 1, true), log)
      local id = server:create().id
      support.eq("none\n", server:sh(id, "[ -e /etc/resolv.conf ] || echo none"))
      assert.same({}, helpers(server))
      assert.equal("", (support.run "pgrep -f '^sleep 98765$' || true"))
      server:stop()
    end

    it("without the program for it", function()
      starts("the program slirp4netns was not found", nil, network.path())
    end)

    local case = network.with_tun() and it or pending

    case("where the service user has no /dev/net/tun", function()
      starts("/dev/net/tun: Permission denied", network.with_tun(600), network.path "exit 0")
    end)

    case("where the program fails", function()
      starts("slirp4netns: cannot do it", network.with_tun(), network.path "echo cannot do it >&2; exit 1")
    end)

    case("to the files of the server, for who gets the better of the program", function()
      local data = control.data()
      local fake = network.path(("read -r key <%s/api-key && echo has the key >&2; exit 1"):format(data))
      for _, log in ipairs { "", "api-key: Permission denied" } do
        local server = control.serve { data = data, env = network.with_tun(nil, fake .. "/slirp4netns") }
        server:stop()
        assert.truthy(server:log():find(log, 1, true), server:log())
      end
    end)

    case("where the program hangs", function()
      starts("slirp4netns: it was not ready within 3 seconds", network.with_tun(), network.path "sleep 98765")
    end)
  end)

  describe("with a way out", function()
    local case = network.with_tun() and it or pending

    case("is there from the first moment, with a resolver, and ends with the sandbox", function()
      local server = control.serve { env = network.with_tun(), arguments = "--expose 127.0.0.1:" .. host.port }
      assert.equal("", (server:log()))
      local id = server:create().id
      support.eventually(function()
        return server:sh(id, "cat /proc/net/route"):find("tap0\t00000000\t0202000A", 1, true)
      end, 10, "the default route")
      assert.truthy(server:sh(id, "cat /etc/resolv.conf"):find "^nameserver 10.0.2.3\n")
      support.eq("host v4\nECONNREFUSED\n", python(server, id, ("print(reach('127.0.0.1', %d))\n"
        .. "print(reach('127.0.0.1', %d))"):format(host.port, host.any_port)))
      local pids = helpers(server)
      assert.equal(2, #pids)
      local blocked = server:create { networkBlockAll = true }.id
      assert.falsy(server:sh(blocked, "cat /proc/net/dev"):find("tap0", 1, true))
      assert.equal(2, #helpers(server))
      assert(server:call("DELETE", "/sandbox/" .. id))
      server:await(id, "gone")
      gone(pids)
      server:create()
      pids = helpers(server)
      server:kill()
      assert.equal(2, #pids)
      gone(pids)
    end)

    case("reaches the world, but no address of the host and none of the link", function()
      local output, status = support.run(support.quote(support.root .. "/spec/support/world") .. " "
        .. support.lua_command([[
          local json = require "cjson"
          local server = assert(require("daytona").testing.start())
          local client = assert(server:client())
          local host = require("spec.support").host_services()
          client:with_sandbox({}, function(sandbox)
            local code = require("spec.local.network_support").PYTHON .. ([=[
import time, urllib.request
until = time.monotonic() + 20
while "tap0\t00000000" not in open("/proc/net/route").read() and time.monotonic() < until:
    time.sleep(0.01)
print(urllib.request.urlopen("http://far.example/", timeout=10).read().decode().strip())
print(reach("198.51.100.7", 81))
for address in "127.0.0.1", "10.0.2.2", "10.0.2.3", "192.168.77.1", "192.168.77.255", "::1", "fd00::2":
    print(address, reach(address, %d))
print("link", reach("169.254.169.254", 80))
]=]):format(host.any_port)
            io.write(assert(sandbox.process:code_run(code)).result)
          end)
          host:close()
          client:close()
          server:stop()
        ]], { DAYTONA_LOCAL = e2e.program }))
      support.eq({ [[
world
ECONNREFUSED
127.0.0.1 ECONNREFUSED
10.0.2.2 ENETUNREACH
10.0.2.3 ENETUNREACH
192.168.77.1 EACCES
192.168.77.255 EACCES
::1 ECONNREFUSED
fd00::2 ENETUNREACH
link EACCES
]], 0 }, { output, status })
    end)
  end)
end)
