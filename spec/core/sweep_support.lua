-- What the scenarios of the allocation-failure sweep share: a client, a handle,
-- and checks that pass an error for lack of memory on.

local support = {}

--- assert, but in Lua 5.1 that of the language takes only strings as messages.
function support.must(value, err)
  if value == nil then
    error(err, 0)
  end
  return value
end

--- Loads the library and makes a client and a handle whose toolbox answers as
--- `kind` says.
function support.open(url, directory, kind)
  local context = { url = url, directory = directory }
  context.core = require "daytona.core"
  context.daytona = require "daytona"
  context.client = support.must(context.daytona.new {
    api_key = "sweep-secret", api_url = url .. "/api", timeout = 10, max_retries = 0,
  })
  context.sandbox = context.client:sandbox {
    id = "one", state = "started", toolbox_proxy_url = url .. "/" .. (kind or "t"),
  }
  assert(context.sandbox.process and context.sandbox.fs and context.sandbox.git)
  require "daytona.sandbox.wait"
  require "daytona.sandbox.creation" -- what a create loads is not what it allocates
  return context
end

--- Nothing is left of what failed, and the next call works.
function support.works(context)
  collectgarbage()
  collectgarbage()
  assert(context.client._core:live() == 0, "a transfer is still live")
  local sandbox = context.client:sandbox { id = "one", toolbox_proxy_url = context.url .. "/t" }
  assert(support.must(sandbox.process:exec "true").result == "h\195\169llo\n")
end

--- The error that `f` raises; one for lack of memory is passed on.
function support.raised(f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "nothing was raised")
  if tostring(message):find("not enough memory", 1, true) then
    error(message, 0)
  end
  return message
end

function support.expect(text, message)
  if not tostring(message):find(text, 1, true) then
    error(("expected '%s' in '%s'"):format(text, tostring(message)), 0)
  end
end

--- Another error than the one that is due is passed on: it may tell of the lack
--- of memory.
function support.expect_kind(kind, value, err)
  assert(value == nil, "it did not fail")
  if err.kind ~= kind then
    error(err, 0)
  end
end

--- A scenario of the whole library against a toolbox of that kind.
function support.scenario(name, kind, run)
  return {
    name = name,
    setup = function(url, directory)
      return support.open(url, directory, kind)
    end,
    run = run,
    after = support.works,
  }
end

--- A request under way that will not be answered.
function support.stalled(context)
  local request = context.client._core:send("process.exec", { command = "x" }, context.sandbox, 10)
  for _ = 1, 3 do
    if request:step(0.001) then
      support.expect_kind("none", request:result())
    end
  end
  return request
end

function support.failing(kind)
  return function(context)
    local value, err = context.sandbox.process:exec "x"
    support.expect_kind(kind, value, err)
    assert(err.operation == "process.exec" and #tostring(err) > 10)
    assert(not tostring(err.body):find("sweep-secret", 1, true), "the key shows")
  end
end

return support
