-- What the end-to-end specs share: a daytona-local of their own, and judges of
-- what comes back.

local support = require "spec.support"
local daytona = require "daytona"

local e2e = {}

-- The program, as an absolute path.
e2e.program = os.getenv "DAYTONA_LOCAL" or "build/daytona-local"
if e2e.program:sub(1, 1) ~= "/" then
  e2e.program = support.root .. "/" .. e2e.program
end

-- assert for error objects: that of Lua 5.1 and busted's take strings only.
-- Gives all its arguments back.
function e2e.check(value, err, ...)
  if value == nil or value == false then
    error(tostring(err), 2)
  end
  return value, err, ...
end

-- A script that runs the program with the variables of `env`; support.cleanup
-- removes it.
function e2e.program_with(env)
  local lines = { "#!/bin/sh" }
  for name, value in pairs(env) do
    lines[#lines + 1] = ("export %s=%s"):format(name, support.quote(tostring(value)))
  end
  lines[#lines + 1] = ('exec %s "$@"\n'):format(support.quote(e2e.program))
  local path = support.write_file(support.temp_dir() .. "/daytona-local", table.concat(lines, "\n"))
  assert(os.execute("chmod 755 " .. support.quote(path)))
  return path
end

-- A daytona-local with an empty data directory; `env` adds to its environment,
-- `arguments` to its command line. Its sandboxes reach the services of `expose`,
-- helper servers of spec.support.
function e2e.start(env, arguments, expose)
  local services = {}
  for _, service in ipairs(expose or {}) do
    services[#services + 1] = "127.0.0.1:" .. service.port
  end
  return e2e.check(daytona.testing.start {
    program = env and e2e.program_with(env) or e2e.program,
    arguments = arguments,
    expose = services,
  })
end

-- Has the specs of a describe served by a daytona-local of their own: fn(sandbox,
-- client, server) is called when it has started.  `options`: env, arguments and expose of
-- e2e.start; client: of server:client; create: of client:create; with create = false
-- there is no sandbox, and fn gets the rest.
function e2e.serve(fn, options)
  local busted = require "busted"
  local given, server, client = options or {}, nil, nil
  busted.setup(function()
    server = e2e.start(given.env, given.arguments, given.expose)
    client = e2e.check(server:client(given.client))
    if given.create == false then
      fn(client, server)
    else
      fn(e2e.check(client:create(given.create)), client, server)
    end
  end)
  busted.teardown(function()
    client:close()
    server:stop()
    support.cleanup()
  end)
end

local GENERIC = {
  BAD_REQUEST = true, CONFLICT = true, FORBIDDEN = true, GONE = true, INTERNAL_SERVER_ERROR = true,
  INVALID_REQUEST_BODY = true, NOT_FOUND = true, REQUEST_TIMEOUT = true, UNAUTHORIZED = true,
  UNPROCESSABLE_ENTITY = true,
}

-- What is due: `own` from daytona-local itself, `older` from the older server that it
-- behaves as.
function e2e.due(own, older)
  if support.as then
    return older
  end
  return own
end

-- Output as the server keeps it: all of it, or its lines, where it keeps those.
function e2e.kept(bytes)
  if support.as then
    bytes = bytes:gsub("%z", ""):gsub("([^\n])$", "%1\n")
  end
  return bytes
end

local STATUS_TEXTS = { [400] = "Bad Request", [403] = "Forbidden", [404] = "Not Found" }

-- The fields of errors that are documented, from the annotations of the class.
local documented = {}
for line in io.lines(support.root .. "/lua/daytona/call/error.lua") do
  local name = line:match "^%-%-%-@field ([%w_]+)"
  documented[name or false] = true
end

-- Judges a failure: nothing came back but a daytona.error with documented fields
-- only, and each field of `expected` is as given there (a function judges, a
-- string must be equal, and `message` must be in the message). Gives the error.
function e2e.fails(expected, value, err)
  if value ~= nil then
    error("no failure, but " .. tostring(value), 2)
  end
  local metatable = getmetatable(err)
  if type(err) ~= "table" or type(metatable) ~= "table" or metatable.__name ~= "daytona.error" then
    error("no daytona.error: " .. tostring(err), 2)
  end
  for name in pairs(err) do
    if not documented[name] then
      error(("the error has an undocumented field '%s'"):format(tostring(name)), 2)
    end
  end
  for name, want in pairs(expected) do
    local is = err[name]
    local good = is == want
    if support.as and (name == "code" or name == "source") then
      -- Older servers only have the codes of the statuses, or none.
      good = is == nil or (name == "code" and (is == want or GENERIC[is]))
    elseif type(want) == "function" then
      good = want(is)
    elseif name == "message" then
      good = tostring(is):find(want, 1, true) ~= nil
        -- Older servers say nothing of files.
        or support.as ~= nil and err.body == nil and is == STATUS_TEXTS[err.status]
    end
    if not good then
      error(("field %s: expected %s, got %s\nof: %s\nbody: %s"):format(
        name, tostring(want), tostring(is), tostring(err), tostring(err.body)), 2)
    end
  end
  for _, name in ipairs { "kind", "message", "operation", "outcome" } do
    if type(err[name]) ~= "string" then
      error(("field %s is a %s"):format(name, type(err[name])), 2)
    end
  end
  return err
end

-- A string that is in no other one.
local count = 0
function e2e.unique(prefix)
  count = count + 1
  return ("%s-%d-%x"):format(prefix, count, math.floor(support.now() * 1000) % 0x1000000)
end

-- Every byte value once, in order; for a file name without NUL and slash.
function e2e.all_bytes(for_name)
  local bytes = {}
  for byte = 0, 255 do
    if not (for_name and (byte == 0 or byte == 0x2f)) then
      bytes[#bytes + 1] = string.char(byte)
    end
  end
  return table.concat(bytes)
end

-- Standard output of a command in a sandbox that has to succeed.
function e2e.shell(sandbox, command, options)
  local run = e2e.check(sandbox.process:exec(command, options))
  if run.exit_code ~= 0 then
    error(("exit code %d: %s"):format(run.exit_code, run.result), 2)
  end
  return run.result
end

-- The text quoted for the shell.
e2e.quote = support.quote

return e2e
