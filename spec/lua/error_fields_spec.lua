-- Errors have the fields that are documented, and no others: what the library notes
-- for itself goes another way.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local fails = e2e.fails -- which looks at all fields

describe("the error", function()
  local server, client, sandbox

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
    client = support.client(server, { timeout = 10, max_retries = 0 })
    sandbox = client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/toolbox" }
  end)

  after_each(function()
    client:close()
  end)

  local function script(prefix, answer)
    answer.times = 0
    server:script({ path_prefix = prefix }, { answer })
  end

  it("of an upload does not keep the answer", function()
    script("/toolbox", { status = 500, body = '{"message": "disk full", "errors": ["x: disk full"], "files": []}' })
    fails({ kind = "server", status = 500 }, sandbox.fs:upload_file({ content = "x" }, "x"))
    local results = assert(sandbox.fs:upload_files { { source = { content = "x" }, destination = "x" } })
    fails({ kind = "server", message = "x: disk full" }, nil, results[1].error)
  end)

  it("of a call that the rate holds back does not tell how it was counted", function()
    script("/api", { status = 429, headers = { ["Retry-After"] = "20" }, body = '{"message": "slow down"}' })
    fails({ kind = "rate_limited", status = 429 }, client:get "x")
    fails({ kind = "rate_limited", message = "not sent" }, client:get("x", { timeout = 1 }))
    fails({ kind = "rate_limited" }, client:get("x", { timeout = 1, max_retries = 3 }))
  end)

  it("of what was not answered has none of the attempts' own", function()
    local nobody = support.client(server, { api_url = ("http://127.0.0.1:%d/api"):format(server.refused_port) })
    fails({ kind = "connection" }, nobody:get "x")
    nobody:close()
    script("/toolbox", { status = 502, body = "" })
    script("/api", { status = 500, body = '{"message": "no"}' })
    fails({ kind = "bad_gateway" }, sandbox.process:exec "true")
    fails({ kind = "server" }, client:create())
    fails({ kind = "server" }, client:request("GET", "/sandbox"))
    fails({}, sandbox:wait_for { port = 3000, timeout = 0.2 })
    fails({}, sandbox.fs:download_file "x")
  end)
end)
