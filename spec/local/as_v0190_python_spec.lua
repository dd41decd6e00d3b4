-- The interpreter and the charts of `daytona-local serve --as v0.190`.

local support = require "spec.support"
local sessions = require "spec.local.session_support"

describe("--as v0.190, Python", function()
  local box

  setup(function()
    box = sessions.start(nil, { "--as", "v0.190" })
  end)

  teardown(function()
    box:stop()
    support.cleanup()
  end)

  -- What code printed, its error, how the connection ended.
  local function run(code, more)
    local ws = box.box:websocket "/process/interpreter/execute"
    local wish = { code = code }
    for name, value in pairs(more or {}) do
      wish[name] = value
    end
    ws:send(support.json.encode(wish), "text")
    local _, texts, close = ws:rest()
    ws:drop()
    local out, failure = {}, nil
    for _, text in ipairs(texts) do
      local message = support.json.decode(text)
      if message.type == "stdout" then
        out[#out + 1] = message.text
      elseif message.type == "error" then
        failure = message
      end
    end
    return { table.concat(out), close.code or close.lost }, failure
  end

  it("shows what is printed, and nothing that programs write", function()
    support.eq({ "one\n", 1000 }, run "import os; print('one'); os.system('echo two'); os.write(1, b'three')")
  end)

  it("has an input that never comes", function()
    support.eq({ "", 4008 }, run("input()", { timeout = 1 }))
  end)

  it("has an output without a buffer", function()
    local _, failure = run "import sys; sys.stdout.buffer"
    assert.equal("AttributeError", failure.name)
  end)

  it("names lines only in tracebacks", function()
    local _, failure = run "def f():\n    1 / 0\nf()"
    assert.equal('Traceback (most recent call last):\n  File "<stdin>", line 3\n  File "<stdin>", line 2\n'
      .. "ZeroDivisionError: division by zero\n", failure.traceback)
  end)

  it("cuts off a flood of lines without a word", function()
    local result = run "for i in range(40000): print(i)"
    assert.equal("closed", result[2])
  end)

  it("lets nobody in while code that died has time", function()
    support.eq({ "", 1001 }, run("import os; os._exit(1)", { timeout = 2 }))
    local started = support.now()
    support.eq({ "on\n", 1000 }, run "print('on')")
    assert.is_true(support.now() - started >= 1)
  end)

  local function charts(code)
    local answer = box:ask("POST", "/process/code-run", {
      language = "python", code = "import matplotlib.pyplot as plt\n" .. code .. "\nplt.show()",
    }).json
    return answer.artifacts and answer.artifacts.charts or {}, answer
  end

  it("fails where an axis has dates", function()
    local list, answer = charts "import datetime as d\nplt.plot([d.date(2024, 1, 1), d.date(2024, 1, 2)], [1, 2])"
    support.eq({ {}, 1 }, { list, answer.exitCode })
    assert.truthy(answer.result:find("TypeError", 1, true))
  end)

  it("drops bars and what is no number, has boxes as lines, scales for a pie, and names only in a chart of charts",
    function()
    -- One program, for each import of matplotlib computes for a second.
    local list = charts("plt.bar(['a', 'b'], [1, 2])\nplt.show()\nplt.plot([1, 2], [1, float('nan')])\nplt.show()\n"
      .. "plt.boxplot([1, 2, 3])\nplt.show()\nplt.pie([1, 2])\nplt.show()\n"
      .. "f, (a, b) = plt.subplots(1, 2)\na.plot([1, 2])\na.set_title('left')\nb.plot([2, 1])")
    assert.equal(3, #list)
    local box_plot, pie, all = list[1], list[2], list[3]
    assert.equal("line", box_plot.type)
    support.eq({ "categorical", "categorical" }, { pie.x_scale, pie.y_scale })
    support.eq({ "composite_chart", "line", "left", nil },
      { all.type, all.elements[1].type, all.elements[1].title, all.elements[1].elements })
  end)

  it("says where code failed by a name of its own, and takes the newline before a chart", function()
    local _, answer = charts "print('text')\nplt.plot([1])"
    assert.equal("text", answer.result)
    local named = "raise ValueError('x') # matplotlib, which is not imported"
    answer = box:ask("POST", "/process/code-run", { language = "python", code = named }).json
    assert.truthy(answer.result:find('File "<target_code>"', 1, true))
  end)
end)
