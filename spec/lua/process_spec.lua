-- sandbox.process:exec on a real server.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails, shell = e2e.check, e2e.fails, e2e.shell

describe("process:exec", function()
  local server, client, sandbox

  e2e.serve(function(...)
    sandbox, client, server = ...
  end, { create = { env = { OWN = "of the sandbox" } } })

  local function exec(command, options)
    return check(sandbox.process:exec(command, options))
  end

  it("gives the exit code and what was printed", function()
    assert.same({ exit_code = 0, result = "hello\n" }, exec "echo hello")
    assert.same({ exit_code = 0, result = "" }, exec "true")
    assert.same({ exit_code = 1, result = "" }, exec "false")
    assert.equal("integer" , math.type and math.type(exec "true".exit_code) or "integer")
  end)

  it("gives every exit code", function()
    for _, code in ipairs { 0, 1, 2, 42, 126, 127, 128, 200, 255 } do
      assert.equal(code, exec("exit " .. code).exit_code)
    end
    assert.equal(127, exec "no-such-command-at-all".exit_code)
    assert.equal(143, exec "sh -c 'kill -TERM $$'".exit_code)
  end)

  it("gives -1 for a shell that a signal ended", function()
    for _, signal in ipairs { "KILL", "TERM", "SEGV" } do
      local run = exec("echo before; kill -" .. signal .. " $$; echo after")
      assert.equal(-1, run.exit_code)
      assert.equal("before\n", run.result)
    end
  end)

  it("combines both outputs in their order", function()
    local command = "for i in 1 2 3; do echo out$i; echo err$i >&2; done"
    assert.equal("out1\nerr1\nout2\nerr2\nout3\nerr3\n", exec(command).result)
  end)

  it("runs a whole script", function()
    assert.equal("1\n2\n3\nend\n", exec "for i in 1 2 3\ndo\n  echo $i\ndone\ncat <<X\nend\nX\n".result)
    assert.equal("a\\b 'c' \"d\" $e `f` %s\n", exec [[printf '%s\n' 'a\b '"'c'"' "d" $e `f` %s']].result)
  end)

  it("takes commands longer than the kernel takes arguments", function()
    local text = ("x"):rep(1024 * 1024)
    assert.equal(#text + 1, tonumber(exec("cat <<X | wc -c\n" .. text .. "\nX").result))
  end)

  it("gives nothing to read", function()
    assert.same({ exit_code = 0, result = "" }, exec "cat")
  end)

  it("runs in the working directory or where it is told to", function()
    local home = check(sandbox:get_work_dir())
    shell(sandbox, "mkdir -p 'sub dir/\195\188'")
    assert.equal(home .. "\n", exec "pwd".result)
    assert.equal("/tmp\n", exec("pwd", { cwd = "/tmp" }).result)
    assert.equal(home .. "/sub dir/\195\188\n", exec("pwd", { cwd = "sub dir/\195\188" }).result)
    assert.equal(home .. "\n", exec("pwd", { cwd = "" }).result)
  end)

  it("cannot run where there is nothing", function()
    shell(sandbox, "echo > a-file")
    for cwd, why in pairs { ["/no/such"] = "no such file or directory", ["a-file"] = "not a directory" } do
      local run = exec("echo ran", { cwd = cwd })
      assert.equal(-1, run.exit_code)
      assert.truthy(run.result:find(why, 1, true), run.result)
    end
  end)

  it("hands the environment over", function()
    assert.equal("of the sandbox\n", exec "echo $OWN".result)
    local env = {
      A = "", B = "two words", C = "line\nbreak",
      D = "\240\159\144\154 $HOME `x` \"'\\ %d = ;", OWN = "of the call", _e1 = "1",
    }
    local out = exec([[printf '%s|' "$A" "$B" "$C" "$D" "$OWN" "$_e1"]], { env = env }).result
    assert.equal(table.concat({ env.A, env.B, env.C, env.D, env.OWN, env._e1 }, "|") .. "|", out)
    assert.equal("of the sandbox\n", exec("echo $OWN", { env = {} }).result)
    assert.equal(("v"):rep(100000) .. "\n", exec("echo $LONG", { env = { LONG = ("v"):rep(100000) } }).result)
  end)

  it("refuses what is no name of a variable", function()
    for _, name in ipairs { "1A", "A-B", "A B", "", "\195\188" } do
      fails({ kind = "bad_request", status = 400, operation = "process.exec", sandbox_id = sandbox.id,
        message = "invalid environment variable name: '" .. name .. "'" },
        sandbox.process:exec("true", { env = { [name] = "x" } }))
    end
  end)

  it("keeps text of every script", function()
    local text = "gr\195\188\195\159e \206\177\206\178 \230\188\162\229\173\151 \240\159\152\128 e\204\129"
    assert.equal(text .. "\n", exec("echo '" .. text .. "'").result)
    assert.equal("\226\128\168\226\128\169\239\187\191\n", exec "printf '\\u2028\\u2029\\uFEFF\\n'".result)
  end)

  it("keeps NUL and the other control characters", function()
    assert.equal("a\0b\0\n", exec [[printf 'a\0b\0\n']].result)
    local controls = {}
    for byte = 0, 31 do
      controls[#controls + 1] = string.char(byte)
    end
    controls[#controls + 1] = "\127"
    local command = [[for i in $(seq 0 31) 127; do printf "\\$(printf %o $i)"; done]]
    assert.equal(table.concat(controls), exec(command).result)
  end)

  it("shows bytes that are no text as such", function()
    local result = exec [[printf 'a\377\376b\300\200c']].result
    assert.equal("a\239\191\189\239\191\189b\239\191\189\239\191\189c", result)
  end)

  it("gives 10 MiB of output", function()
    local run = exec "head -c 10485760 /dev/zero | tr '\\0' x"
    assert.equal(0, run.exit_code)
    assert.equal(10485760, #run.result)
    assert.is_true(run.result == ("x"):rep(10485760))
  end)

  it("gives no more than the client wants", function()
    local small = check(server:client { max_response = 100000 })
    local value, err = small:sandbox(sandbox.id).process:exec "head -c 1000000 /dev/zero | tr '\\0' x"
    fails({ kind = "protocol", operation = "process.exec", sandbox_id = sandbox.id }, value, err)
    small:close()
  end)

  describe("with a timeout", function()
    it("ends the command and says so", function()
      local seconds, value, err = support.timed(sandbox.process.exec, sandbox.process,
        "echo begun; sleep 1000; echo never", { timeout = 1 })
      fails({ kind = "timeout", status = 408, code = "PROCESS_EXECUTION_TIMEOUT", source = "DAYTONA_DAEMON",
        operation = "process.exec", sandbox_id = sandbox.id, attempts = 1 }, value, err)
      assert.is_true(seconds >= 0.9 and seconds < 5)
      support.eventually(function()
        return exec "pgrep -cx sleep".result == "0\n"
      end)
    end)

    it("lets it end before", function()
      assert.equal("done\n", exec("echo done", { timeout = 5 }).result)
    end)

    it("of 0 or none sets no limit", function()
      assert.equal("done\n", exec("sleep 0.1; echo done", { timeout = 0 }).result)
    end)
  end)

  it("returns while a process in the background goes on", function()
    local seconds = support.timed(exec, "sleep 1000 > /dev/null 2>&1 & disown; echo $! > pid")
    assert.is_true(seconds < 5)
    shell(sandbox, "kill -0 $(cat pid) && kill $(cat pid)")
  end)

  it("has the files of all other commands", function()
    exec "echo first > shared"
    assert.equal("first\n", exec "cat shared".result)
  end)

  it("cannot be reached in a sandbox that is not there", function()
    fails({ kind = "not_found", status = 404, sandbox_id = "nobody" }, client:sandbox("nobody").process:exec "true")
  end)

  it("works through a handle of an id or a name", function()
    local named = check(client:create { name = "na me/%" })
    for _, id in ipairs { named.id, "na me/%" } do
      assert.equal("yes\n", check(client:sandbox(id).process:exec "echo yes").result)
    end
    check(named:delete())
  end)

  it("sees its own sandbox only", function()
    local other = check(client:create())
    shell(other, "echo mine > private")
    assert.equal(1, exec "ls private 2>/dev/null | grep -c . | grep -qx 0".exit_code == 0 and 1 or 0)
    assert.are_not.equal(0, exec("ls " .. e2e.quote(support.root)).exit_code)
    assert.are_not.equal(0, exec "touch /usr/x /etc/x /x".exit_code)
    check(other:delete())
  end)

  it("can be asked for in many sandboxes in turn", function()
    local other = check(client:create())
    for index = 1, 50 do
      local one = index % 2 == 0 and sandbox or other
      assert.equal(index .. "\n", check(one.process:exec("echo " .. index)).result)
    end
    check(other:delete())
  end)
end)
