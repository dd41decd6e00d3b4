-- Checks what the files of src include:
--   * those of the core only what stands in their own folder or below it;
--   * the core nothing of the server, nor the server anything of the core;
--   * nothing outside src/core/lua a header of Lua;
--   * a file of the server names another by its path below src/local, or by its
--     name alone where both are in one folder: no "../";
--   * no two files each other, by whatever way round.  A file and its header are
--     one.  What a header named internal.h or NAME_internal.h has is part of the
--     .c files that share it, so their including it closes no circle:
--     .ci/circles.lua sees who calls whom.
--   lua5.4 .ci/includes.lua

-- What each folder may include besides itself.
local BELOW = {
  ["src/core/lua"] = { "src/core/socket", "src/core/flow", "src/core/table", "src/core/bytes", "src/wire" },
  ["src/core/socket"] = { "src/core/flow", "src/core/bytes", "src/wire" },
  ["src/core/flow"] = { "src/core/table", "src/core/bytes", "src/wire" },
  ["src/core/table"] = {},
  ["src/core/bytes"] = { "src/wire" },
  ["src/wire"] = {},
  ["src/local"] = { "src/wire" },
  ["src/preload"] = {},
}
-- Folders of which every folder within is one with them.
local WHOLE = { "src/local", "src/preload", "src/wire" }

local faults = 0
local function complain(...)
  faults = faults + 1
  print(string.format(...))
end

local function folder_of(path)
  for _, whole in ipairs(WHOLE) do
    if path:sub(1, #whole + 1) == whole .. "/" then
      return whole
    end
  end
  return path:match "^(.*)/"
end

local function may_include(from, to)
  if from == to then
    return true
  end
  for _, below in ipairs(BELOW[from] or {}) do
    if below == to then
      return true
    end
  end
  return false
end

local function exists(path)
  local file = io.open(path)
  return file ~= nil and file:close()
end

-- "a/../b" is "b".
local function plain(path)
  local count
  repeat
    path, count = path:gsub("[^/]+/%.%./", "", 1)
  until count == 0
  return path
end

-- The file that 'name' means in 'path', or nil.
local function find(path, name)
  for _, base in ipairs { path:match "^(.*/)", "src/local/", "src/" } do
    local found = plain(base .. name)
    if exists(found) then
      return found
    end
  end
end

-- What a file is in the graph: see above.
local function node_of(path)
  return (path:gsub("%.[ch]$", ""))
end

local function is_shared_part(path, target)
  return path:find "%.c$" and target:find "internal%.h$"
end

local graph, nodes = {}, {}
local function note(from, to)
  if not graph[from] then
    graph[from] = {}
    table.insert(nodes, from)
  end
  if to and to ~= from then
    table.insert(graph[from], to)
  end
end

local function look_at(path)
  local number, folder = 0, folder_of(path)
  if not BELOW[folder] then
    complain("%s: stands in a folder that .ci/includes.lua does not know", path)
  end
  note(node_of(path))
  for line in io.lines(path) do
    number = number + 1
    local name = line:match '^%s*#%s*include%s+"([^"]+)"'
    local system = line:match "^%s*#%s*include%s+<([^>]+)>"
    local target = name and find(path, name)
    if name and folder == "src/local" and name:find("../", 1, true) then
      complain("%s:%d: %s: name it by its path below src/local", path, number, name)
    end
    if line:find "^%s*%*%* " then
      complain("%s:%d: lines of a comment begin with one star", path, number)
    end
    if name and not target and not name:find "%.py$" then
      complain("%s:%d: there is no %s", path, number, name)
    elseif target then
      if not is_shared_part(path, target) then
        note(node_of(path), node_of(target))
      end
      if not may_include(folder, folder_of(target)) then
        complain("%s:%d: %s may not include %s", path, number, folder, target)
      end
    end
    local is_of_lua = system and (system:find "^lua" or system:find "lauxlib" or system:find "lualib")
    if is_of_lua and folder ~= "src/core/lua" and folder ~= "src/preload" then
      complain("%s:%d: <%s> outside src/core/lua", path, number, system)
    end
  end
end

-- Depth first; a file that is met while it is being walked closes a circle.
local state, way = {}, {}
local function walk(node)
  state[node] = "open"
  table.insert(way, node)
  for _, target in ipairs(graph[node] or {}) do
    if state[target] == "open" then
      local from = #way
      while way[from] ~= target do
        from = from - 1
      end
      complain("a circle: %s -> %s", table.concat(way, " -> ", from), target)
    elseif not state[target] then
      walk(target)
    end
  end
  table.remove(way)
  state[node] = "done"
end

local listing = assert(io.popen "git ls-files 'src/*.c' 'src/*.h'")
for path in listing:lines() do
  if exists(path) then
    look_at(path)
  end
end
listing:close()
assert(#nodes > 0, "no file is found")
for _, node in ipairs(nodes) do
  if not state[node] then
    walk(node)
  end
end
os.exit(faults == 0)
