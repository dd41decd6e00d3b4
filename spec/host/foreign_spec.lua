-- Coroutines that something else than the host resumes: generators, and tasks of
-- schedulers that know only functions with a callback.

local support = require "spec.support" -- first: it looks after luv
local host = require "daytona.host.uv"
local luv = require "luv"

-- A scheduler as plenary.async is one: what is wrapped yields a function and its
-- arguments, and the scheduler calls it with what resumes the task as callback.
local function wrap(fn, count)
  return function(...)
    return coroutine.yield(fn, count, ...)
  end
end

local function run(fn, on_end)
  local co = coroutine.create(fn)
  local function step(...)
    local results = { coroutine.resume(co, ...) }
    assert(results[1], results[2])
    if coroutine.status(co) == "dead" then
      return on_end(results[2], results[3])
    end
    assert(type(results[2]) == "function", "function expected, got " .. type(results[2]))
    local arguments = { (table.unpack or unpack)(results, 4, 2 + results[3]) } -- luacheck: ignore
    arguments[results[3]] = step
    results[2]((table.unpack or unpack)(arguments, 1, results[3])) -- luacheck: ignore
  end
  step()
end

describe("a coroutine that host uv does not resume", function()
  local server, client, box

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
    client = support.client(server, { host = host })
    box = support.sandbox(client, server, "json", { body = '{"exitCode": 0, "result": "x"}' })
  end)

  after_each(function()
    client:close()
  end)

  local function exec()
    return box.process:exec "true"
  end

  local function within(fn)
    local ended = false
    host.run(function()
      fn()
      ended = true
    end)
    luv.run()
    assert.is_true(ended)
  end

  it("cannot make a call, and nothing is sent", function()
    local messages = {}
    local function try()
      messages[#messages + 1] = support.raised(exec)
      messages[#messages + 1] = support.raised(host.sleep, 0)
    end
    coroutine.wrap(try)()
    run(try, function() end)
    within(function()
      coroutine.wrap(function()
        try()
        coroutine.yield(1)
      end)()
      run(try, function() end)
    end)
    assert.equal(8, #messages)
    for _, message in ipairs(messages) do
      assert.equal("daytona.host.uv: a call has to be made in a task, not in a coroutine that something else "
        .. "resumes: require('daytona.host.uv').run(function() ... end), and for tasks of other libraries "
        .. "host.callbackify", message)
    end
    assert.equal(0, server:count "json")
  end)

  it("cannot go on with a stream of a task", function()
    local reader = support.sandbox(client, server, "download", { n = 3000000 }).fs:read_file("x", { chunk_size = 1000 })
    local message
    within(function()
      assert(reader:read())
      coroutine.wrap(function()
        message = support.raised(function()
          while reader:read() do end -- luacheck: ignore
        end)
      end)()
      reader:close()
    end)
    assert.truthy(message:find("not in a coroutine that something else resumes", 1, true), message)
  end)

  it("cannot wait inside a function that C calls", function()
    within(function()
      local message
      table.sort({ 2, 1 }, function(a, b)
        message = message or support.raised(exec)
        return a < b
      end)
      assert.truthy(message:find("daytona.host.uv: a call cannot wait inside", 1, true), message)
    end)
    assert.equal(0, server:count "json")
  end)

  it("gets the results of functions that call back", function()
    local call, values = wrap(host.callbackify(function(a, b, c)
      return { exec(), a, b, c }
    end), 4), nil
    run(function()
      local first = call("a", nil, "c")
      local second = call(nil, "b", nil)
      return { first, second }
    end, function(...)
      values = ...
    end)
    assert.is_nil(values)
    luv.run()
    assert.equal("x", values[1][1].result)
    assert.same({ "a", nil, "c" }, { values[1][2], values[1][3], values[1][4] })
    assert.same({ nil, "b", nil }, { values[2][2], values[2][3], values[2][4] })
    assert.equal(2, server:count "json")
  end)

  it("hears of failures, whatever they are, and nobody is left waiting", function()
    local got = {}
    local function note(...)
      got[#got + 1] = { select("#", ...), ... }
    end
    host.callbackify(function()
      return support.sandbox(client, server, "status", { status = 404 }).fs:list_files "."
    end)(note)
    local thrown = {}
    host.callbackify(function()
      error(thrown)
    end)(note)
    assert.equal(0, #got) -- never before the function has returned
    luv.run()
    host.callbackify(function()
      host.sleep(0)
      box.process:exec(5)
    end)(note)
    luv.run()
    assert.equal(3, #got)
    table.sort(got, function(a, b)
      return a[3] == thrown or b[3] ~= thrown and type(a[3]) == "table" and type(b[3]) ~= "table"
    end)
    assert.same({ 2, nil, thrown }, got[1])
    assert.equal(thrown, got[1][3])
    assert.equal("not_found", support.sound_error(got[2][3]).kind)
    assert.truthy(got[3][3]:find("process.exec: field 'command': string expected, got number", 1, true), got[3][3])
  end)

  it("may call very often what does not wait", function()
    local call, last = wrap(host.callbackify(function(n) return n end), 2), nil
    run(function()
      for i = 1, 1000 do
        last = call(i)
      end
    end, function() end)
    luv.run()
    assert.equal(1000, last)
  end)

  it("can cancel what it started", function()
    local err
    local stalled = support.sandbox(client, server, "stall")
    local task = host.callbackify(function()
      return stalled.process:exec "true"
    end)(function(_, problem)
      err = problem
    end)
    host.run(function()
      while server:count "stall" == 0 do
        host.sleep(0.005)
      end
      task:cancel()
    end)
    luv.run()
    assert.equal("cancelled", support.sound_error(err).kind)
  end)

  it("is told what callbackify takes", function()
    assert.equal("daytona.host.uv.callbackify: function expected, got nil", support.raised(host.callbackify))
    assert.equal("daytona.host.uv.callbackify: call it with a dot, not with a colon",
      support.raised(host.callbackify, host, exec))
    local fn = host.callbackify(exec)
    assert.equal("daytona.host.uv.callbackify: the last argument has to be the callback, got nil", support.raised(fn))
    assert.equal("daytona.host.uv.callbackify: the last argument has to be the callback, got string",
      support.raised(fn, box, "x"))
  end)
end)
