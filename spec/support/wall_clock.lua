-- A wall clock for servers that a spec can set: see wall_clock.c.

local support = require "spec.support"

local wall_clock = {}

local Clock = {}
Clock.__index = Clock

-- A clock that is right. Its `env` is for the servers that shall have it.
function wall_clock.new()
  local directory = support.temp_dir()
  local said, status = support.run(("chmod 755 %s && ${CC:-cc} -shared -fPIC -o %s/clock.so "
    .. "%s/spec/support/wall_clock.c -ldl"):format(directory, directory, support.root))
  assert(status == 0, said)
  -- A sanitizer must come first.
  local first = os.getenv "SPEC_PRELOAD" or ""
  local clock = setmetatable({ file = directory .. "/ahead" }, Clock)
  clock.env = ("SPEC_WALL_CLOCK=%s LD_PRELOAD='%s %s/clock.so'"):format(clock.file, first, directory)
  clock:set(0)
  return clock
end

-- Sets it so many seconds ahead of the right time.
function Clock:set(seconds)
  support.write_file(self.file .. ".new", ("%d\n"):format(seconds))
  assert(os.execute("chmod 644 " .. self.file .. ".new"))
  assert(os.rename(self.file .. ".new", self.file))
end

return wall_clock
