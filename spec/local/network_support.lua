-- What the specs of networks share: machines that have what the way out of a
-- sandbox needs, or lack it.

local control = require "spec.local.control_support"
local support = require "spec.support"

local network = {}

-- /dev/net/tun in a file tree of the server's own, with these permissions: on
-- many machines it is root's alone.
local TUN = "unshare -m sh -c 'mount -t tmpfs -o mode=755 none /dev/net && mknod -m %s /dev/net/tun c 10 200 "
  .. "%s && exec \"$0\" \"$@\"'"

-- Text for the shell before a command that shall find such a device; nil where
-- that cannot be had. `stack`: a script that takes the place of slirp4netns.
function network.with_tun(mode, stack)
  local more = stack and ("&& mount --bind %s /usr/bin/slirp4netns"):format(stack) or ""
  local command = TUN:format(mode or 666, more)
  if support.run(command .. " cat /dev/net/tun 2>&1"):find "bad state" then
    return command
  end
end

-- A directory for PATH with bwrap and, if `script` is given, that one as
-- slirp4netns.
function network.path(script)
  local directory = control.data():gsub("/data$", "")
  assert(os.execute(("ln -s \"$(command -v bwrap)\" %s/bwrap"):format(directory)))
  if script then
    support.write_file(directory .. "/slirp4netns", "#!/bin/sh\n" .. script .. "\n")
    assert(os.execute("chmod 755 " .. directory .. "/slirp4netns"))
  end
  return directory
end

-- What the probes are made of.
network.PYTHON = [[
import errno, socket

def reach(address, port=None):
    """What a service says to who connects, or the name of the error."""
    family = socket.AF_UNIX if port is None else socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as s:
        s.settimeout(5)
        try:
            s.connect(address if port is None else (address, port))
            return s.recv(100).decode().strip() or "nothing"
        except OSError as error:
            return errno.errorcode.get(error.errno, type(error).__name__)

]]

-- Runs Python in a sandbox; gives what it printed.
function network.python(server, id, code)
  return server:sh(id, ("python3 - <<'EOF'\n%s%s\nEOF"):format(network.PYTHON, code))
end

return network
