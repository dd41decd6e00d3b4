-- Runs tables of scenarios, { name, run = function(kit) } that raises what is
-- wrong, in any host: what a user does with a sandbox is written once for every
-- host and every way to the server.  This and the tables need daytona and
-- lua-cjson, nothing else, so they run inside Neovim and nginx, too.

local core = require "daytona.core"
local protect = require "daytona.call.protected"

local scenarios = {}

local function expect(condition, message, ...)
  if not condition then
    error(message:format(...), 2)
  end
end
scenarios.expect = expect

local function equal(expected, actual, what)
  if expected ~= actual then
    error(("%s: expected %s, got %s"):format(what or "value", tostring(expected):sub(1, 200),
      tostring(actual):sub(1, 200)), 2)
  end
end
scenarios.equal = equal

-- assert for error objects.
local function check(value, err, ...)
  if value == nil or value == false then
    error(tostring(err), 2)
  end
  return value, err, ...
end
scenarios.check = check

local function fails(kind, value, err)
  expect(value == nil, "it succeeded")
  equal("daytona.error", (getmetatable(err) or {}).__name, tostring(err))
  expect(err.kind == kind, "kind %s expected: %s", kind, tostring(err))
  return err
end
scenarios.fails = fails

-- So many bytes, all values among them, different for each `seed`.
local function bytes(count, seed)
  local block = {}
  for i = 1, 256 do
    block[i] = string.char((i * (2 * seed + 1) + seed) % 256)
  end
  local text = table.concat(block) .. seed
  return text:rep(math.ceil(count / #text)):sub(1, count)
end
scenarios.bytes = bytes

local function write_file(path, content)
  local file = assert(io.open(path, "wb"))
  assert(file:write(content))
  assert(file:close())
  return path
end
scenarios.write_file = write_file

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local content = file:read "*a"
  file:close()
  return content
end
scenarios.read_file = read_file

-- Both streams of what is followed, and how it ended.
local function drain(stream)
  local text = { stdout = "", stderr = "" }
  while true do
    local name, chunk = stream:read()
    if not name then
      expect(chunk == nil, "following failed: %s", tostring(chunk))
      return text, stream.exit_code
    end
    text[name] = text[name] .. chunk
  end
end
scenarios.drain = drain

---@class scenarios.Kit
local Kit = {}
Kit.__index = Kit

-- Runs all functions, at once where the host has tasks; raises what the first
-- that failed raised.
function Kit:at_once(list)
  local ended, problem = 0, nil
  local function run(fn)
    local ok, message = protect.pcall(fn)
    problem = problem or not ok and message
    ended = ended + 1
  end
  for _, fn in ipairs(list) do
    if self.host then
      self.host.spawn(function() run(fn) end)
    else
      run(fn)
    end
  end
  self:await(function() return ended == #list end, 40)
  if problem then
    error(problem, 0)
  end
end

-- The same with a count: fn(1) ... fn(count).
function Kit:times(count, fn)
  local list = {}
  for i = 1, count do
    list[i] = function() fn(i) end
  end
  self:at_once(list)
end

-- Lets time pass, as the host does.
function Kit:sleep(seconds)
  if self.host then
    self.host.sleep(seconds)
  else
    core.pause(seconds)
  end
end

-- Waits until condition() gives something, and gives that.
function Kit:await(condition, seconds)
  local deadline = core.now() + (seconds or 20)
  while true do
    local value = condition()
    if value then
      return value
    end
    expect(core.now() < deadline, "it did not happen in time")
    self:sleep(0.005)
  end
end

-- A path in the sandbox, or here, that is nobody else's.
function Kit:path(name)
  return self.remote .. "/" .. name
end

function Kit:here(name)
  return self.directory .. "/" .. name
end

-- Opens what scenarios need.  `host` is nil for the plain one.  Of `given`:
-- front (what fronts.attach needs), sandbox (a table as of to_table), directory
-- (an empty one, for files here), name (of a directory in the sandbox), protocol,
-- options (further ones of the client).
function scenarios.kit(host, given)
  local kit = setmetatable({
    host = host, given = given, directory = given.directory, remote = "/tmp/" .. given.name,
    front = require("spec.support.front").attach(given.front),
  }, Kit)
  kit.client = kit:new(given.options)
  kit.sandbox = kit.client:sandbox(given.sandbox)
  check(kit.sandbox.process:exec("mkdir -p " .. kit.remote))
  return kit
end

-- Another client of the host under test.
function Kit:new(options)
  local merged = { host = self.host }
  for name, value in pairs(options or {}) do
    merged[name] = value
  end
  return self.front:client(merged)
end

-- Raises unless nothing is left in the sandbox; ends what the kit holds.
function Kit:close()
  local process = self.sandbox.process
  local left = {}
  for _, session in ipairs(check(process:list_sessions())) do
    left[#left + 1] = session.id
    for _, command in ipairs(session.commands) do
      left[#left + 1] = ("(%s: %s)"):format(command.command, tostring(command.exit_code))
    end
  end
  equal("", table.concat(left, " "), "sessions left")
  equal(0, #check(process:list_pty_sessions()), "terminals left")
  check(self.sandbox.fs:delete_file(self.remote, { recursive = true }))
  self.client:close()
end

-- Runs a table of scenarios: all at once where the host can and `apart` is not
-- true, else one after another.  Gives a list of what went wrong, and how many
-- there were.
function scenarios.run(host, given, list, apart)
  local problems = {}
  local function guarded(name, fn)
    local ok, message = protect.call(fn, function(problem)
      return debug.traceback(tostring(problem))
    end)
    if not ok then
      problems[#problems + 1] = name .. ": " .. tostring(message)
    end
  end
  local kit
  guarded("the beginning", function() kit = scenarios.kit(host, given) end)
  if not kit then
    return problems, 0
  end
  local function run(i)
    guarded(list[i].name, function() list[i].run(kit) end)
  end
  if apart then
    for i = 1, #list do
      run(i)
    end
  else
    guarded("all at once", function() kit:times(#list, run) end)
  end
  guarded("the end", function() kit:close() end)
  return problems, #list
end

return scenarios
