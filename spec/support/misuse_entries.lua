-- What misuse_entries_spec.lua tries: places where something enters that is no
-- parameter of a request.  Each: a name, a function of the kit that misuses, and
-- what is raised.  The kit has a sandbox, a job, and a context of another
-- sandbox.

local daytona = require "daytona"
local descriptor = require "daytona.host.descriptor"
local loop = require "daytona.host.loop"
local plain = require "daytona.host.plain"
local uv = require "daytona.host.uv"

local function noop() end

local entries = { outside = {}, in_task = {}, environment = {} }

-- Hosts of daytona.new.
for _, case in ipairs {
  { "loop", "table like daytona.host.loop expected, got string" },
  { 5, "table like daytona.host.loop expected, got number" },
  { noop, "table like daytona.host.loop expected, got function" },
  { {}, "field 'wait': function expected, got nil" },
  { descriptor, "field 'wait': function expected, got nil" },
  { { sleep = noop }, "field 'wait': function expected, got nil" },
  { { wait = noop }, "field 'sleep': function expected, got nil" },
  { { wait = noop, sleep = noop, spawn = 1 }, "field 'spawn': function expected, got number" },
  { { wait = noop, sleep = noop, check = true }, "field 'check': function expected, got boolean" },
  { { wait = noop, sleep = noop, shield = "x" }, "field 'shield': function expected, got string" },
} do
  table.insert(entries.outside, { "host", function()
    return daytona.new { api_key = "k", host = case[1] }
  end, "daytona.new: field 'host': " .. case[2] })
end

-- Functions of modules with a colon, and what they do not take.
local DOT = "%s: call it with a dot, not with a colon"
for name, call in pairs {
  ["loop.run"] = function() return loop:run(noop) end,
  ["daytona.host.plain.sleep"] = function() return plain:sleep(0) end,
  ["daytona.host.uv"] = function() return uv:run(noop) end,
  ["daytona.host.uv.callbackify"] = function() return uv:callbackify(noop) end,
} do
  table.insert(entries.outside, { name, call, DOT:format(name) })
end
for name, call in pairs {
  ["loop.spawn"] = function() return loop:spawn(noop) end,
  ["loop.sleep"] = function() return loop:sleep(0) end,
  ["loop.cancel"] = function() return loop:cancel(noop) end,
  ["loop.shield"] = function() return loop:shield(noop) end,
  ["loop.pcall"] = function() return loop:pcall(noop) end,
  ["loop.all"] = function() return loop:all {} end,
  ["loop.map"] = function() return loop:map({}, noop) end,
} do
  table.insert(entries.in_task, { name, call, DOT:format(name) })
end

local function add(list, cases)
  for _, case in ipairs(cases) do
    table.insert(list, case)
  end
end

add(entries.in_task, {
  { "spawn", function() return loop.spawn "x" end, "loop.spawn: function expected, got string" },
  { "sleep", function() return loop.sleep "1" end, "loop.sleep: seconds expected, got string" },
  { "sleep", function() return loop.sleep(-1) end, "loop.sleep: seconds expected, got -1" },
  { "shield", function() return loop.shield() end, "loop.shield: function expected, got nil" },
  { "cancel", function() return loop.cancel {} end, "loop.cancel: task expected, got table" },
  { "all", function() return loop.all(noop) end, "loop.all: list expected, got function" },
  { "all", function() return loop.all { noop, nil, noop } end,
    "loop.all: field 'list': list expected, got one with a hole (nil is no item)" },
  { "all", function() return loop.all { "x" } end, "loop.all: entry 1: function or other task expected, got string" },
  { "map", function() return loop.map({}, noop, 4) end, "loop.map: options: table expected, got number" },
  { "task", function() return loop.spawn(noop).wait() end, "task.wait: call methods with a colon, task:wait(...)" },
  { "task", function() return loop.spawn(noop).done() end, "task.done: call methods with a colon, task:done(...)" },
  { "task", function() return loop.spawn(noop).cancel {} end,
    "task.cancel: call methods with a colon, task:cancel(...)" },
})

local CONTEXT = "code_interpreter.run_code: field 'context': "

add(entries.outside, {
  { "sleep", function() return plain.sleep "1" end, "daytona.host.plain.sleep: seconds expected, got string" },
  { "uv", function() return uv.sleep {} end, "daytona.host.uv: seconds expected, got table" },
  { "uv", function() return uv.shield() end, "daytona.host.uv: function expected, got nil" },
  { "uv", function() return uv.run(noop).cancel() end, "task.cancel: call methods with a colon, task:cancel(...)" },
  { "descriptor", function() return descriptor.host() end, "descriptor.host: table expected, got nil" },
  { "descriptor", function() return descriptor:host {} end,
    "descriptor.host: call it with a dot, descriptor.host{...}" },
  { "descriptor", function() return descriptor.host { start = noop } end,
    "descriptor.host: field 'name': string expected, got nil" },
  { "descriptor", function() return descriptor.host { name = "x", start = noop, park = 1 } end,
    "descriptor.host: field 'park': function expected, got number" },
  { "array", function() return daytona:array {} end, "daytona.array: call it with a dot, daytona.array{...}" },
  { "array", function() return daytona.array "x" end, "daytona.array: list expected, got string" },
  { "array", function() return daytona.array { a = 1 } end,
    "daytona.array: field 'list': list expected, got a table with the key 'a'" },
  { "array", function() return daytona.array { [1] = 1, [5] = 3 } end,
    "daytona.array: field 'list': list expected, got one with a hole (nil is no item)" },
  { "progress", function() return daytona:progress() end, "daytona.progress: call it with a dot, daytona.progress()" },
  { "progress", function() return daytona.progress(5, 10) end,
    "daytona.progress: call it to get the function: on_progress = daytona.progress()" },
  { "progress", function() return daytona.progress { stream = "stderr" } end,
    "daytona.progress: field 'stream': open file expected, got string" },
  { "progress", function() return daytona.progress { terminal = true, stream = io.stdout } "5" end,
    "daytona.progress: bytes and their total expected, got string and nil" },
  { "testing", function() return daytona.testing:start() end,
    "testing.start: call it with a dot, testing.start{...}" },
  { "testing", function() return daytona.testing.start { arguments = { "a", nil, "b" } } end,
    "testing.start: field 'arguments': list expected, got a table with other keys" },
  { "testing", function() return daytona.testing.start { expose = "127.0.0.1:80" } end,
    "testing.start: field 'expose': table expected, got string" },
  { "context", function(kit) return kit.sandbox.code_interpreter:run_code("1", { context = 5 }) end,
    CONTEXT .. "context or its id expected, got number" },
  { "context", function(kit) return kit.sandbox.code_interpreter:run_code("1", { context = {} }) end,
    CONTEXT .. "context or its id expected, got a table without an id" },
  { "context", function(kit) return kit.sandbox.code_interpreter:run_code("1", { context = " " }) end,
    CONTEXT .. "must not be blank" },
  { "context", function(kit) return kit.sandbox.code_interpreter:run_code("1", { context = kit.sandbox }) end,
    CONTEXT .. "context or its id expected, got userdata" },
  { "context", function(kit) return kit.sandbox.code_interpreter:run_code("1", { context = kit.job }) end,
    CONTEXT .. "context or its id expected, got a daytona.job" },
  { "context", function(kit) return kit.sandbox.code_interpreter:run_code("1", { context = kit.context }) end,
    CONTEXT .. "it is of sandbox sb-1, not of sb-2" },
  { "context", function(kit) return kit.sandbox.code_interpreter:delete_context {} end,
    "code_interpreter.delete_context: field 'context': context or its id expected, got a table without an id" },
  { "reader", function(kit) return kit.sandbox.fs:read_file("x").read() end,
    "reader.read: call methods with a colon, reader:read(...)" },
  { "reader", function(kit) return kit.sandbox.fs:read_file("x"):read(100) end,
    "reader.read: at most 0 arguments expected, got 1 (options are one table, the last)" },
  { "reader", function(kit) return kit.sandbox.fs:read_file("x"):lines() end,
    "reader has no 'lines' (did you mean reader:read?)" },
})

-- What the environment gives to daytona.new: variables, and what is raised.
entries.environment = {
  { { DAYTONA_API_KEY = "dtn_k\n" }, "DAYTONA_API_KEY: contains CR or LF" },
  { { DAYTONA_API_KEY = "dtn_k\r\n" }, "DAYTONA_API_KEY: contains CR or LF" },
  { { DAYTONA_API_KEY = " dtn_k" }, "DAYTONA_API_KEY: must not have white space" },
  { { DAYTONA_API_KEY = " \t" }, "DAYTONA_API_KEY: must not be blank" },
  { { DAYTONA_API_KEY = "dtn\1" }, "DAYTONA_API_KEY: contains a control character" },
  { { DAYTONA_JWT_TOKEN = "t\n", DAYTONA_ORGANIZATION_ID = "o" }, "DAYTONA_JWT_TOKEN: contains CR or LF" },
  { { DAYTONA_JWT_TOKEN = "t", DAYTONA_ORGANIZATION_ID = "o " },
    "DAYTONA_ORGANIZATION_ID: must not have white space" },
  { { DAYTONA_API_KEY = "k", DAYTONA_TARGET = "us\n" }, "DAYTONA_TARGET: contains CR or LF" },
  { { DAYTONA_API_KEY = "k", DAYTONA_TARGET = " " }, "DAYTONA_TARGET: must not be blank" },
  { { DAYTONA_API_KEY = "k", DAYTONA_API_URL = "ftp://x" },
    "DAYTONA_API_URL: http or https URL expected, got 'ftp://x'" },
  { { DAYTONA_API_KEY = "k", DAYTONA_API_URL = "https://x/api\n" },
    "DAYTONA_API_URL: must not have white space, got 'https://x/api\n'" },
  { { DAYTONA_API_KEY = "k", DAYTONA_LOG = "all" }, "DAYTONA_LOG: 'info' or 'debug' expected, got 'all'" },
}

return entries
