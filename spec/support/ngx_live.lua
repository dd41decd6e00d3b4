-- What spec/host/ngx_live_spec.lua runs inside nginx: each function is what
-- /do?name=... answers, as JSON.

local core = require "daytona.core"
local daytona = require "daytona"
local host = require "daytona.host.ngx"
local json = require("cjson").new()
local ngx = rawget(_G, "ngx")

local app = { notes = {}, jobs = {} }
local client = assert(daytona.new { host = host }) -- in the master; used in workers only
app.client, app.host = client, host

-- The toolbox is known, so a worker's first call may be a WebSocket.
local function sandbox()
  return client:sandbox {
    id = os.getenv "LIVE_ID", state = "started", toolbox_proxy_url = os.getenv "LIVE_TOOLBOX",
  }
end
app.sandbox = sandbox

-- A result or an error, as JSON can say it.
local function told(value, err)
  if value == nil then
    return { kind = err.kind, operation = err.operation, message = err.message, result = err.result }
  end
  return value
end

local function collect(stream)
  local all = { stdout = "", stderr = "" }
  for name, chunk in stream do
    all[name] = all[name] .. chunk
  end
  all.exit_code = stream.exit_code
  return all
end

function app.session()
  local session = assert(sandbox().process:create_session())
  assert(session:exec "cd /tmp; x=one")
  local first = assert(session:exec "pwd; echo $x; echo e >&2; (exit 3)")
  local command = assert(session:exec("read l; echo got $l", { async = true, suppress_input_echo = true }))
  assert(command:input "this\n")
  local all = collect(command:follow())
  local logs = assert(command:logs())
  local answer = {
    stdout = first.stdout, stderr = first.stderr, exit_code = first.exit_code, followed = all,
    status = assert(command:status()).exit_code, logged = logs.stdout,
  }
  assert(session:delete())
  answer.gone = told(session:exec "true")
  return answer
end

function app.run()
  local process, live, names = sandbox().process, {}, {}
  local result = assert(process:run("read a; echo $a; sleep 0.1; read b; echo $b >&2; exit 5", {
    stdin = "one\ntwo\n", env = { X = "y" },
    on_stdout = function(chunk) host.sleep(0.01) live[#live + 1] = chunk end,
    on_stderr = function(chunk) ngx.sleep(0.01) live[#live + 1] = chunk end,
  }))
  local large = assert(process:run({ "wc", "-c" }, { stdin = ("x"):rep(200000) }))
  local started = ngx.now()
  local late = told(process:run("echo begun; sleep 60", { timeout = 1 }))
  ngx.update_time()
  local ok, raised = pcall(process.run, process, "echo x; sleep 60", {
    on_stdout = function() error("mine", 0) end,
  })
  for index, session in ipairs(assert(process:list_sessions())) do
    names[index] = session.id
  end
  return { result = result, live = live, large = large.stdout, late = late, seconds = ngx.now() - started,
    raised = { ok, raised }, left = names }
end

function app.follow()
  local process = sandbox().process
  local job = assert(process:start "echo a; sleep 0.2; echo b >&2; sleep 0.2; echo c; exit 4")
  local iterated = collect(job:follow())
  local called = {}
  local exit_code = assert(job:follow {
    on_stdout = function(chunk) host.sleep(0) called[#called + 1] = chunk end,
    on_stderr = function(chunk) called[#called + 1] = chunk end,
  })
  assert(job:kill())
  local sum, chunks = 0, 0
  local big = assert(process:start "x() { head -c $1 /dev/zero | tr '\\0' x; }; x 8000000; x 2000000 >&2")
  for _, chunk in big:follow() do
    sum, chunks = sum + #chunk, chunks + 1
  end
  assert(big:kill())
  return { iterated = iterated, called = table.concat(called), exit_code = exit_code, sum = sum, chunks = chunks }
end

-- Reads until the text is there.
local function expect(pty, text)
  local seen = ""
  while not seen:find(text, 1, true) do
    seen = seen .. assert(pty:read { timeout = 10 })
  end
  return seen
end

function app.pty()
  local process, answer = sandbox().process, {}
  local pty = assert(process:create_pty(nil, { cols = 90, rows = 30, env = { GREETING = "hello" } }))
  assert(pty:write "stty -echo; echo $GREETING rea''dy\n")
  expect(pty, "hello ready")
  answer.resized = assert(pty:resize(100, 40)).cols
  assert(pty:write "stty size\n")
  expect(pty, "40 100")
  local chunk, late
  repeat
    chunk, late = pty:read { timeout = 0.05 }
  until not chunk
  answer.late = told(nil, late)
  -- Three writers at once, more than there is room for; one reader.
  assert(pty:write "stty raw; echo ra''w; head -c 3000000 | tr -d y | wc -c; stty sane; echo do''ne\n")
  expect(pty, "raw")
  local writers = {}
  for i = 1, 3 do
    writers[i] = host.spawn(function()
      return pty:write((i == 2 and "x" or "y"):rep(1000000))
    end)
  end
  expect(pty, "1000000")
  for i = 1, 3 do
    answer[i] = writers[i]:wait()
  end
  assert(pty:write "exit 7\n")
  local exit = assert(pty:wait())
  answer.exit_code, answer.connected = exit.exit_code, pty:is_connected()
  answer.after = told(pty:write "x")
  local killed = assert(process:create_pty())
  local waiting = host.spawn(function() return told(killed:wait()) end)
  assert(killed:kill())
  answer.killed = waiting:wait()
  answer.left = #assert(process:list_pty_sessions())
  return answer
end

function app.interpreter()
  local interpreter, seen = sandbox().code_interpreter, {}
  local context = assert(interpreter:create_context())
  assert(interpreter:run_code("v = 6", { context = context }))
  local result = assert(interpreter:run_code("import time, sys\nprint(v)\nsys.stdout.flush()\ntime.sleep(0.2)\n"
    .. "print('e', file=sys.stderr)\nraise ValueError('x')", {
      context = context,
      on_stdout = function(text) host.sleep(0) seen[#seen + 1] = text end,
      on_stderr = function(text) seen[#seen + 1] = text end,
      on_error = function(err) seen[#seen + 1] = err.name end,
    }))
  local late = told(interpreter:run_code("print('begun', flush=True)\nimport time; time.sleep(60)",
    { context = context, timeout = 1 }))
  assert(interpreter:delete_context(context))
  return { stdout = result.stdout, stderr = result.stderr, name = result.error.name, seen = seen, late = late }
end

-- A job over several requests of nginx.
function app.job_start()
  return assert(sandbox().process:start("while read x; do echo got $x; [ $x != end ] || exit 4; done",
    { stdin = true })):to_table()
end

local function attached()
  return sandbox().process:attach {
    session_id = ngx.var.arg_session, command_id = ngx.var.arg_command,
  }
end

function app.job_input()
  return { ok = attached():input((assert(ngx.var.arg_line))) }
end

function app.job_logs()
  return told(attached():logs())
end

function app.job_wait()
  return told(attached():wait { timeout = 20 })
end

function app.job_kill()
  return { ok = attached():kill() }
end

-- Follows until the line of arg_until comes.
function app.job_follow()
  local stream, text = assert(attached():follow()), ""
  app.notes.following = (app.notes.following or 0) + 1
  while not (ngx.var.arg_until and text:find(ngx.var.arg_until .. "\n", 1, true)) do
    local name, chunk = stream:read()
    if not name then
      app.notes.following = app.notes.following - 1
      return chunk and told(nil, chunk) or { text = text, exit_code = stream.exit_code }
    end
    text = text .. chunk
  end
  stream:close()
  app.notes.following = app.notes.following - 1
  return { text = text }
end

-- A command whose handler is killed; what it notes goes to app.notes.
function app.run_long()
  return told(sandbox().process:run("echo begun; sleep 60", {
    on_stdout = function() app.notes.begun = true end,
  }))
end

function app.with_long()
  return told(client:with_sandbox({ labels = { of = "with_long" } }, function(made)
    return made.process:exec "sleep 60"
  end))
end

-- The same in a task that is cancelled when the client goes away.
function app.run_long_cleanly()
  local task = host.spawn(app.run_long)
  assert(ngx.on_abort(function() task:cancel() end))
  local answer = task:wait()
  app.notes.ended = answer
  return answer
end

function app.cancel()
  local process, kinds = sandbox().process, {}
  local job = assert(process:start("cat", { stdin = true }))
  local pty = assert(process:create_pty())
  local tasks = {
    host.spawn(app.run_long),
    host.spawn(function() return told(job:follow { on_stdout = function() end }) end),
    host.spawn(function()
      local ok, err
      repeat ok, err = pty:read() until not ok
      return told(nil, err)
    end),
    host.spawn(function() return told(sandbox().code_interpreter:run_code "import time; time.sleep(60)") end),
  }
  while not app.notes.begun do
    host.sleep(0.01)
  end
  host.sleep(0.1)
  for i, task in ipairs(tasks) do
    task:cancel()
    local answer = task:wait()
    kinds[i] = answer.kind
  end
  assert(job:kill())
  assert(pty:kill())
  app.notes.begun = nil
  return { kinds = kinds, left = #assert(process:list_sessions()) }
end

-- A terminal of the worker: made by one request, used by others.
function app.shared_make()
  app.pty_shared = assert(sandbox().process:create_pty())
  assert(app.pty_shared:write "stty -echo; echo rea''dy\n")
  expect(app.pty_shared, "ready")
  return { ok = true }
end

function app.shared_read()
  app.notes.reads = (app.notes.reads or 0) + 1
  local ok, text = pcall(expect, app.pty_shared, "shared")
  return { ok = ok, text = text }
end

function app.shared_write()
  return { ok = app.pty_shared:write "echo sha''red\n" }
end

function app.shared_end()
  assert(app.pty_shared:kill())
  app.pty_shared = nil
  return { ok = true }
end

function app.close_client()
  local mine = assert(daytona.new { host = host })
  local job = assert(sandbox().process:start("cat", { stdin = true }))
  local process = mine:sandbox {
    id = os.getenv "LIVE_ID", state = "started", toolbox_proxy_url = os.getenv "LIVE_TOOLBOX",
  }.process
  local stream, pty = process:attach(job:to_table()):follow(), assert(process:create_pty())
  local tasks = {
    host.spawn(function() return select(2, stream:read()) end),
    host.spawn(function()
      local ok, err
      repeat ok, err = pty:read() until not ok
      return err
    end),
  }
  host.sleep(0.2)
  mine:close()
  local kinds = {}
  for i, task in ipairs(tasks) do
    local err = task:wait()
    kinds[i] = type(err) == "table" and err.kind or tostring(err)
  end
  assert(job:kill())
  assert(sandbox().process:kill_pty_session(pty.id))
  return { kinds = kinds }
end

-- Reads until the terminal is killed, while a writer that has to wait for room
-- is killed.
function app.kill_writer()
  local pty = assert(sandbox().process:create_pty())
  assert(pty:write "stty raw -echo; echo rea''dy; sleep 60\n")
  expect(pty, "ready")
  local reader = host.spawn(function()
    local ok, err
    repeat
      ok, err = pty:read()
    until not ok
    return told(nil, err)
  end)
  local writer = ngx.thread.spawn(function()
    app.notes.writer = "begun"
    pty:write(("x"):rep(20000000))
    app.notes.writer = "ended"
  end)
  host.sleep(0.3)
  assert(app.notes.writer == "begun")
  assert(ngx.thread.kill(writer))
  local answer = reader:wait()
  assert(sandbox().process:kill_pty_session(pty.id))
  return answer
end

function app.timer()
  assert(ngx.timer.at(0, function()
    app.notes.timer = told(sandbox().process:run "echo from a timer")
  end))
  return { ok = true }
end

-- Follows a command, and is busy with something else when it is killed.
function app.follow_slowly()
  local job = sandbox().process:attach {
    session_id = ngx.var.arg_session, command_id = ngx.var.arg_command,
  }
  for _ in job:follow() do
    app.notes.slow = true
    ngx.sleep(60)
  end
end

-- Follows a command that prints all the time, by a callback that is slower and
-- never waits; another task ends it.
function app.flood()
  local task = host.spawn(function()
    return told(sandbox().process:run("yes", {
      max_output = 1000,
      on_stdout = function()
        local till = core.now() + 0.001
        while core.now() < till do end -- luacheck: ignore
        app.notes.flooded = true
      end,
    }))
  end)
  while not app.flood_may_end do
    host.sleep(0.01)
  end
  task:cancel()
  return (task:wait())
end

function app.end_flood()
  app.flood_may_end = true
  return { ok = true }
end

function app.collect()
  collectgarbage()
  collectgarbage()
  return { ok = true }
end

-- The transfers under way.
function app.live()
  return { count = client._core:live() }
end

function app.noted()
  return app.notes
end

function app.respond()
  local answer = app[ngx.var.arg_name]()
  ngx.header.content_type = "application/json"
  ngx.print(json.encode(answer))
end

return app
