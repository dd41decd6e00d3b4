-- process:run and process:start on a real server.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails

describe("process:run", function()
  local server, client, sandbox, process

  e2e.serve(function(...)
    sandbox, client, server = ...
    process = sandbox.process
  end)

  after_each(function()
    assert.same({}, check(process:list_sessions()), "a session was left behind")
  end)

  local function run(command, options)
    return check(process:run(command, options))
  end

  -- How many processes of the sandbox have the mark among their arguments.
  local function count_processes(mark)
    local text = ([[n=0; for d in /proc/[0-9]*; do
      tr '\0' ' ' <$d/cmdline 2>/dev/null | grep -q '[%s]%s' && n=$((n+1)); done; echo $n]])
      :format(mark:sub(1, 1), mark:sub(2))
    return tonumber(e2e.shell(sandbox, text))
  end

  it("gives both streams, the exit code and no signal", function()
    assert.same({ exit_code = 3, stdout = "out\n", stderr = "err\n", truncated = false },
      run "echo out; echo err >&2; exit 3")
    assert.same({ exit_code = 0, stdout = "", stderr = "", truncated = false }, run "true")
  end)

  it("takes a list as one program with its arguments", function()
    local words = { "printf", "%s\n", "a b", "it's", "$HOME", "`id`", "\\", "*", "", "-n", "\195\164\n2" }
    local lines = {}
    for index = 3, #words do
      lines[#lines + 1] = words[index]
    end
    assert.equal(table.concat(lines, "\n") .. "\n", run(words).stdout)
    assert.equal(127, run({ "no-such-program" }).exit_code)
  end)

  it("keeps what the command does to itself", function()
    local broken = run "echo \")\"; ("
    assert.same({ "", true }, { broken.stdout, broken.exit_code ~= 0 })
    local strict = run "set -e; echo x; (exit 5); echo no"
    assert.same({ "x\n", 5 }, { strict.stdout, strict.exit_code })
    assert.equal("in\nafter\n", run("cat <<X\nin\nX\necho after").stdout)
    assert.equal("done\n", run("exec echo done").stdout)
    local own = run "echo $$; sh -c 'echo $PPID'; true"
    assert.truthy(own.stdout:find "^(%d+)\n%1\n$")
    assert.equal("xxx\n", run("echo xxx #" .. ("x"):rep(200000)).stdout)
  end)

  it("runs where it is told, with the environment it is given", function()
    local result = run("pwd; echo \"$A|$B\"", { cwd = "/tmp", env = { A = "it's\n$x", B = "" } })
    assert.equal("/tmp\nit's\n$x|\n", result.stdout)
    local lost = run("echo no", { cwd = "/no/such" })
    assert.not_equal(0, lost.exit_code)
    assert.equal("", lost.stdout)
    assert.truthy(lost.stderr:find("/no/such", 1, true))
  end)

  it("does not show the environment in the list of processes", function()
    local result = run([[for f in /proc/[0-9]*/cmdline; do tr '\0' ' ' <$f 2>/dev/null; done; echo "has $SECRET"]],
      { env = { SECRET = "tok" .. "en-xyz" } })
    assert.truthy(result.stdout:find("has token-xyz", 1, true))
    assert.equal(1, select(2, result.stdout:gsub("token%-xyz", "")))
  end)

  it("gives standard input, byte by byte, and none where there is none", function()
    assert.equal("", run("cat").stdout)
    local bytes = e2e.all_bytes()
    assert.equal(e2e.due(bytes, bytes:sub(2)), run("cat", { stdin = bytes }).stdout) -- no NUL
    assert.equal("no newline", run({ "cat" }, { stdin = "no newline" }).stdout)
    local large = bytes:rep(2000)
    assert.equal("512000\n", run("wc -c", { stdin = large }).stdout)
    assert.is_true(run("cat", { stdin = large }).stdout == e2e.due(large, bytes:sub(2):rep(2000)))
    assert.equal("", run("ls /tmp/run-* 2>/dev/null").stdout)
    assert.equal(0, run("true", { stdin = ("x"):rep(60000) }).exit_code) -- nobody reads it
    assert.equal(7, run("cat >/dev/null; exit 7", { stdin = "x" }).exit_code)
  end)

  it("keeps bytes as they were printed", function()
    local bytes = e2e.all_bytes()
    local result = run("cat; printf '\\1\\1\\1x' >&2", { stdin = bytes })
    -- A server of lines takes the three bytes for the beginning of standard output.
    assert.equal(e2e.due(bytes, bytes:sub(2) .. "x"), result.stdout)
    assert.equal(e2e.due("\1\1\1x", ""), result.stderr)
  end)

  it("names the signal", function()
    local result = run "kill -KILL $$; sleep 5"
    assert.same({ 137, "SIGKILL" }, { result.exit_code, result.signal })
    result = run { "sh", "-c", "kill -TERM $$" }
    assert.same({ 143, "SIGTERM" }, { result.exit_code, result.signal })
  end)

  it("calls back while it runs", function()
    local seen = {}
    local result = run("echo one; sleep 0.2; echo two >&2; sleep 0.2; echo three", {
      on_stdout = function(chunk) seen[#seen + 1] = "out " .. chunk end,
      on_stderr = function(chunk) seen[#seen + 1] = "err " .. chunk end,
    })
    assert.same({ "out one\n", "err two\n", "out three\n" }, seen)
    assert.equal("one\nthree\n", result.stdout)
    assert.equal("two\n", result.stderr)
  end)

  it("ends the command when a callback raises an error", function()
    local mark = e2e.unique "mark"
    assert.equal("mine", support.raised(process.run, process, "echo x; sleep 60; : " .. mark, {
      on_stdout = function() error("mine", 0) end,
    }))
    assert.equal(0, count_processes(mark))
  end)

  it("kills at the timeout, and says what was printed", function()
    local mark = e2e.unique "mark"
    local seconds, value, err = support.timed(process.run, process,
      { "sh", "-c", "echo begun; sleep 60; : " .. mark }, { timeout = 0.5 })
    fails({ kind = "timeout", operation = "process.run", message = "did not end within 0.5 s and was killed",
      outcome = "unknown", retryable = false },
      value, err)
    assert.equal("begun\n", err.result.stdout)
    assert.is_true(seconds < 5)
    assert.equal(0, count_processes(mark))
  end)

  it("checks the exit code if that is asked", function()
    local err = fails({ kind = "exit", operation = "process.run", message = "exit code 4: the reason" },
      process:run("echo out; echo the reason >&2; exit 4", { check = true }))
    assert.same({ exit_code = 4, stdout = "out\n", stderr = "the reason\n", truncated = false }, err.result)
    assert.equal(0, run("true", { check = true }).exit_code)
  end)

  it("keeps no more than max_output", function()
    local result = run("printf %0100000d; echo err >&2", { max_output = 1000 })
    assert.same({ 1000, "err\n", true, 0 }, { #result.stdout, result.stderr, result.truncated, result.exit_code })
    assert.is_false(run("printf %01000d", { max_output = 1000 }).truncated)
  end)

  it("waits for a child that keeps the pipe open", function()
    local result = run "(sleep 0.4; echo late) & echo early"
    assert.equal("early\nlate\n", result.stdout)
    fails({ kind = "timeout" }, process:run("sleep 60 & echo early", { timeout = 0.4 }))
  end)

  it("ends with the sandbox", function()
    local other = check(client:create())
    local job = check(other.process:start "sleep 60")
    check(client:stop(other.id))
    fails({ kind = "state", operation = "job.wait" }, job:wait())
    check(other:delete())
  end)

  it("checks arguments before anything is sent", function()
    for message, call in pairs {
      ["process.run: field 'command': must not be blank"] = function() process:run " " end,
      ["process.run: field 'command': contains NUL"] = function() process:run "a\0b" end,
      ["process.run: field 'command': string or list of strings expected, got nil"] = function() process:run() end,
      ["process.run: field 'command': string or list of strings expected, got a table without any"] =
        function() process:run {} end,
      ["process.run: field 'command': item 2: string expected, got number"] = function() process:run { "a", 1 } end,
      ["process.run: field 'env': 'A=B' cannot be the name of a variable"] =
        function() process:run("x", { env = { ["A=B"] = "" } }) end,
      ["process.run: field 'env': key 'A': contains NUL"] = function() process:run("x", { env = { A = "\0" } }) end,
      ["process.run: field 'stdin': string expected, got boolean"] = function() process:run("x", { stdin = true }) end,
      ["process.run: field 'on_stdout': function expected, got table"] = function()
        process:run("x", { on_stdout = {} })
      end,
      ["session.exec: field 'command': not valid UTF-8"] = function() process:run { "echo", "\255" } end,
      ["process.run: unknown option 'on_stdin' (did you mean 'stdin'?)"] = function()
        process:run("x", { on_stdin = 1 })
      end,
      ["process.attach: table expected, got string"] = function() process:attach "x" end,
      ["command.status: field 'command_id': required"] = function() process:attach { session_id = "x" } end,
    } do
      assert.equal(message, support.raised(call))
    end
  end)

  describe("start", function()
    it("gives a handle that can be written down", function()
      local job = check(process:start("for i in 1 2 3; do echo $i; read x; done; exit 5", { stdin = true }))
      local logs = {}
      support.eventually(function()
        logs = check(job:logs())
        return logs.stdout == "1\n"
      end)
      assert.is_nil(logs.exit_code)
      local again = check(server:client()):sandbox(sandbox.id).process:attach(job:to_table())
      check(again:input "a")
      check(again:input "b")
      check(job:input "c")
      assert.same({ exit_code = 5, stdout = "1\n2\n3\n", stderr = "", truncated = false }, check(again:wait()))
      logs = check(job:logs(logs.cursor))
      assert.same({ "2\n3\n", "", 5 }, { logs.stdout, logs.stderr, logs.exit_code })
      assert.same({ exit_code = 5, stdout = "1\n2\n3\n", stderr = "", truncated = false }, check(job:wait()))
      fails({ kind = "exit", operation = "job.wait" }, job:wait { check = true })
      check(job:kill())
    end)

    it("kills all that was started", function()
      local mark = e2e.unique "mark"
      local job = check(process:start("sh -c 'sleep 60; : " .. mark .. "' & sleep 60"))
      support.eventually(function() return count_processes(mark) > 0 end)
      fails({ kind = "timeout", operation = "job.wait" }, job:wait { timeout = 0.2 })
      assert.is_true(count_processes(mark) > 0)
      check(job:kill())
      assert.equal(0, count_processes(mark))
      assert.is_true(check(job:kill()))
      fails({ kind = "not_found" }, job:wait())
    end)

    it("can be followed", function()
      local job = check(process:start "echo a; echo b >&2")
      local seen = {}
      for name, chunk in job:follow() do
        seen[#seen + 1] = name .. " " .. chunk
      end
      assert.same({ "stdout a\n", "stderr b\n" }, seen)
      check(job:kill())
    end)
  end)
end)
