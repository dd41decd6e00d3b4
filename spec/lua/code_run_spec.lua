-- sandbox.process:code_run in the three languages.

local base64 = require "daytona.base64"
local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails

local PROBES = {
  python = "python3 --version",
  javascript = "node --version",
  typescript = "command -v ts-node",
  charts = [[python3 -c 'from importlib.util import find_spec as f
exit(not (f("matplotlib") and f("numpy") and f("PIL")))']],
}

describe("process:code_run", function()
  local client, sandbox

  e2e.serve(function(...)
    sandbox, client = ...
  end, { create = { env = { OWN = "of the sandbox" } } })

  local function run(code, options)
    return check(sandbox.process:code_run(code, options))
  end

  -- Whether the sandbox has what a test needs; asked once.
  local answers = {}
  local function has(what)
    if answers[what] == nil then
      answers[what] = check(sandbox.process:exec(PROBES[what])).exit_code == 0
    end
    return answers[what]
  end

  -- The same in each language: programs that print their arguments as JSON, a
  -- variable, text to both outputs, and that fail.
  local programs = {
    python = {
      hello = "print('hello')",
      arguments = "import json, sys; print(json.dumps(sys.argv[1:], ensure_ascii=False))",
      variable = "import os; print(os.environ['V'])",
      exit = "import sys; sys.exit(7)",
      raise = "raise ValueError('the reason')",
      unicode = "print('\195\188\226\130\172\240\159\152\128')",
      nul = "import sys; sys.stdout.write('a\\0b')",
      endless = "import time; time.sleep(1000)",
    },
    javascript = {
      hello = "console.log('hello')",
      arguments = "console.log(JSON.stringify(process.argv.slice(1)))",
      variable = "console.log(process.env.V)",
      exit = "process.exit(7)",
      raise = "throw new Error('the reason')",
      unicode = "console.log('\195\188\226\130\172\240\159\152\128')",
      nul = "process.stdout.write('a\\0b')",
      endless = "setInterval(() => {}, 1000)",
    },
    typescript = {
      hello = "const greeting: string = 'hello'; console.log(greeting)",
      arguments = "const given: string[] = process.argv.slice(1); console.log(JSON.stringify(given))",
      variable = "console.log(process.env.V as string)",
      raise = "throw new Error('the reason' as string)",
    },
  }

  -- Each start of its compiler takes most of a second, and the way is the same for
  -- every Lua and every server.
  if _VERSION ~= "Lua 5.4" or os.getenv "DAYTONA_LOCAL_AS" then
    programs.typescript = nil
  end
  if _VERSION ~= "Lua 5.4" then
    programs.javascript = nil
  end

  for language, program in pairs(programs) do
    describe("in " .. language, function()
      -- A missing runtime is shown as such, not hidden.
      local function test(name, body)
        it(name, function()
          if not has(language) then
            return pending("no runtime for " .. language)
          end
          body()
        end)
      end

      local function run_in(code, options)
        options = options or {}
        options.language = language
        return run(code, options)
      end

      test("gives the exit code, what was printed, and no charts", function()
        assert.same({ exit_code = 0, result = "hello\n", charts = {} }, run_in(program.hello))
        if program.exit then
          assert.equal(7, run_in(program.exit).exit_code)
        end
      end)

      test("hands arguments over", function()
        local function arguments(argv)
          local shown = support.json.decode(run_in(program.arguments, { argv = argv }).result)
          assert.equal(#argv, #shown)
          assert.same(argv, shown)
        end
        arguments { "one", "two", "3", "--flag=x", "gr\195\188n" }
        if language ~= "typescript" then -- one start of it is half a second
          arguments {}
        end
      end)

      test("shows an error with its reason", function()
        local failed = run_in(program.raise)
        assert.equal(1, failed.exit_code)
        assert.truthy(failed.result:find("the reason", 1, true))
      end)

      test("hands variables over and keeps text", function()
        assert.equal("x y \226\130\172\n", run_in(program.variable, { env = { V = "x y \226\130\172" } }).result)
        if program.unicode then
          assert.equal("\195\188\226\130\172\240\159\152\128\n", run_in(program.unicode).result)
        end
        if program.nul then
          assert.equal("a\0b", run_in(program.nul).result)
        end
      end)

      if program.endless then
        test("is ended at its timeout", function()
          local seconds, value, err = support.timed(sandbox.process.code_run, sandbox.process, program.endless,
            { language = language, timeout = 1 })
          fails({ kind = "timeout", status = 408, code = "PROCESS_EXECUTION_TIMEOUT",
            operation = "process.code_run", sandbox_id = sandbox.id }, value, err)
          assert.is_true(seconds >= 0.9 and seconds < 5)
        end)
      end

      test("is the default of a sandbox of that language", function()
        local other = check(client:create { language = language })
        assert.equal("hello\n", check(other.process:code_run(program.hello)).result)
        check(other:delete())
      end)
    end)
  end

  it("hands over arguments with spaces and quotes as they are", function()
    local argv = { "two words", "", "it's", '"quoted"', "$HOME", "`id`",
      "a;b", "a\\b", "line\nbreak", "*", "--", "&|<>(){}" }
    local shown = support.json.decode(run(programs.python.arguments, { argv = argv }).result)
    assert.same(argv, shown)
  end)

  it("asks the server for the language when the handle does not know it", function()
    if not has "javascript" then
      return pending "no runtime for javascript"
    end
    local other = check(client:create { language = "javascript" })
    assert.equal("1,2\n", check(client:sandbox(other.id).process:code_run "console.log([1, 2].join())").result)
    check(other:delete())
  end)

  it("runs many lines, and ones that are long", function()
    assert.equal("6\n", run "total = 0\nfor i in range(4):\n    total += i\n\nprint(total)\n".result)
    assert.equal("1048576\n", run("print(len('" .. ("x"):rep(1048576) .. "'))").result)
  end)

  it("works in the working directory", function()
    assert.equal(check(sandbox:get_work_dir()) .. "\n", run "import os; print(os.getcwd())".result)
    run "open('made.txt', 'w').write('by code')"
    assert.equal("by code", check(sandbox.fs:download_file "made.txt"))
  end)

  it("has the sandbox's variables", function()
    assert.equal("of the sandbox\n", run "import os; print(os.environ['OWN'])".result)
  end)

  it("gives -1 for a program whose shell a signal ended", function()
    assert.equal(-1, run("import os, signal; os.killpg(os.getpgrp(), signal.SIGKILL)").exit_code)
  end)

  it("refuses other languages before anything is sent", function()
    for _, language in ipairs { "ruby", "Python", "" } do
      assert.equal(("process.code_run: field 'language': 'python', 'javascript' or 'typescript' expected, got '%s'")
        :format(language), support.raised(sandbox.process.code_run, sandbox.process, "x", { language = language }))
    end
  end)

  it("says what the server refuses", function()
    fails({ kind = "bad_request", status = 400, message = "invalid environment variable name: '1A'" },
      sandbox.process:code_run("1", { env = { ["1A"] = "x" } }))
    fails({ kind = "bad_request", status = 400, operation = "process.code_run" }, sandbox.process:code_run "")
    fails({ kind = "not_found", status = 404, sandbox_id = "nobody" }, client:sandbox("nobody").process:code_run "1")
  end)

  -- An import of it computes for a second, so there is one for each build of the C
  -- module; spec/local has what else the server does with charts, the older one, too.
  if support.as or rawget(_G, "jit") then
    return
  end

  it("gives charts with their pictures: those shown before an error, and none that was not", function()
    if not has "charts" then
      return pending "matplotlib is not installed"
    end
    local result = run [[
import matplotlib.pyplot as plt
print("before")
plt.plot([1, 2, 3], [4, 5, 6], label="rising")
plt.title("A \u00fcber title")
plt.xlabel("x")
plt.ylabel("y")
plt.show()
plt.bar(["a", "b"], [3, 5])
plt.show()
print("after")
plt.plot([1])
raise RuntimeError("later")
]]
    assert.equal(1, result.exit_code, result.result)
    assert.truthy(result.result:find "^before\nafter\n.*later\n$", result.result)
    assert.equal(2, #result.charts)
    local line, bar = result.charts[1], result.charts[2]
    assert.equal("line", line.type)
    assert.equal("A \195\188ber title", line.title)
    assert.equal("x", line.x_label)
    assert.equal("y", line.y_label)
    assert.equal("rising", line.elements[1].label)
    assert.same({ { 1, 4 }, { 2, 5 }, { 3, 6 } }, line.elements[1].points)
    assert.equal("bar", bar.type)
    assert.equal(2, #bar.elements)
    for _, chart in ipairs(result.charts) do
      assert.equal("\137PNG\r\n\26\n", base64.decode(chart.png):sub(1, 8))
    end
  end)
end)
