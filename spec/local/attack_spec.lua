-- What code in a sandbox tries and must not get: each line names the refusal.
-- The attacks themselves are spec/support/attacks.py, run by code_run.

local control = require "spec.local.control_support"
local e2e = require "spec.support.e2e"
local support = require "spec.support"

local EXPECTED = {
  EPERM = {
    "toolbox: ptrace", "toolbox: process_vm_readv", "toolbox: pidfd_getfd",
    "add_key", "request_key", "keyctl: read", "keyctl: join",
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
    "fanotify_init", "move_pages", "syslog",
    "a raw IPv4 socket", "a raw IPv6 socket",
    "unshare: user", "unshare: mounts", "unshare: network", "unshare: time", "clone: user", "setns",
    "mount", "remount", "umount", "chroot", "pivot_root", "fsopen", "fsmount", "open_tree", "move_mount",
    "mount_setattr", "name_to_handle_at", "open_by_handle_at",
    "acct", "clock_settime", "settimeofday", "kexec_load", "init_module", "finit_module", "delete_module",
    "quotactl", "reboot", "sethostname", "swapon", "swapoff",
    "personality: executable data", "personality: page zero", "personality: the highest bit",
    "a route", "an interface",
    "set-user-id", "TIOCSTI", "TIOCSTI with a high bit", "TIOCLINUX",
  },
  EACCES = {
    "toolbox: mem", "toolbox: environ", "toolbox: maps", "toolbox: auxv", "toolbox: stack",
    "toolbox: descriptors", "toolbox: a descriptor", "toolbox: root", "sysctl",
  },
  ENOSYS = { "clone3" },
  EAFNOSUPPORT = {
    "AF_VSOCK", "AF_PACKET", "AF_ALG", "AF_XDP", "AF_BLUETOOTH", "AF_AX25", "AF_KEY", "AF_UNSPEC",
    "a family with a high bit",
  },
  EINVAL = { "setresuid" }, -- root is nobody here
  ECONNREFUSED = {
    "the host's loopback", "the host's loopback 6", "a port of every address", "the control plane",
    "a port of another sandbox", "an abstract socket of the host",
  },
  ENOENT = {
    "a tap device",
    "memory of the machine", "messages of the kernel",
    "file 1", "file 2", "file 3", "file 4", "/root", "/etc/shadow", "/var/lib", "/boot", "/sys",
  },
  EROFS = { "write in /", "write in /usr", "write in /etc", "write in /opt/daytona" },
  ETXTBSY = { "write to the program" },
}

local function expected()
  local all = {}
  for outcome, names in pairs(EXPECTED) do
    for _, name in ipairs(names) do
      all[name] = outcome
    end
  end
  -- Only there on x86-64.
  if support.run("uname -m") == "x86_64\n" then
    all["a call of x32"] = "ENOSYS"
  end
  return all
end

describe("code in a sandbox", function()
  local server, host, id, other, sandbox

  setup(function()
    host = support.host_services()
    server = control.serve()
    other = server:create().id
    server:sh(other, "echo secret > secret")
    id = server:create().id
    local found = server:get("/sandbox/" .. id)
    sandbox = server.client:sandbox { id = id, state = "started", toolbox_proxy_url = found.toolboxProxyUrl }
  end)

  teardown(function()
    server:stop()
    host:close()
    support.cleanup()
  end)

  local function sh(command)
    return server:sh(id, command)
  end

  local function toolbox_pid()
    return (sh([[for p in /proc/[0-9]*; do
      read -r name < $p/comm; [ $name = daytona-local ] && echo -n ${p#/proc/}; done]]))
  end

  it("is refused all that is not its own", function()
    server:sh(other, "setsid python3 -m http.server --bind 127.0.0.1 3555 >log 2>&1 &")
    support.eventually(function()
      return server:sh(other, "cat /proc/net/tcp"):find("0100007F:0DE3", 1, true)
    end, 20, "a server in the other sandbox")
    local run = e2e.check(sandbox.process:code_run(support.read_file "spec/support/attacks.py", {
      argv = {
        toolbox_pid(),
        support.json.encode {
          ["the host's loopback"] = host.port, ["the host's loopback 6"] = host.port6,
          ["a port of every address"] = host.any_port, ["an abstract socket of the host"] = host.abstract,
          ["the control plane"] = tonumber(server.api_url:match ":(%d+)"), ["a port of another sandbox"] = 3555,
        },
        server.data .. "/sandboxes/" .. other .. "/home/secret",
        server.data .. "/api-key",
        server.data .. "/state.db",
        support.root .. "/README.md",
      },
    }))
    assert.equal(0, run.exit_code, run.result)
    support.eq(expected(), support.json.decode(run.result))
  end)

  it("has the filter in every process, the first one too", function()
    assert.equal("", sh "grep -L '^Seccomp:.2$' /proc/[0-9]*/status")
    assert.equal("", sh "grep -L '^NoNewPrivs:.1$' /proc/[0-9]*/status")
  end)

  it("has its signals at their defaults, whoever started the server", function()
    local ignoring = control.serve { env = "sh -c 'trap \"\" INT QUIT HUP USR1 PIPE; exec \"$0\" \"$@\"'" }
    local masks = ignoring:sh(ignoring:create().id, "grep -h '^Sig[IB]' /proc/self/status")
    ignoring:stop()
    -- The C library keeps two signals, 32 and 33, for itself.
    assert.truthy(masks:find "^SigBlk:\t0+\nSigIgn:\t0000000[01][08]0000000\n$", masks)
  end)

  it("has a session keyring that no other process has", function()
    -- Only without isolation can a sandbox ask for it.
    local plain = control.serve { arguments = "--isolation none" }
    local ask = [[/usr/bin/python3 -c 'import ctypes; print(ctypes.CDLL(None).syscall(%s, 0, -3, 0))']]
    ask = ask:format(support.run("uname -m") == "x86_64\n" and 250 or 219)
    local one = plain:sh(plain:create().id, ask)
    local two = plain:sh(plain:create().id, ask)
    local mine = support.run(ask)
    plain:stop()
    assert.truthy(tonumber(one) > 0 and tonumber(two) > 0)
    assert.truthy(one ~= two and one ~= mine and two ~= mine)
  end)

  it("may still look into what it started itself", function()
    assert.equal("HOME=/home/daytona\n",
      sh "sleep 20 & cat /proc/$!/environ | tr '\\0' '\\n' | grep ^HOME; kill $!")
    local run = assert(sandbox.process:code_run [[
import ctypes, os, signal
libc = ctypes.CDLL(None, use_errno=True)
pid = os.fork()
if pid == 0:
    signal.pause()
print(libc.ptrace(16, pid, None, None), os.WIFSTOPPED(os.waitpid(pid, 0)[1]))
print(len(os.listdir("/proc/%d/fd" % pid)) > 2)
os.kill(pid, signal.SIGKILL)
]])
    assert.equal("0 True\nTrue\n", run.result)
  end)

  it("may have threads, children, terminals and sockets of the usual families", function()
    local run = assert(sandbox.process:code_run [[
import ctypes, os, pty, socket, subprocess, threading
threading.Thread(target=print, args=("thread",)).start()
print(subprocess.run(["echo", "child"], capture_output=True).stdout)
for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6):
    socket.socket(family).close()
socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()
socket.socketpair()
os.close(pty.openpty()[0])
libc = ctypes.CDLL(None)
print([libc.personality(p) >= 0 for p in (0xffffffff, 8, 0x40000, 0)])
]])
    assert.equal("thread\nb'child\\n'\n[True, True, True, True]\n", run.result)
  end)
end)
