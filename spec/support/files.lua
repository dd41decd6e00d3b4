-- Files, temporary directories and file descriptors.

local lfs = require "lfs"

local files = {}

-- The directory the specs are run from: the top of the source tree.
files.root = lfs.currentdir()

-- The system's own: others on the PATH may be scripts that look for one.
files.python = os.getenv "PYTHON" or "/usr/bin/python3"

function files.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

function files.read_file(path)
  local file = assert(io.open(path, "rb"))
  local content = file:read("*a")
  file:close()
  return content
end

-- The words of a shell that begin a Python helper: its name and arguments follow.
files.helper = "sh " .. files.quote(files.root .. "/spec/support/helper")

function files.write_file(path, content)
  local file = assert(io.open(path, "wb"))
  assert(file:write(content))
  assert(file:close())
  return path
end

-- A file of so many bytes that takes no room.
function files.make_sparse(path, size)
  local file = assert(io.open(path, "wb"))
  assert(file:seek("set", size - 1))
  assert(file:write "x")
  assert(file:close())
  return path
end

-- Paths below `directory`, sorted, relative to it.
function files.files_under(directory)
  local found = {}
  local function walk(relative)
    for name in lfs.dir(directory .. "/" .. relative) do
      if name ~= "." and name ~= ".." then
        local path = relative .. name
        found[#found + 1] = path
        if lfs.symlinkattributes(directory .. "/" .. path, "mode") == "directory" then
          walk(path .. "/")
        end
      end
    end
  end
  walk ""
  table.sort(found)
  return found
end

function files.remove_tree(path)
  if lfs.symlinkattributes(path, "mode") == "directory" then
    for name in lfs.dir(path) do
      if name ~= "." and name ~= ".." then
        files.remove_tree(path .. "/" .. name)
      end
    end
  end
  return os.remove(path)
end

local temp_dirs = {}

-- A new empty directory, in TMPDIR, which Lua itself does not look at; files.cleanup
-- removes it.
function files.temp_dir()
  local path = os.tmpname()
  assert(os.remove(path))
  path = (os.getenv "TMPDIR" or "/tmp") .. "/" .. path:match "[^/]+$"
  assert(lfs.mkdir(path))
  temp_dirs[#temp_dirs + 1] = path
  return path
end

function files.cleanup()
  for i = #temp_dirs, 1, -1 do
    files.remove_tree(temp_dirs[i])
    temp_dirs[i] = nil
  end
end

-- The open file descriptors of this process, { [fd] = what it is }, and how
-- many there are; without those of garbage, unless told so. Code that LuaJIT has compiled keeps
-- the objects it was compiled for, closed clients among them.
function files.open_fds(with_garbage)
  if not with_garbage then
    if rawget(_G, "jit") then
      require("jit").flush()
    end
    collectgarbage()
    collectgarbage()
  end
  local fds, count = {}, 0
  for name in lfs.dir "/proc/self/fd" do
    -- lfs.dir's own descriptor is gone again when the loop has ended
    local target = lfs.symlinkattributes("/proc/self/fd/" .. name, "target")
    if tonumber(name) and target and not target:find("^/proc/%d+/fd$") then
      fds[tonumber(name)] = target
      count = count + 1
    end
  end
  return fds, count
end

-- VmRSS or VmHWM of this process, in KiB.
function files.memory(field)
  return tonumber(files.read_file("/proc/self/status"):match(field .. ":%s*(%d+)"))
end

return files
