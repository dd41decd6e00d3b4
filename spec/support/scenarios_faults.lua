-- What goes wrong on the way to a server, and what users see of it: as little as
-- can be.  Each takes a client of its own; one after another.  See scenarios.lua.

local scenarios = require "spec.support.scenarios"

local bytes, check, equal, expect, fails =
  scenarios.bytes, scenarios.check, scenarios.equal, scenarios.expect, scenarios.fails

local faults = {}

local function add(name, run)
  faults[#faults + 1] = {
    name = name,
    run = function(kit)
      local client = kit:new()
      local sandbox = client:sandbox(kit.given.sandbox)
      kit.front:forget()
      run(kit, sandbox, client)
      client:close()
      kit.front:reset()
    end,
  }
end

-- A client whose connection is up.
local function warm(sandbox)
  check(sandbox.process:exec "true")
end

local function count_lines(sandbox, path)
  return tonumber((check(sandbox.process:exec("cat " .. path .. " | wc -l")).result:match "%d+"))
end

for _, how in ipairs { "reset", "finish" } do
  for _, at in ipairs(how == "reset" and { "hello", "answer", "accept" } or { "answer" }) do
    local where = { next = 1, at = at ~= "accept" and at or nil }
    add(("a handshake ends by %s (%s), and the call is repeated"):format(how, at), function(kit, sandbox, client)
      kit.front[how](kit.front, where)
      equal("once\n", check(sandbox.process:exec "echo once").result, "result")
      equal(1, kit.front:stats().failed, "failed")
      client:close()
      local other = kit:new()
      kit.front[how](kit.front, where)
      equal("started", check(other:get(sandbox.id)).state, "state")
      other:close()
      equal(2, kit.front:stats().failed, "failed")
    end)
  end

  add("all connections end by " .. how .. " between calls", function(kit, sandbox)
    for _, call in ipairs {
      function() return sandbox.process:exec "true" end,
      function() return sandbox:refresh() end,
      function() return sandbox.fs:upload_file({ content = bytes(100000, 5) }, kit:path "idle") end,
      function() return sandbox.fs:download_file(kit:path "idle") end,
      function() return sandbox.process:run "true" end,
    } do
      warm(sandbox)
      local connections = kit.front:stats().open
      kit.front[how](kit.front)
      -- The client can see the end before it sends anything.
      kit:await(function() return kit.front:stats().open < connections end)
      check(call())
    end
  end)

  add("a download that ends half-way by " .. how .. " is whole", function(kit, sandbox)
    local content, path = bytes(2000000, 6), kit:here "half"
    check(sandbox.fs:upload_file({ content = content }, kit:path "half"))
    warm(sandbox)
    kit.front[how](kit.front, { down = 500000 })
    if how == "reset" then
      expect(check(sandbox.fs:download_file(kit:path "half")) == content, "the string differs")
    else
      check(sandbox.fs:download_file(kit:path "half", path))
      expect(scenarios.read_file(path) == content, "the file differs")
      assert(os.remove(path))
    end
    equal(1, kit.front:stats().failed, "failed")
  end)

  add("an upload that ends half-way by " .. how .. " is repeated", function(kit, sandbox)
    local content = bytes(2000000, 7)
    check(sandbox.fs:upload_file({ content = content }, kit:path "other")) -- so that its connection is there
    kit.front[how](kit.front, { up = 500000 })
    check(sandbox.fs:upload_file({ content = content }, kit:path "half-up"))
    equal(1, kit.front:stats().failed, "failed")
    expect(check(sandbox.fs:download_file(kit:path "half-up")) == content, "the string differs")
  end)

  add("a log that is followed through an end by " .. how .. " is whole", function(kit, sandbox)
    local lines = "for i in 1 2 3 4 5 6; do echo $i; sleep 0.05; done; exit 3"
    local job = check(sandbox.process:start(lines))
    local stream, text = check(job:follow()), ""
    while #text < 4 do
      local name, chunk = stream:read()
      expect(name, "following ended: %s", tostring(chunk))
      text = text .. chunk
    end
    kit.front[how](kit.front)
    local rest, exit_code = scenarios.drain(stream)
    equal("1\n2\n3\n4\n5\n6\n", text .. rest.stdout, "the log")
    equal(3, exit_code, "exit_code")
    check(job:kill())
    local heard, ended = "", false
    local result = check(sandbox.process:run(lines, {
      on_stdout = function(chunk)
        heard = heard .. chunk
        if #heard >= 4 and not ended then
          ended = true
          kit.front[how](kit.front)
        end
      end,
    }))
    equal("1\n2\n3\n4\n5\n6\n", result.stdout, "stdout")
    equal("1\n2\n3\n4\n5\n6\n", heard, "what was heard")
    equal(3, result.exit_code, "exit_code")
  end)
end

-- Calls what ends the connections while fn() waits for its answer.
local function while_waiting(kit, fn, path, interfere)
  local mark = kit.client:sandbox(kit.given.sandbox)
  local results = {}
  kit:at_once {
    function() results = { fn() } end,
    function()
      kit:await(function() return check(mark.process:exec("cat " .. path .. " 2>/dev/null")).result ~= "" end)
      interfere()
    end,
  }
  return results[1], results[2]
end

add("a command whose answer is lost has run once, and nobody pretends to know", function(kit, sandbox)
  if not kit.host then
    return -- only who has tasks can interfere
  end
  local log = kit:path "once"
  warm(sandbox)
  local value, err = while_waiting(kit, function()
    return sandbox.process:exec("echo x >> " .. log .. "; sleep 20")
  end, log, function() kit.front:reset() end)
  equal("unknown", fails("connection", value, err).outcome, "outcome")
  equal(1, count_lines(sandbox, log), "runs")

  log = kit:path "once-code"
  value, err = while_waiting(kit, function()
    return sandbox.code_interpreter:run_code(
      ("print('x', file=open('%s', 'a'), flush=True)\nimport time; time.sleep(20)"):format(log))
  end, log, function() kit.front:reset() end)
  equal("unknown", fails("connection", value, err).outcome, "outcome of code")
  equal(false, err.retryable, "retryable")
  equal(1, count_lines(sandbox, log), "runs of the code")
end)

add("many kept connections are dead, and one call finds out", function(kit, sandbox, client)
  local list = {}
  for i = 1, 24 do
    list[i] = function() check(sandbox.process:exec(kit.host and "sleep 0.2" or "true")) end
  end
  kit:at_once(list)
  kit.front:reset { up = 1 }
  equal("started", check(client:get(sandbox.id)).state, "state")
  check(sandbox.process:exec "true")
end)

add("a call that was sent twice can be cancelled", function(kit, sandbox)
  if not kit.host then
    return
  end
  check(sandbox.process:exec("head -c 20000000 /dev/zero > " .. kit:path "cancel"))
  warm(sandbox)
  kit.front:reset { up = 1 } -- before an answer, so the request is sent again
  local begun, value, err
  local task = kit.host.spawn(function()
    local reader = sandbox.fs:read_file(kit:path "cancel")
    value, err = reader:read()
    begun = true
    while value do
      kit:sleep(0.01)
      value, err = reader:read()
    end
    err = err or "the end"
  end)
  kit:await(function() return begun end)
  equal(1, kit.front:stats().failed, "failed")
  task:cancel()
  kit:await(function() return err end)
  fails("cancelled", value, err)
end)

add("whoever reads a terminal is told of the end of its connection", function(kit, sandbox)
  local pty = check(sandbox.process:create_pty())
  check(pty:write "stty -echo; echo rea''dy; exec sleep 60\n")
  local seen = ""
  while not seen:find("ready", 1, true) do
    seen = seen .. check(pty:read { timeout = 20 })
  end
  kit.front:reset()
  local chunk, err
  repeat
    chunk, err = pty:read { timeout = 20 }
  until not chunk
  fails("connection", chunk, err)
  check(sandbox.process:kill_pty_session(pty.id))
end)

add("the handshake of a WebSocket is reset, and it is opened again", function(kit, sandbox)
  for _, at in ipairs { "hello", "answer" } do
    warm(sandbox)
    kit.front:reset { next = 1, at = at }
    local pty = check(sandbox.process:create_pty())
    check(pty:kill())
    kit.front:reset { next = 1, at = at }
    local result = check(sandbox.process:run("read a; echo $a; exit 2", { stdin = "in\n", on_stdout = function() end }))
    equal("in\n", result.stdout, "stdout")
    equal(2, result.exit_code, "exit_code")
    kit.front:forget()
  end
end)

add("nobody answers in a handshake, and another is tried", function(kit, sandbox)
  local client = kit:new { connect_timeout = 0.4 }
  kit.front:hole { next = 1, at = "hello" }
  equal("started", check(client:get(sandbox.id)).state, "state")
  equal(1, kit.front:stats().failed, "failed")
  client:close()
end)

return faults
