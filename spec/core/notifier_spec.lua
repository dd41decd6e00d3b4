-- How the background driver tells hosts that connect to a unix socket, here
-- with luv in the place of nginx.

local core = require "daytona.core"
local support = require "spec.support"
local luv = require "luv"

local QUESTION = "%016.0f"

describe("the notifier of the background driver", function()
  local server, client, owner, address, pipes

  support.serve_faults(function(...)
    server = ...
    require "daytona" -- gives handles their methods
  end)

  local function new_client(silence)
    local made = core.client {
      api_url = server:url "/api", token = support.api_key, user_agent = "spec/1",
      source = "sdk-lua", sdk_version = "0.205.1", connect_timeout = 5, max_response = 1000000,
      silence_timeout = silence,
    }
    owner = {}
    made:own(owner)
    return made
  end

  before_each(function()
    server:reset()
    pipes = {}
    client = new_client()
    address = client:start_background "notifier"
  end)

  after_each(function()
    for _, pipe in ipairs(pipes) do
      if not pipe:is_closing() then
        pipe:close()
      end
    end
    luv.run()
    client:close()
  end)

  local function send(operation, params, scenario)
    local sandbox = core.sandbox({
      id = "sb-1", toolbox_proxy_url = server:url("/fault/" .. scenario),
    }, owner)
    return client:send(operation, params, sandbox, 20)
  end

  local function exec(scenario)
    return send("process.exec", { command = "true" }, scenario)
  end

  it("costs nothing while nobody calls", function()
    client:close()
    client = new_client(0.2) -- it looks after a connection every 20 ms while it is in use
    client:start_background "notifier"
    local request = exec(support.scenario("json", { body = '{"exitCode": 0, "result": "x"}' }))
    local sandbox = core.sandbox({ id = "sb-1", toolbox_proxy_url = server:url "/fault/json" }, owner)
    local ahead = client:preconnect(sandbox, 0.1)
    while not request:step(0.25) do end -- luacheck: ignore
    assert(request:result())
    local before = os.clock() -- of all threads
    for _ = 1, 4 do
      core.pause(0.25)
    end
    assert.is_true(os.clock() - before < 0.2)
    assert.is_false(ahead:is_open())
  end)

  local RUN = support.scenario("json", { body = '{"exitCode": 0, "result": "x"}' })

  -- A connection; `answers` counts the bytes that came, `ended` says it is over.
  local function connect()
    local pipe, state = luv.new_pipe(false), { answers = 0 }
    pipes[#pipes + 1] = pipe
    pipe:connect((address:gsub("^unix:", "")), function(problem)
      assert(not problem, problem)
      state.connected = true
      pipe:read_start(function(_, bytes)
        state.answers = state.answers + #(bytes or "")
        state.ended = bytes == nil
      end)
    end)
    function state.ask(text)
      pipe:write(text)
    end
    function state.hang_up()
      pipe:close()
    end
    while not state.connected do
      luv.run "once"
    end
    return state
  end

  local function eventually(condition)
    return support.eventually(function()
      luv.run "nowait"
      return condition()
    end)
  end

  it("gives an address that stays, and nothing in the file system", function()
    assert.equal(address, client:start_background "notifier")
    local fd = tonumber(address:match "^unix:/proc/self/fd/(%d+)$")
    local path = support.open_fds()[fd]
    assert.truthy(path:find(" (deleted)", 1, true), path)
    assert.is_nil(io.open((path:gsub("/notifier %(deleted%)$", ""))))
  end)

  it("keeps hosts of two kinds apart", function()
    assert.equal("client is used by a host of another kind", support.raised(client.start_background, client))
    local other = new_client()
    other:start_background()
    assert.equal("client is used by a host of another kind",
      support.raised(other.start_background, other, "notifier"))
    other:close()
    assert.truthy(support.raised(client.start_background, client, "horn"):find("invalid option", 1, true))
  end)

  it("answers whoever waits for a transfer when it is done", function()
    local first, second = exec "stall", exec(RUN)
    local one, two = connect(), connect()
    one.ask(QUESTION:format(first:number()))
    two.ask(QUESTION:format(second:number()))
    eventually(function() return two.answers == 1 end)
    assert.is_true(second:done())
    assert.equal(0, one.answers)
    first:cancel()
    eventually(function() return one.answers == 1 end)
    assert.is_true(first:done())
    assert.equal("x", second:result().result)
  end)

  it("answers at once about what is done, gone or not known", function()
    local request = exec(RUN)
    local number = request:number()
    support.eventually(function() return request:done() end)
    local line = connect()
    line.ask(QUESTION:format(number))
    eventually(function() return line.answers == 1 end)
    request:result()
    line.ask(QUESTION:format(number))
    eventually(function() return line.answers == 2 end)
    line.ask(QUESTION:format(4711))
    eventually(function() return line.answers == 3 end)
  end)

  it("takes a question in pieces and several after each other", function()
    local line = connect()
    for i = 1, 3 do
      local request = exec(RUN)
      for digit in QUESTION:format(request:number()):gmatch "." do
        line.ask(digit)
        luv.run "nowait"
      end
      eventually(function() return line.answers == i end)
      assert.equal("x", request:result().result)
    end
  end)

  it("answers in any case after the time that a question says, which ends nothing", function()
    local request, line = exec "stall", connect()
    for i = 1, 3 do
      local begun = core.now()
      line.ask(("t%015.0f"):format(100 * i) .. QUESTION:format(request:number()))
      eventually(function() return line.answers == i end)
      assert.is_true(core.now() - begun >= 0.099 * i)
      assert.is_false(request:done())
    end
    local other = exec(RUN)
    support.eventually(function() return other:done() end)
    line.ask(("t%015.0f"):format(60000) .. QUESTION:format(other:number()))
    eventually(function() return line.answers == 4 end)
    line.ask(("t%015.0f"):format(60000) .. QUESTION:format(request:number()))
    luv.run "nowait"
    assert.is_false(request:done())
    line.hang_up() -- as a handler that is killed while it waits
    support.eventually(function()
      luv.run "nowait"
      return request:done()
    end)
  end)

  it("says when a transfer wants to be fed, and again", function()
    local request = send("fs.upload_file", { chunks = true, destination = "x" }, "sink")
    local line = connect()
    for i = 1, 5 do
      line.ask(QUESTION:format(request:number()))
      eventually(function() return line.answers == i end)
      assert.is_true(request:hungry())
      request:feed(i < 5 and ("x"):rep(100000) or nil)
    end
    line.ask(QUESTION:format(request:number()))
    eventually(function() return line.answers == 6 end)
    assert.is_true(request:done())
    assert.equal(400000, request:result().sent)
  end)

  it("breaks off what nobody waits for any more", function()
    local request, other = exec "stall", exec "stall"
    local line = connect()
    line.ask(QUESTION:format(request:number()))
    support.eventually(function() return server:stats().open_connections == 2 end)
    line.hang_up()
    eventually(function() return request:done() end)
    local value, err = request:result()
    assert.is_nil(value)
    assert.equal("cancelled", err.kind)
    assert.is_false(other:done())
    support.eventually(function() return server:stats().open_connections == 1 end)
  end)

  it("does not mind who leaves without having asked, or after the answer", function()
    connect().hang_up()
    local request = exec(RUN)
    local line = connect()
    line.ask(QUESTION:format(request:number()))
    eventually(function() return line.answers == 1 end)
    line.hang_up()
    luv.run "nowait"
    assert.equal("x", request:result().result)
    local half = connect()
    half.ask "00"
    half.hang_up()
    local nonsense = connect()
    nonsense.ask(("x"):rep(64))
    request = exec(RUN)
    support.eventually(function() return request:done() end)
    assert.equal(0, nonsense.answers)
  end)

  it("hangs up on those who wait when the client is closed, however soon", function()
    for _ = 1, 20 do
      client:close()
      client = new_client()
      address = client:start_background "notifier"
      local request, line, idle = exec "stall", connect(), connect()
      line.ask(QUESTION:format(request:number()))
      client:close()
      assert.is_true(request:done())
      eventually(function() return line.ended and idle.ended end)
      local _, err = request:result()
      assert.equal("cancelled", err.kind)
    end
  end)

  it("takes connections later where descriptors are short", function()
    local output, status = support.run("ulimit -n 64; " .. support.lua_command([[
      local luv, core = require "luv", require "daytona.core"
      require "daytona"
      local client = core.client { api_url = "http://127.0.0.1:9", token = "k", connect_timeout = 5,
        max_response = 1000 }
      local path = client:start_background("notifier"):match ":(.*)"
      local pipe, files, answered = luv.new_pipe(false), {}, false
      luv.run "nowait" -- opens what it needs
      local file = io.open "/dev/null"
      while file do
        files[#files + 1], file = file, io.open "/dev/null"
      end
      table.remove(files):close() -- for our end of the connection
      pipe:connect(path, function(problem)
        assert(not problem, problem)
        assert(not io.open "/dev/null", "there are descriptors")
        pipe:write "0000000000000001"
        pipe:read_start(function() answered = true pipe:close() end)
        luv.new_timer():start(200, 0, function()
          assert(not answered)
          for _, file in ipairs(files) do pcall(file.close, file) end
        end)
      end)
      local timer = luv.new_timer()
      timer:start(5000, 0, function() luv.stop() end)
      while not answered and timer:is_active() do luv.run "once" end
      client:close()
      io.write(tostring(answered))
      os.exit(0)
    ]]))
    assert.equal(0, status, output)
    assert.equal("true", output)
  end)

  it("gives its descriptors back", function()
    collectgarbage() -- the clients of the others
    collectgarbage()
    local before = select(2, support.open_fds())
    local others = {}
    for i = 1, 5 do
      others[i] = new_client()
      address = others[i]:start_background "notifier"
      local line = connect()
      line.ask(QUESTION:format(1))
      eventually(function() return line.answers == 1 end)
      pipes[#pipes]:close()
      luv.run "nowait"
    end
    for i = 1, 5 do
      others[i]:close()
      others[i] = nil
    end
    collectgarbage()
    collectgarbage()
    assert.equal(before, (select(2, support.open_fds())))
  end)
end)
