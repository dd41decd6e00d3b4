-- What holds for every endpoint of the toolbox, and the small ones.

local daytona = require "daytona"
local support = require "spec.support"
local toolbox = require "spec.local.toolbox_support"

describe("toolbox", function()
  local box

  setup(function()
    box = toolbox.start()
  end)

  teardown(function()
    box:stop()
    support.cleanup()
  end)

  it("asks everybody for the key", function()
    local stranger = assert(daytona.new { api_key = "wrong", api_url = box.server.api_url })
    local sandbox = stranger:sandbox(box.sandbox:to_table())
    for _, path in ipairs { "/version", "/files", "/proxy/3000/", "/nowhere" } do
      local value, err = stranger:request("GET", path, { sandbox = sandbox })
      assert.is_nil(value)
      assert.equal("unauthorized", err.kind)
      assert.equal("DAYTONA_PROXY", err.source)
    end
    stranger:close()
  end)

  it("serves its own sandbox only", function()
    local fields = box.sandbox:to_table()
    fields.id = "other"
    local value, err = box.client:request("GET", "/version",
      { sandbox = box.client:sandbox(fields) })
    assert.is_nil(value)
    assert.equal(404, err.status)
  end)

  it("answers unknown paths and methods as the original's router", function()
    for _, case in ipairs { { "GET", "/nowhere" }, { "POST", "/version" },
      { "PUT", "/process/execute" }, { "GET", "//version" }, { "HEAD", "/version" } } do
      local value, err = box:call(case[1], case[2])
      assert.is_nil(value)
      assert.equal(404, err.status)
      if case[1] ~= "HEAD" then
        assert.equal("404 page not found", err.body)
      end
    end
  end)

  it("redirects paths with a slash too many", function()
    local function status(method, path)
      local _, err = box:call(method, path)
      return err.status
    end
    assert.equal(301, status("GET", "/version/"))
    assert.equal(307, status("POST", "/process/execute/"))
    assert.equal(301, status("GET", "/proxy/3000"))
    assert.equal("table", type(box:ask("GET", "/files/")))
  end)

  it("says what is not there yet", function()
    assert.equal("/git/stash is not supported by daytona-local",
      box:refuses(501, nil, "POST", "/git/stash", { body = "{}" }))
    for path, method in pairs {
      ["/computeruse/start"] = "POST", ["/computeruse/mouse/move"] = "POST", ["/computeruse/recordings/r"] = "DELETE",
      ["/computeruse/screenshot"] = "GET",
    } do
      assert.equal(method .. " " .. path .. " is not supported by daytona-local, which has no display",
        box:refuses(501, nil, method, path, method == "POST" and { body = "{}" } or nil))
    end
  end)

  it("knows its directories and version", function()
    support.eq({ dir = "/home/daytona" }, box:ask("GET", "/work-dir"))
    support.eq({ dir = "/home/daytona" }, box:ask("GET", "/user-home-dir"))
    support.eq({ dir = "/home/daytona" }, box:ask("GET", "/project-dir"))
    support.eq({ version = support.any_string }, box:ask("GET", "/version"))
    support.eq({ message = "Auth token set and telemetry initialized successfully" },
      box:ask("POST", "/init", { body = { token = "x" } }))
    box:refuses(400, "INVALID_REQUEST_BODY", "POST", "/init", { body = "{" })
  end)

  it("measures", function()
    local got = box:ask("GET", "/system/metrics")
    support.eq({
      cpuCount = support.any_number, cpuUsedPct = support.any_number,
      memTotal = support.any_number, memUsed = support.any_number, diskTotal = support.any_number,
      diskUsed = support.any_number, diskFree = support.any_number,
      timestamp = support.any_string, timestampUnix = support.any_number,
    }, got)
    assert.is_true(got.memUsed > 0 and got.memUsed < got.memTotal)
  end)

  it("refuses a body that is too large for its endpoint", function()
    box:refuses(413, nil, "POST", "/env", { body = (" "):rep(3000000) })
  end)

  describe("ports", function()
    local PORT = 3179
    local pid

    setup(function()
      box:sh "mkdir -p www/a; echo served > www/a/f"
      pid = box:sh(("cd www; python3 -m http.server --bind 127.0.0.1 %d >/dev/null 2>&1 & echo $!")
        :format(PORT))
      support.eventually(function()
        return box:ask("GET", ("/port/%d/in-use"):format(PORT)).isInUse
      end)
    end)

    teardown(function()
      box:sh("kill " .. pid)
    end)

    it("are listed", function()
      local found = false
      for _, port in ipairs(box:ask("GET", "/port").ports) do
        found = found or port == PORT
      end
      assert.is_true(found)
      assert.is_false(box:ask("GET", "/port/9998/in-use").isInUse)
      for _, port in ipairs { "80", "10000", "x" } do
        box:refuses(400, "BAD_REQUEST", "GET", "/port/" .. port .. "/in-use")
      end
    end)

    it("are reached through the proxy", function()
      local function through(path)
        return box:call("GET", ("/proxy/%d%s"):format(PORT, path), { raw = true })
      end
      assert.equal("served\n", through "/a/f?x=1")
      local value, err = through "/gone"
      assert.is_nil(value)
      assert.equal(404, err.status)
      assert.is_nil(err.source) -- it is the program's own answer
    end)

    it("that nobody listens on are a bad gateway", function()
      local value, err = box:call("GET", "/proxy/9998/")
      assert.is_nil(value)
      assert.equal(502, err.status)
      assert.is_nil(err.source) -- as a program's own answer might be
      box:refuses(400, "BAD_REQUEST", "GET", "/proxy/x/")
    end)
  end)
end)
