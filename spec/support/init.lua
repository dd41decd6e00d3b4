-- Helpers of the specs: servers, files, waiting, comparing. Needs nothing but
-- lua-cjson, lua-filesystem and lua-system.

local cjson = require "cjson"
local lfs = require "lfs"
local system = require "system"

local support = {}

-- A preloaded sanitizer is for this process and the Lua programs it starts, not
-- for the pgreps and mktemps of the machine, some of which hang or leak in it.
local preload = os.getenv "SPEC_PRELOAD"
if preload == "" then
  preload = nil
end
-- busted forgets the modules of each file, but luv cannot be opened twice: its
-- loop ends with the first one.
local registry = debug.getregistry()
registry["spec.luv"] = registry["spec.luv"] or require "luv"
package.loaded.luv = registry["spec.luv"]
if preload then
  package.loaded.luv.os_unsetenv "LD_PRELOAD"
end

for _, part in ipairs { "files", "servers", "clients" } do
  for name, value in pairs(require("spec.support." .. part)) do
    support[name] = value
  end
end

-- The older server that daytona-local behaves as; nil: itself.
support.as = os.getenv "DAYTONA_LOCAL_AS"
if support.as == "" then
  support.as = nil
end

local json = cjson.new()
support.json = json
support.now = system.monotime

-- The interpreter that runs this, for child processes.
support.lua = lfs.symlinkattributes("/proc/self/exe", "target")

-- Whether a sanitizer is loaded into this process: figures of memory then mean
-- nothing, and valgrind cannot be used.
function support.is_sanitized()
  return preload ~= nil
end

-- Calls `condition` until it gives a true value, and gives that value; raises
-- after `seconds` (20), which only a failure takes.
function support.eventually(condition, seconds, what)
  local deadline = support.now() + (seconds or 20)
  local pause = 0.001
  while true do
    local value = condition()
    if value then
      return value
    end
    if support.now() > deadline then
      error("did not happen in time: " .. (what or "the condition"), 2)
    end
    system.sleep(pause)
    pause = math.min(pause * 1.5, 0.05)
  end
end

-- Runs fn(...) and gives the seconds it took, then its results.
function support.timed(fn, ...)
  local start = support.now()
  local function pass(...)
    return support.now() - start, ...
  end
  return pass(fn(...))
end

local function show(value, indent)
  if type(value) == "string" then
    return string.format("%q", value)
  elseif type(value) ~= "table" then
    return tostring(value)
  end
  local keys = {}
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  local lines = { "{" }
  for _, key in ipairs(keys) do
    lines[#lines + 1] = indent .. "  " .. tostring(key) .. " = "
      .. show(value[key], indent .. "  ")
  end
  lines[#lines + 1] = indent .. "}"
  return table.concat(lines, "\n")
end

-- Raises unless there are again as many open descriptors as before. A resolver
-- that libcurl has left behind closes its own when its lookup is over.
function support.check_fds(before)
  if select(2, support.open_fds(true)) == before then
    return -- a collection takes some 10 ms
  end
  local count
  local ok = pcall(support.eventually, function()
    count = select(2, support.open_fds())
    return count == before
  end)
  if not ok then
    error(("%d descriptors were open, %d are: %s"):format(before, count, show(support.open_fds(), "")), 2)
  end
end

local function same(expected, actual, path)
  if type(expected) == "function" then
    local ok = expected(actual)
    return ok, path
  elseif type(expected) ~= "table" or type(actual) ~= "table" then
    return expected == actual, path
  end
  for key, value in pairs(expected) do
    local ok, where = same(value, actual[key], path .. "." .. tostring(key))
    if not ok then
      return false, where
    end
  end
  for key in pairs(actual) do
    if expected[key] == nil then
      return false, path .. "." .. tostring(key)
    end
  end
  return true
end

-- Raises unless both are the same all the way down. Where `expected` holds a
-- function, that function judges. Metatables do not count, so that a whole
-- error object can be compared with a plain table.
function support.eq(expected, actual)
  local ok, where = same(expected, actual, "value")
  if not ok then
    error("differs at " .. where .. "\nexpected: " .. show(expected, "")
      .. "\nactual: " .. show(actual, ""), 2)
  end
end

-- Judges for support.eq.
function support.any_number(value)
  return type(value) == "number" and value >= 0
end

function support.any_string(value)
  return type(value) == "string" and value ~= ""
end

function support.optional(judge)
  return function(value)
    return value == nil or judge(value)
  end
end

-- "file.lua:12: text" -> "text"
function support.strip_position(message)
  return (tostring(message):gsub("^[^\n]-:%d+: ", "", 1))
end

-- The message fn(...) raises, without its position; raises if it does not.
function support.raised(fn, ...)
  local ok, message = pcall(fn, ...)
  if ok then
    error("nothing was raised", 2)
  end
  return support.strip_position(message)
end

-- A shell command that runs `code` in a new process of this interpreter, with
-- this process's search paths and the variables of `env` (false: unset it).
function support.lua_command(code, env)
  local words = { "env", "-u", "LUA_INIT" }
  for _, name in ipairs { "LUA_PATH_5_4", "LUA_CPATH_5_4", "LUA_INIT_5_4" } do
    words[#words + 1] = "-u " .. name
  end
  for name, value in pairs(env or {}) do
    if not value then
      words[#words + 1] = "-u " .. name
    end
  end
  words[#words + 1] = "LUA_PATH=" .. support.quote(package.path)
  words[#words + 1] = "LUA_CPATH=" .. support.quote(package.cpath)
  if preload then
    words[#words + 1] = "LD_PRELOAD=" .. support.quote(preload)
  end
  for name, value in pairs(env or {}) do
    if value then
      words[#words + 1] = name .. "=" .. support.quote(value)
    end
  end
  words[#words + 1] = support.quote(support.lua)
  words[#words + 1] = "-e " .. support.quote(code)
  return table.concat(words, " ")
end

-- Runs `code` in a real Neovim, then the command `last` if there is one, for at
-- most `seconds`; gives what it printed and its exit status.  It loads the core
-- for Lua 5.1 from beside ours.
function support.nvim(code, last, seconds, env)
  local path = support.write_file(os.tmpname(), code)
  local words = { "timeout", tostring(seconds), "env",
    "LUA_PATH=" .. support.quote(package.path),
    "LUA_CPATH=" .. support.quote((package.cpath:gsub("/5%.4/", "/5.1/"))),
    "LD_PRELOAD=" .. support.quote(preload or ""),
    "ASAN_OPTIONS=detect_leaks=0", -- Neovim keeps what it has to the end
  }
  for name, value in pairs(env or {}) do
    words[#words + 1] = name .. "=" .. support.quote(value)
  end
  words[#words + 1] = "nvim --headless -u NONE -i NONE -n -c " .. support.quote("luafile " .. path)
  if last then
    words[#words + 1] = "-c " .. support.quote(last)
  end
  local output, status = support.run(table.concat(words, " "))
  os.remove(path)
  return output, status
end

-- Runs a shell command; gives everything it printed and its exit status.
function support.run(command)
  local pipe = assert(io.popen("{ " .. command .. "\n} 2>&1; status=$?; echo; echo $status"))
  local output = pipe:read "*a"
  pipe:close()
  local text, status = output:match "^(.*)\n(%d+)\n$"
  return text, tonumber(status)
end

return support
