-- A small file system for the data directory of a server, which joins it.

local control = require "spec.local.control_support"
local support = require "spec.support"

local small_disk = {}

local Disk = {}
Disk.__index = Disk

-- Whether such a thing can be made here.
small_disk.possible = support.run "unshare -m true 2>/dev/null && id -u" == "0\n"

-- A process keeps it alive. `size` as mount has it.
function small_disk.new(size)
  local data = control.data()
  assert(os.execute("mkdir -m 755 " .. support.quote(data)))
  local pipe = assert(io.popen(("exec unshare -m sh -c 'mount -t tmpfs -o size=%s,mode=755 none %s "
    .. "&& echo $$ && exec sleep infinity'"):format(size, data), "r"))
  local pid = assert(tonumber(pipe:read "*l"))
  return setmetatable({
    data = data, pipe = pipe, pid = pid, env = ("nsenter -t %d -m"):format(pid),
    root = ("/proc/%d/root%s"):format(pid, data), -- where it is seen from outside
  }, Disk)
end

function Disk:close()
  os.execute("kill " .. self.pid)
  self.pipe:close()
end

return small_disk
