-- The standard input of a command, and its end.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails

describe("standard input", function()
  local server, client, sandbox, process

  setup(function()
    server = e2e.start()
    client = check(server:client())
    sandbox = check(client:create())
    process = sandbox.process
  end)

  teardown(function()
    client:close()
    server:stop()
    support.cleanup()
  end)

  after_each(function()
    assert.same({}, check(process:list_sessions()), "a session was left behind")
    assert.equal("", e2e.shell(sandbox, "ls -d /tmp/run-* 2>/dev/null; pgrep -l '^(sed|stdbuf)$'; true"))
  end)

  local function start(command, options)
    return check(process:start(command, options or { stdin = true }))
  end

  local function ended(job)
    local result = check(job:wait { timeout = 60 })
    check(job:kill())
    return result
  end

  it("ends when it is closed: cat and sort come to their end", function()
    local job = start "sort; echo ended; exit 3"
    check(job:input "b\n")
    check(job:input "c\na")
    assert.is_true(check(job:close_stdin()))
    assert.is_true(check(job:close_stdin()))
    fails({ kind = "gone", operation = "command.input", message = "was closed" }, job:input "late")
    assert.same({ exit_code = 3, stdout = "a\nb\nc\nended\n", stderr = "", truncated = false }, ended(job))
    job = start { "cat" }
    check(job:close_stdin())
    assert.same({ exit_code = 0, stdout = "", stderr = "", truncated = false }, ended(job))
  end)

  it("is passed on line by line, while it is open", function()
    local job = start "while read -r x; do echo \"got $x\"; done; echo end"
    check(job:input "one")
    support.eventually(function() return check(job:logs()).stdout == "got one\n" end)
    check(job:input "\\n\\036 $x 'q' \195\164")
    check(job:close_stdin())
    assert.equal("got one\ngot \\n\\036 $x 'q' \195\164\nend\n", ended(job).stdout)
  end)

  it("can be closed by a handle that was written down", function()
    local job = start "wc -l"
    check(job:input "1\n2")
    local again = process:attach(job:to_table())
    check(again:close_stdin())
    assert.equal("2\n", ended(again).stdout)
  end)

  it("keeps the end and the signal of the command, and its directory and variables", function()
    local job = start("cat; pwd; echo $A; kill -9 $$", { stdin = true, cwd = "/tmp", env = { A = "it's" } })
    check(job:close_stdin())
    local result = ended(job)
    assert.same({ "/tmp\nit's\n", 137, "SIGKILL" }, { result.stdout, result.exit_code, result.signal })
  end)

  it("does not keep a command that ends before it", function()
    local job = start "read -r x; echo $x"
    check(job:input "first\nsecond")
    assert.equal("first\n", check(job:wait()).stdout)
    assert.is_true(check(job:close_stdin()))
    check(job:kill())
    job = start "exec <&-; exit 4"
    assert.equal(4, ended(job).exit_code)
  end)

  it("is ended with a command that is killed", function()
    local job = start "trap '' TERM; cat; sleep 60"
    check(job:input "x")
    check(job:kill())
    fails({ kind = "not_found", operation = "job.close_stdin" }, job:close_stdin())
  end)

  it("may be large", function()
    local line = ("0123456789abcdef"):rep(64) .. "\n"
    local text = line:rep(10 * 1024)
    local job = start "cksum; echo done"
    check(job:input(text, { timeout = 60 }))
    check(job:close_stdin { timeout = 60 })
    assert.equal(check(process:run("cksum; echo done", { stdin = text })).stdout, ended(job).stdout)
    assert.equal("done\n", ended(start("cat >/dev/null; echo done", { stdin = text })).stdout)
  end)

  it("is whole and closed where it is a text", function()
    assert.equal("2 b\n", ended(start("sort -r | head -n 1", { stdin = "1 a\n2 b\n" })).stdout)
    assert.equal("0\n", ended(start("wc -c", { stdin = "" })).stdout)
    assert.equal("0\n", ended(start("wc -c", {})).stdout)
  end)

  it("is passed on where there is nothing but a shell", function()
    check(process:exec "mkdir -p bin && for p in sh cat mkfifo rm grep; do ln -sf $(command -v $p) bin/$p; done")
    local home = check(sandbox:get_work_dir())
    local session = check(process:create_session("poor", { env = { PATH = home .. "/bin" } }))
    local begin = require("daytona.process.input_end").around("run-0000000000000000",
      "export DAYTONA_RUN_ID=run-0000000000000000", "cat; echo end")
    local command = check(session:exec(begin, { async = true, suppress_input_echo = true }))
    check(command:input "a\nb")
    check(command:input(require("daytona.process.input_end").line "run-0000000000000000"))
    check(command:follow { on_stdout = function() end })
    assert.equal("a\nb\nend\n", check(command:logs()).stdout)
    check(session:delete())
  end)

  it("says what it is told wrongly", function()
    assert.equal("job.close_stdin: a job of process:start expected", support.raised(function()
      process:attach({ session_id = "mine", command_id = "x" }):close_stdin()
    end))
  end)
end)
