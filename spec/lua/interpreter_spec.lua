-- sandbox.code_interpreter on a real server.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails

describe("the interpreter", function()
  local sandbox, interpreter

  e2e.serve(function(...)
    sandbox = ...
    interpreter = sandbox.code_interpreter
  end)

  local function run(code, options)
    return check(interpreter:run_code(code, options))
  end

  it("gives what was printed", function()
    assert.same({ stdout = "42\n", stderr = "", truncated = false }, run "print(6 * 7)")
    local result = run "import sys\nprint('out')\nprint('err \195\164', file=sys.stderr)\n1 + 1"
    assert.same({ stdout = "out\n", stderr = "err \195\164\n", truncated = false }, result)
  end)

  it("keeps variables from run to run", function()
    run "x = 40"
    run "def f(n):\n  return x + n"
    assert.equal("42\n", run("print(f(2))").stdout)
  end)

  it("gives the exception that ended the code", function()
    local result = run "print('before')\n1 / 0"
    assert.equal("before\n", result.stdout)
    assert.equal("ZeroDivisionError", result.error.name)
    assert.equal("division by zero", result.error.value)
    assert.truthy(result.error.traceback:find("ZeroDivisionError", 1, true))
    assert.equal("SyntaxError", run("def").error.name)
  end)

  it("calls back as things happen", function()
    local seen = {}
    run("import sys, time\nprint('one')\nprint('two', file=sys.stderr)\nraise ValueError('three')", {
      on_stdout = function(text) seen[#seen + 1] = "out " .. text end,
      on_stderr = function(text) seen[#seen + 1] = "err " .. text end,
      on_error = function(err) seen[#seen + 1] = err.name .. " " .. err.value end,
    })
    assert.same({ "out one\n", "err two\n", "ValueError three" }, seen)
    assert.equal("mine", support.raised(interpreter.run_code, interpreter, "print(1)", {
      on_stdout = function() error("mine", 0) end,
    }))
  end)

  it("sets variables of the environment for one run", function()
    local code = "import os\nprint(os.environ.get('SPEC_A'))"
    assert.equal("b c\n", run(code, { env = { SPEC_A = "b c" } }).stdout)
    assert.equal("None\n", run(code, { env = {} }).stdout)
  end)

  it("interrupts at the timeout and keeps the variables", function()
    run "kept = 'kept'"
    local err = fails({ kind = "timeout", operation = "code_interpreter.run_code", message = "within 1 s" },
      interpreter:run_code("import time\nprint('begun', flush=True)\ntime.sleep(60)", { timeout = 1 }))
    assert.equal("begun\n", err.result.stdout)
    assert.equal("kept\n", run("print(kept)").stdout)
  end)

  it("bounds what it keeps", function()
    local result = run("print('x' * 100000)", { max_output = 10 })
    assert.same({ ("x"):rep(10), true }, { result.stdout, result.truncated })
  end)

  it("has contexts apart from each other", function()
    local first, second = check(interpreter:create_context()), check(interpreter:create_context { cwd = "/tmp" })
    assert.same({ "python", true, "/tmp" }, { first.language, first.active, second.cwd })
    run("v = 1", { context = first })
    run("v = 2", { context = second.id })
    assert.equal("1\n", run("print(v)", { context = first }).stdout)
    assert.equal("2 /tmp\n", run("import os\nprint(v, os.getcwd())", { context = second }).stdout)
    assert.equal("NameError", run("print(v)").error.name)
    local ids = {}
    for _, context in ipairs(check(interpreter:list_contexts())) do
      ids[context.id] = true
    end
    assert.same({ [first.id] = true, [second.id] = true }, ids)
    check(interpreter:delete_context(first))
    check(interpreter:delete_context(second.id))
    assert.same({}, check(interpreter:list_contexts()))
    fails({ kind = "not_found", operation = "code_interpreter.delete_context" }, interpreter:delete_context(first))
    fails({ kind = "not_found", message = "context not found" }, interpreter:run_code("1", { context = first }))
  end)

  it("says that the worker has ended", function()
    local context = check(interpreter:create_context())
    fails({ kind = "unavailable", message = "worker process ended" },
      interpreter:run_code("import os\nos._exit(1)", { context = context, timeout = 20 }))
    if support.as then
      -- Its queue stands still; what is sent would run much later, and is not sent.
      require("daytona.interpreter").PATIENCE = 1
      fails({ kind = "unavailable", outcome = "failed", message = "lets the context stand still for" },
        interpreter:run_code("print(1)", { context = context }))
    else
      assert.equal("1\n", run("print(1)", { context = context }).stdout)
    end
    assert.equal("2\n", run("print(2)").stdout)
    check(interpreter:delete_context(context))
  end)

  it("checks arguments before anything is sent", function()
    for message, call in pairs {
      ["code_interpreter.run_code: field 'code': must not be blank"] = function() interpreter:run_code " \n" end,
      ["code_interpreter.run_code: field 'context': context or its id expected, got number"] = function()
        interpreter:run_code("1", { context = 1 })
      end,
      ["code_interpreter.run_code: field 'on_error': function expected, got string"] = function()
        interpreter:run_code("1", { on_error = "x" })
      end,
      ["code_interpreter.run_code: field 'timeout': out of range (0 to 2147483647)"] = function()
        interpreter:run_code("1", { timeout = -1 })
      end,
      ["code_interpreter.run_code: unknown option 'envs' (did you mean 'env'?)"] = function()
        interpreter:run_code("1", { envs = {} })
      end,
      ["code_interpreter.delete_context: field 'context_id': required"] = function() interpreter:delete_context() end,
    } do
      assert.equal(message, support.raised(call))
    end
  end)
end)
