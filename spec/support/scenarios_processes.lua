-- What a user does with commands, terminals, code and the sandbox itself; see
-- scenarios.lua.

local protect = require "daytona.call.protected"
local scenarios = require "spec.support.scenarios"

local check, drain, equal, expect, fails =
  scenarios.check, scenarios.drain, scenarios.equal, scenarios.expect, scenarios.fails

local calls = {}

local function add(name, run)
  calls[#calls + 1] = { name = name, run = run }
end

add("many commands at once", function(kit)
  kit:times(12, function(i)
    local run = check(kit.sandbox.process:exec(("echo %d; sleep 0.0%d; exit %d"):format(i, i % 5, i)))
    equal(i .. "\n", run.result, "result")
    equal(i, run.exit_code, "exit_code")
  end)
end)

add("code, its output and its exit code", function(kit)
  local run = check(kit.sandbox.process:code_run("import sys; print(6 * 7); sys.exit(3)", { language = "python" }))
  equal("42\n", run.result, "result")
  equal(3, run.exit_code, "exit_code")
end)

add("much output", function(kit)
  local run = check(kit.sandbox.process:exec "head -c 2000000 /dev/zero | tr '\\0' x")
  equal(2000000, #run.result, "length")
end)

add("run keeps the streams apart, feeds and tells", function(kit)
  local process, heard = kit.sandbox.process, {}
  local result = check(process:run("read a; echo $a; read b; echo $b >&2; echo $X; exit 5", {
    stdin = "one\ntwo\n", env = { X = "y" },
    on_stdout = function(chunk) heard[#heard + 1] = chunk end,
  }))
  equal("one\ny\n", result.stdout, "stdout")
  equal("two\n", result.stderr, "stderr")
  equal(5, result.exit_code, "exit_code")
  equal("one\ny\n", table.concat(heard), "what was heard")
end)

add("many runs at once", function(kit)
  kit:times(6, function(i)
    local result = check(kit.sandbox.process:run({ "sh", "-c", "echo $1; echo $1 >&2; exit $1", "sh", tostring(i) }))
    equal(i .. "\n", result.stdout, "stdout")
    equal(i .. "\n", result.stderr, "stderr")
    equal(i, result.exit_code, "exit_code")
  end)
end)

add("run in time, and too late", function(kit)
  local err
  for _, seconds in ipairs { 0.5, 8, 30 } do -- the first may be too little on a busy machine, even to be sent again
    err = select(2, kit.sandbox.process:run("echo begun; sleep 60", { timeout = seconds }))
    if err.kind == "timeout" and err.result and err.result.stdout ~= "" then
      break
    end
  end
  fails("timeout", nil, err)
  equal("begun\n", err.result and err.result.stdout, "what was printed before")
end)

add("sessions remember", function(kit)
  local session = check(kit.sandbox.process:create_session())
  check(session:exec "cd /tmp; x=one")
  local command = check(session:exec "pwd; echo $x; echo e >&2; (exit 3)")
  equal("/tmp\none\n", command.stdout, "stdout")
  equal("e\n", command.stderr, "stderr")
  equal(3, command.exit_code, "exit_code")
  local waits = check(session:exec("read l; echo got $l", { async = true, suppress_input_echo = true }))
  check(waits:input "this\n")
  local text, exit_code = drain(waits:follow())
  equal("got this\n", text.stdout, "followed")
  equal(0, exit_code, "exit_code")
  equal(0, check(waits:status()).exit_code, "status")
  check(session:delete())
  fails("not_found", session:exec "true")
end)

add("commands are looked for beside their request, by the same task", function(kit)
  local host, spawned = kit.host or require "daytona.host.plain", 0
  local client = kit:new { host = setmetatable({ spawn = function(...)
    spawned = spawned + 1
    return host.spawn(...)
  end }, { __index = host }) }
  local sandbox = client:sandbox(kit.given.sandbox)
  local session = check(sandbox.process:create_session())
  local command = check(session:exec("echo one; sleep 1.5; exit 3", { timeout = 30 }))
  equal("one\n", command.stdout, "stdout")
  equal(3, command.exit_code, "exit_code")
  check(session:delete())
  equal("two\n", check(sandbox.process:exec("sleep 1.2; echo two", { keep_awake = true })).result, "result")
  equal(0, spawned, "tasks")
  client:close()
end)

add("a wait until a moment ends then, and goes on", function(kit)
  local core, host = require "daytona.core", kit.host or require "daytona.host.plain"
  local sent = check(require "daytona.call.detached".begin(kit.sandbox, "process.exec",
    { command = "sleep 1; echo x" }, 30))
  local begun = core.now()
  for _, seconds in ipairs { 0, 0.05, 0.1 } do
    host.wait_for(sent.request, seconds)
  end
  expect(core.now() - begun >= 0.14, "it came back too early")
  while not sent:is_done() do
    host.wait_for(sent.request, 20)
  end
  host.wait_for(sent.request, 5)
  equal("x\n", check(sent:result()).result, "result")
end)

add("logs of commands, whole and from a cursor", function(kit)
  local session = check(kit.sandbox.process:create_session())
  local options = { async = true, suppress_input_echo = true }
  local command = check(session:exec("echo one; echo e >&2; read l; echo two", options))
  local first = kit:await(function()
    local logs = check(command:logs())
    return #logs.stdout == 4 and #logs.stderr == 2 and logs
  end)
  equal("one\n", first.stdout, "stdout")
  check(command:input "go\n")
  kit:await(function() return check(command:status()).exit_code end)
  equal("two\n", check(command:logs { cursor = first.cursor }).stdout, "since the cursor")
  local large = check(session:exec("head -c 1500000 /dev/zero", { async = true }))
  kit:await(function() return check(large:status()).exit_code end)
  equal(1500000, #check(large:logs()).stdout, "a large log")
  check(session:delete())
end)

add("a job is followed, line by line", function(kit)
  local process = kit.sandbox.process
  local job = check(process:start("while read l; do echo got $l; echo e$l >&2; done; exit 4", { stdin = true }))
  local stream, text = check(job:follow()), { stdout = "", stderr = "" }
  for i = 1, 3 do
    check(job:input(i .. "\n"))
    while not (text.stdout:find("got " .. i, 1, true) and text.stderr:find("e" .. i, 1, true)) do
      local name, chunk = stream:read()
      expect(name, "following ended: %s", tostring(chunk))
      text[name] = text[name] .. chunk
    end
  end
  stream:close()
  equal("got 1\ngot 2\ngot 3\n", text.stdout, "stdout")
  equal("e1\ne2\ne3\n", text.stderr, "stderr")
  check(job:kill())
end)

add("a large log is followed, and a job is waited for", function(kit)
  local process = kit.sandbox.process
  local job = check(process:start "head -c 1200000 /dev/zero; head -c 700000 /dev/zero >&2; exit 4")
  local text, exit_code = drain(job:follow())
  equal(1200000, #text.stdout, "stdout")
  equal(700000, #text.stderr, "stderr")
  equal(4, exit_code, "exit_code")
  local result = check(job:wait())
  equal(1200000, #result.stdout, "stdout waited for")
  equal(4, result.exit_code, "exit_code waited for")
  check(job:kill())
end)

add("a terminal", function(kit)
  local options, seen = { cols = 90, rows = 30, env = { GREETING = "hello" } }, ""
  local pty = check(kit.sandbox.process:create_pty(nil, options))
  local function read_until(text)
    while not seen:find(text, 1, true) do
      seen = seen .. check(pty:read { timeout = 20 })
    end
  end
  check(pty:write "stty -echo; echo $GREETING rea''dy\n")
  read_until "hello ready"
  check(pty:resize(100, 40))
  check(pty:write "stty size\n")
  read_until "40 100"
  check(pty:write "stty raw; echo ra''w; head -c 300000 | wc -c; exit 7\n")
  read_until "raw"
  check(pty:write(("x"):rep(300000)))
  read_until "300000"
  equal(7, check(pty:wait()).exit_code, "exit_code")
  fails("gone", pty:write "x")
end)

add("the interpreter", function(kit)
  local interpreter, heard = kit.sandbox.code_interpreter, {}
  local context = check(interpreter:create_context())
  check(interpreter:run_code("v = 6", { context = context }))
  local result = check(interpreter:run_code("import sys\nprint(v)\nprint('e', file=sys.stderr)\nassert False, 'x'", {
    context = context,
    on_stdout = function(text) heard[#heard + 1] = text end,
  }))
  equal("6\n", result.stdout, "stdout")
  equal("e\n", result.stderr, "stderr")
  equal("AssertionError", result.error.name, "error")
  equal("6\n", table.concat(heard), "what was heard")
  check(interpreter:delete_context(context))
end)

add("errors are those of the server", function(kit)
  local client, sandbox = kit.client, kit.sandbox
  equal(404, fails("not_found", client:get "no-such-sandbox").status, "status")
  fails("not_found", sandbox.fs:download_file(kit:path "none"))
  fails("file", sandbox.fs:download_file(kit:path "none", kit:here "no/such/directory"))
  fails("file", sandbox.fs:upload_file(kit:here "none", kit:path "none"))
  local stream = kit.sandbox.fs:read_file(kit:path "none")
  fails("not_found", stream:read())
  local other = kit:new { api_key = "dtn_wrong" }
  fails("unauthorized", other:get(sandbox.id))
  other:close()
  local ok, message = protect.pcall(function() return sandbox.process:exec() end)
  expect(not ok and tostring(message):find "command", "misuse was not raised: %s", tostring(message))
  equal("fine\n", check(sandbox.process:exec "echo fine").result, "after all that")
end)

add("the control plane answers", function(kit)
  local other = check(kit.client:get(kit.sandbox.id))
  equal("started", other.state, "state")
  local found = false
  local list = kit.client:list()
  for _ = 1, 100 do
    local one = list()
    if not one then
      break
    end
    found = found or one.id == kit.sandbox.id
  end
  expect(found, "the sandbox is not in the list")
end)

add("whoever stops in the middle leaves the client usable", function(kit)
  local process, fs = kit.sandbox.process, kit.sandbox.fs
  check(process:exec("head -c 8000000 /dev/zero > " .. kit:path "middle"))
  local reader = fs:read_file(kit:path "middle")
  check(reader:read())
  reader:close()
  local count = 0
  fails("cancelled", fs:upload_file(function()
    count = count + 1
    return ("u"):rep(100000)
  end, kit:path "stopped", { on_progress = function() return count < 3 end }))
  local job = check(process:start "echo a; sleep 60")
  local stream = job:follow()
  equal("stdout", check(stream:read()), "stream")
  stream:close()
  check(job:kill())
  fails("timeout", kit.client:request("GET", "/sandbox", { timeout = 0.000001 }))
  equal("fine\n", check(process:exec "echo fine").result, "after all that")
end)

-- A task that is cancelled, where there are tasks.
add("cancelled calls end, and what they ran", function(kit)
  local host, process, fs = kit.host, kit.sandbox.process, kit.sandbox.fs
  if not host then
    return
  end
  check(process:exec("head -c 30000000 /dev/zero > " .. kit:path "cancel"))
  local mark = kit:path "cancel-mark"
  local begun, errs, tasks = {}, {}, {}
  local bodies = {
    function()
      return process:run("echo $$ > " .. mark .. "; echo x; sleep 60", {
        on_stdout = function() begun[1] = true end,
      })
    end,
    function()
      local reader = fs:read_file(kit:path "cancel")
      while true do
        local chunk, err = reader:read()
        if not chunk then
          return nil, err
        end
        begun[2] = true
        host.sleep(10)
      end
    end,
    function() begun[3] = true return process:exec "sleep 60" end,
    function()
      begun[4] = true
      return fs:upload_file(function() host.sleep(0.01) return "more" end, kit:path "endless")
    end,
  }
  for i, body in ipairs(bodies) do
    tasks[i] = host.spawn(function()
      local value, err = body()
      errs[i] = value == nil and err or { kind = "success" }
    end)
  end
  kit:await(function() return begun[1] and begun[2] and begun[3] and begun[4] end)
  kit:sleep(0.05)
  for i, task in ipairs(tasks) do
    task:cancel()
    kit:await(function() return errs[i] end)
    scenarios.expect(errs[i].kind == "cancelled", "task %d: %s", i, tostring(errs[i]))
  end
  kit:await(function()
    return check(process:exec("kill -0 $(cat " .. mark .. ") 2>/dev/null && echo lives")).result == ""
  end)
  equal("fine\n", check(process:exec "echo fine").result, "after all that")
end)

return calls
