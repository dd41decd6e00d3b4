-- One-shot execution, as the toolbox answers it on the wire.

local support = require "spec.support"
local toolbox = require "spec.local.toolbox_support"

describe("toolbox process", function()
  local box

  setup(function()
    box = toolbox.start()
  end)

  teardown(function()
    box:stop()
    support.cleanup()
  end)

  local function answers(exit_code, result, command, more)
    support.eq({ exitCode = exit_code, result = result }, box:execute(command, more))
  end

  local function run_code(language, code, more)
    local body = { language = language, code = code }
    for name, value in pairs(more or {}) do
      body[name] = value
    end
    return box:ask("POST", "/process/code-run", { body = body })
  end

  it("gives both streams in the order they were written", function()
    answers(0, "out\nerr\nend\n", "echo out; echo err >&2; echo end")
    answers(7, "", "exit 7")
    answers(0, "", "true")
  end)

  it("gives -1 for a shell that a signal ended", function()
    answers(-1, "", "kill -9 $$")
  end)

  it("reports a bad directory as a result", function()
    local got = box:execute("pwd", { cwd = "no/such" })
    assert.equal(-1, got.exitCode)
    assert.truthy(got.result:find "^fork/exec .*: no such file or directory$")
    assert.truthy(box:execute("pwd", { cwd = "/etc/passwd" }).result:find ": not a directory$")
    answers(0, "/tmp\n", "pwd", { cwd = "/tmp" })
  end)

  it("feeds the script by standard input", function()
    answers(0, "[next]\nrest", 'read line\nnext\necho "[$line]"; cat\nrest')
    answers(0, "", "cat")
  end)

  it("keeps NUL bytes and replaces invalid UTF-8", function()
    answers(0, "a\0b\239\191\189c", [[printf 'a\000b\377c']])
  end)

  it("takes an environment for one command", function()
    answers(0, "x[]\n", 'echo "$A[$B]"', { envs = { A = "x", B = "" } })
    assert.equal("bad request: invalid environment variable name: '1A'",
      box:refuses(400, "BAD_REQUEST", "POST", "/process/execute",
        { body = { command = "true", envs = { ["1A"] = "x" } } }))
  end)

  it("changes the environment of later commands", function()
    local function set(body)
      return box:ask("POST", "/env", { body = body })
    end
    set { set = { KEPT = "1", TOKEN = "pre-1", OTHER = "pre-2" } }
    answers(0, "1 pre-1 pre-2\n", "echo $KEPT $TOKEN $OTHER")
    set { unset = { "KEPT" }, unsetValuePrefix = "pre-", set = { OTHER = "new" } }
    answers(0, "[] [] new\n", 'echo "[$KEPT] [$TOKEN] $OTHER"')
  end)

  it("hands nothing of its own to commands", function()
    assert.equal("4\n", box:sh "ls /proc/self/fd | wc -l")
    local environment = box:sh "env; cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'"
    assert.falsy(environment:find(box.server.api_key, 1, true))
  end)

  it("kills the whole process group at the timeout", function()
    local seconds = support.timed(function()
      assert.equal("command execution timeout",
        box:refuses(408, "PROCESS_EXECUTION_TIMEOUT", "POST", "/process/execute",
          { body = { command = "sleep 97 & sleep 98", timeout = 1 } }))
    end)
    assert.is_true(seconds < 5)
    assert.equal("", box:sh "ps -e -o args= | grep 'sleep 9[78]$'")
  end)

  it("waits for what holds the output, and only for that", function()
    answers(0, "go\nlate\n", "{ sleep 0.3; echo late; } & echo go")
    local seconds = support.timed(answers, 0, "go\n", "sleep 99 >/dev/null 2>&1 & echo go")
    assert.is_true(seconds < 5)
    box:sh "pkill -f 'sleep 99'"
  end)

  it("leaves no zombies", function()
    box:sh "for i in 1 2 3; do (true &); done"
    support.eventually(function()
      return box:sh "ps -e -o stat= | grep -c ^Z" == "0\n"
    end)
  end)

  it("returns large output whole", function()
    local got = box:execute "head -c 5000000 /dev/zero | tr '\\0' x"
    assert.equal(5000000, #got.result)
    assert.falsy(got.result:find "[^x]")
  end)

  it("refuses bad requests by name of the field", function()
    local prefix = "invalid body request: invalid request body: "
    local number = prefix
      .. "json: cannot unmarshal %s into Go struct field ExecuteRequest.%s of type %s"
    local missing = prefix .. "Key: 'ExecuteRequest.Command' Error:Field validation for "
      .. "'Command' failed on the 'required' tag"
    local cases = {
      { { cwd = "/" }, missing },
      { { command = "" }, missing },
      { { command = 5 }, number:format("number", "command", "string") },
      { { command = "true", timeout = "1" }, number:format("string", "timeout", "uint32") },
      { { command = "true", timeout = -1 }, number:format("number", "timeout", "uint32") },
      { { command = "true", timeout = 1.5 }, number:format("number", "timeout", "uint32") },
      { { command = "true", cwd = true }, number:format("bool", "cwd", "string") },
      { { command = "true", envs = { A = 1 } }, number:format("number", "envs", "string") },
    }
    for _, case in ipairs(cases) do
      assert.equal(case[2], box:refuses(400, "INVALID_REQUEST_BODY", "POST", "/process/execute",
        { body = case[1] }))
    end
    assert.equal(prefix .. "EOF", box:refuses(400, "INVALID_REQUEST_BODY", "POST", "/process/execute"))
    assert.equal("bad request: command cannot be empty or whitespace-only",
      box:refuses(400, "BAD_REQUEST", "POST", "/process/execute", { body = { command = " \n\t" } }))
  end)

  it("runs Python with arguments as they are", function()
    local got = run_code("python", "import sys\nprint(sys.argv)\nsys.exit(4)",
      { argv = { "a b", "$HOME", "it's", "; x" } })
    support.eq({ exitCode = 4, result = [=[['-', 'a b', '$HOME', "it's", '; x']]=] .. "\n" }, got)
    assert.truthy(run_code("python", "input()").result:find "EOFError")
  end)

  it("runs JavaScript and TypeScript", function()
    support.eq({ exitCode = 0, result = "[ 'a b' ]\n" }, run_code("javascript",
      "console.log(process.argv.slice(1))", { argv = { "a b" } }))
    if box:sh "command -v ts-node" == "" then
      assert.equal(127, run_code("typescript", "1").exitCode)
    else
      support.eq({ exitCode = 3, result = "5 [ 'q' ]\n" }, run_code("typescript",
        "const n: number = 5; console.log(n, process.argv.slice(1)); process.exit(3)",
        { argv = { "q" } }))
      assert.equal("", box:sh "ls /tmp | grep ^dtn_")
    end
  end)

  it("gives 127 where the runtime is missing", function()
    local got = run_code("python", "1", { envs = { PATH = "/nowhere" } })
    assert.equal(127, got.exitCode)
    assert.truthy(got.result:find "python3")
  end)

  it("refuses other languages", function()
    assert.equal("bad request: unsupported language: Python",
      box:refuses(400, "BAD_REQUEST", "POST", "/process/code-run",
        { body = { code = "1", language = "Python" } }))
    box:refuses(400, "INVALID_REQUEST_BODY", "POST", "/process/code-run",
      { body = { code = "", language = "python" } })
  end)

  it("takes artifact lines out of the output", function()
    local got = run_code("javascript", [=[
      console.log('one');
      console.log('dtn_artifact_k39fd2:not json');
      console.log('dtn_artifact_k39fd2:{"type":"chart","value":{"type":"line","title":"T",'
        + '"elements":[{"label":"a","points":[[1,2]],"unknown":1}],"x_ticks":[]}}');
      console.log('dtn_artifact_k39fd2:{"type":"chart","value":{"type":"bar",'
        + '"elements":[{"value":3}]}}');
      console.log('in dtn_artifact_k39fd2: line');
    ]=])
    support.eq({
      exitCode = 0,
      result = "one\nin dtn_artifact_k39fd2: line\n",
      artifacts = { charts = {
        { type = "line", title = "T", elements = { { label = "a", points = { { 1, 2 } } } } },
      } },
    }, got)
    assert.is_nil(run_code("javascript", "1").artifacts)
  end)

  describe("charts", function()
    local has_matplotlib

    setup(function()
      has_matplotlib = box:execute([[python3 -c 'from importlib.util import find_spec
exit(not find_spec("matplotlib"))']]).exitCode == 0
    end)

    -- Each import of matplotlib computes for a second: one program shows them all.
    local cases = {
      { "line", "plt.plot([1, 2], [3, 4], label='a')", { { label = "a", points = { { 1, 3 }, { 2, 4 } } } } },
      { "scatter", "plt.scatter([1, 2], [3, float('nan')], label='s')", { { label = "s", points = { { 1, 3 } } } } },
      { "bar", "plt.bar(['p', 'q'], [3, 4.5], label='g')",
        { { label = "p", value = "3", group = "g" }, { label = "q", value = "4.5", group = "g" } } },
      { "pie", "plt.pie([1, 3], labels=['p', 'q'])",
        { { label = "p", angle = 90, radius = 1 }, { label = "q", angle = 270, radius = 1 } } },
      { "box_and_whisker", "plt.boxplot([[1, 2, 3, 4, 50]], labels=['b'])",
        { { label = "b", min = 1, first_quartile = 2, median = 3, third_quartile = 4, max = 4,
          outliers = { 50 } } } },
      { "unknown", "plt.figure()", {} },
    }

    it("describes each kind, and several axes as one chart", function()
      if not has_matplotlib then
        pending "matplotlib is not installed"
        return
      end
      -- Newer versions warn of old names of parameters.
      local code = { "import matplotlib.pyplot as plt, warnings", "warnings.simplefilter('ignore')" }
      for _, case in ipairs(cases) do
        code[#code + 1] = case[2] .. "; plt.show()"
      end
      code[#code + 1] = [[
_, (left, right) = plt.subplots(1, 2)
left.plot([1, 2]); left.set_title('L'); right.bar(['x'], [1])
plt.show()]]
      local got = run_code("python", table.concat(code, "\n"))
      assert.equal("", got.result)
      assert.equal(0, got.exitCode)
      local charts = got.artifacts.charts
      assert.equal(#cases + 1, #charts)
      for _, chart in ipairs(charts) do
        assert.equal("iVBORw0KGgo", chart.png:sub(1, 11))
      end
      for i, case in ipairs(cases) do
        assert.equal(case[1], charts[i].type)
        support.eq(case[3], charts[i].elements)
      end
      local several = charts[#charts]
      assert.equal("composite_chart", several.type)
      assert.equal("line", several.elements[1].type)
      assert.equal("L", several.elements[1].title)
      assert.equal("bar", several.elements[2].type)
    end)

    it("keeps what was shown before an error, and the user's traceback", function()
      if not has_matplotlib then
        pending "matplotlib is not installed"
        return
      end
      local got = run_code("python", "import matplotlib.pyplot as plt\nplt.plot([1])\n"
        .. "print('before', end='')\nplt.show()\nraise ValueError('boom')")
      assert.equal(1, got.exitCode)
      assert.equal('before\nTraceback (most recent call last):\n  File "<target_code>", line 5, in '
        .. "<module>\nValueError: boom\n", got.result)
      assert.equal(1, #got.artifacts.charts)
    end)
  end)
end)
