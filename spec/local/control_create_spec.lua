-- POST /sandbox: what is refused, in the words of the original, and what the
-- answer looks like.

local control = require "spec.local.control_support"
local support = require "spec.support"

local NAME = "name must not contain HTML tags, URLs, or control characters"
local NUMBER = " must be a number conforming to the specified constraints"

local function times(n, text)
  return text .. ("," .. text):rep(n - 1)
end

local REFUSED = {
  { { name = "<b>x</b>" }, 400, NAME },
  { { name = "see http://x" }, 400, NAME },
  { { name = "a WWW.x.y" }, 400, NAME },
  { { name = "a\nb" }, 400, NAME },
  { { name = "a\0b" }, 400, NAME },
  { { env = { A = "a\0b", B = "b" } }, 400, "env must not contain NUL characters" },
  { { labels = { a = { "\0" } } }, 400, "labels must not contain NUL characters" },
  { { outboundProxyUrl = "http://a\0b" }, 400, "outboundProxyUrl must not contain NUL characters" },
  { { name = 5 }, 400, NAME .. ", name must be a string" },
  { { snapshot = "zz" }, 400, "Snapshot zz not found. Did you add it through the Daytona Dashboard?" },
  { { labels = "x" }, 400, "labels must be an object" },
  { { labels = { 1 } }, 400, "labels must be an object" },
  { { env = "x", labels = 1 }, 400, "env must be an object, labels must be an object" },
  { { public = "yes" }, 400, "public must be a boolean value" },
  { { networkBlockAll = 1 }, 400, "networkBlockAll must be a boolean value" },
  { { networkAllowList = 1 }, 400, "networkAllowList must be a string" },
  { { networkAllowList = "abc/8" }, 400,
    'Invalid IP address: "abc" in network "abc/8". Must be a valid IPv4 address' },
  { { networkAllowList = "1.2.3.4" }, 400,
    'Invalid network format: "1.2.3.4". Missing CIDR prefix length (e.g., /24)' },
  { { networkAllowList = "1.2.3.4/40" }, 400,
    "Invalid CIDR prefix length: 1.2.3.4/40. Prefix must be between 0 and 32" },
  { { networkAllowList = times(11, "10.0.0.0/8") }, 400,
    "Network allow list cannot contain more than 10 networks" },
  { { domainAllowList = "foo" }, 400, 'Invalid domain: "foo". Must be a valid domain name' },
  { { domainAllowList = times(11, "*.example.com") }, 400,
    "Domain allow list cannot contain more than 10 domains" },
  { { target = "nowhere" }, 404, "Region not found" },
  { { target = "US" }, 404, "Region not found" },
  { { disk = -1 }, 400, "disk must not be less than 0" },
  { { cpu = "x" }, 400, "cpu must not be less than 0, cpu" .. NUMBER },
  { { gpu = 2 }, 400, "gpu must not be greater than 1" },
  { { memory = 2 }, 400, "Cannot specify Sandbox resources when using a snapshot" },
  { { autoStopInterval = -1 }, 400, "Auto-stop interval must be non-negative" },
  { { autoStopInterval = "5" }, 400, "autoStopInterval" .. NUMBER },
  { { autoStopInterval = 1.5 }, 500, "An unexpected error occurred." },
  { { autoArchiveInterval = -1 }, 400, "Auto-archive interval must be non-negative" },
  { { volumes = "x" }, 400, "volumes must be an array" },
  { { volumes = { { subpath = "x" } } }, 400, "volumes.0.volumeId should not be empty, "
    .. "volumes.0.volumeId must be a string, volumes.0.mountPath must be a string" },
  { { volumes = { { volumeId = "nope", mountPath = "/x" } } }, 404, "Volume 'nope' not found" },
  { { buildInfo = { dockerfileContent = "FROM x" }, snapshot = "y" }, 400,
    "Cannot specify a snapshot when using a build info entry" },
  { { linkedSandbox = "nope" }, 404, "Sandbox with ID or name nope not found" },
}

local UNSUPPORTED = {
  { { buildInfo = { dockerfileContent = "FROM x" } },
    "Creating a sandbox from an image (buildInfo, without --images host) is" },
  { { networkAllowList = "10.0.0.0/8" }, "networkAllowList and domainAllowList are" },
  { { domainAllowList = "*.example.com" }, "networkAllowList and domainAllowList are" },
  { { user = "root" }, "A user other than daytona is" },
  { { spot = true }, "A spot sandbox is" },
  { { gpu = 1 }, "A GPU is" },
  { { gpuType = { "H100" } }, "A GPU is" },
  { { kvm = true }, "The field 'kvm' is" },
  { { class = "small" }, "The field 'class' is" },
  { { queueTimeout = 30, kvm = false }, "The field 'queueTimeout' is" },
  { { region = { "eu" } }, "The field 'region' is" },
}

describe("POST /sandbox", function()
  local server

  setup(function()
    server = control.serve()
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  it("refuses what is wrong", function()
    for _, row in ipairs(REFUSED) do
      server:refuses(row[2], row[3], "POST", "/sandbox", row[1])
    end
  end)

  it("says what it cannot do", function()
    for _, row in ipairs(UNSUPPORTED) do
      server:refuses(501, row[2] .. " not supported by daytona-local", "POST", "/sandbox", row[1])
    end
  end)

  it("takes fields of a later client that ask for nothing", function()
    local sandbox = server:create { kvm = false, queueTimeout = 0, class = "", gpu = 0, gpuType = support.json.null }
    assert.equal("started", sandbox.state)
    assert(server:call("DELETE", "/sandbox/" .. sandbox.id))
    server:await(sandbox.id, "gone")
  end)

  it("leaves nothing behind after a refusal", function()
    assert.equal(0, #server:get("/sandbox").items)
  end)

  it("answers with what was inserted, running by then", function()
    local text = assert(server:call("POST", "/sandbox", { name = "first" }, { raw = true }))
    local answer = support.json.decode(text)
    assert.equal("creating", answer.state)
    assert.equal("started", answer.desiredState)
    for _, name in ipairs { "networkAllowList", "domainAllowList", "errorReason", "daemonVersion" } do
      assert.falsy(text:find('"' .. name .. '"', 1, true))
    end
    local later = assert(server:call("GET", "/sandbox/first", nil, { raw = true }))
    local now = support.json.decode(later)
    assert.equal("started", now.state)
    assert.equal(answer.toolboxProxyUrl, now.toolboxProxyUrl)
    assert.truthy(later:find('"networkAllowList":null', 1, true))
    assert.truthy(later:find('"errorReason":null', 1, true))
  end)

  it("keeps every field", function()
    local sandbox = server:create {
      name = "my box", target = " us ", public = true, snapshot = "daytona-medium",
      labels = { a = "1", n = 5 }, env = { A = "b", N = 7, B = true },
      autoStopInterval = 0, autoArchiveInterval = 0, autoDeleteInterval = -7, ttlMinutes = 60,
    }
    support.eq({ a = "1", n = 5 }, sandbox.labels)
    support.eq({ A = "b", N = 7, B = true }, sandbox.env)
    assert.equal("us", sandbox.target)
    assert.is_true(sandbox.public)
    assert.equal(4, sandbox.memory)
    assert.equal(0, sandbox.autoStopInterval)
    assert.equal(43200, sandbox.autoArchiveInterval)
    assert.equal(-7, sandbox.autoDeleteInterval)
    assert.truthy(sandbox.autoDestroyAt)
    assert.equal(sandbox.id, server:get("/sandbox/my%20box").id)
    assert.equal("b 7 true\n", server:sh(sandbox.id, "echo $A $N $B"))
    server:refuses(409, "Sandbox with name my box already exists", "POST", "/sandbox",
      { name = "my box" })
  end)

  it("names a sandbox by its id where it has no name", function()
    local sandbox = server:create { name = "" }
    assert.equal(sandbox.id, sandbox.name)
  end)

  it("links ephemeral sandboxes only, and no chains", function()
    local first = server:create { name = "base" }
    server:refuses(400, "Linked sandboxes must be ephemeral (set autoDeleteInterval to 0)", "POST",
      "/sandbox", { linkedSandbox = "base" })
    local second = server:create { linkedSandbox = "base", autoDeleteInterval = 0 }
    assert.equal(first.id, second.linkedSandboxId)
    server:refuses(400, "Linked sandbox " .. second.id .. " is itself linked to another sandbox; "
      .. "chained links are not allowed", "POST", "/sandbox",
      { linkedSandbox = second.id, autoDeleteInterval = 0 })
  end)

  it("has the odd shape for malformed JSON, and no route for too much of it", function()
    local headers = { ["Content-Type"] = "application/json" }
    for _, text in ipairs { '{"name":', '"text"', "null" } do
      local _, err = server:call("POST", "/sandbox", text, { headers = headers })
      support.eq({ message = "Invalid JSON in request body", error = "Bad Request", statusCode = 400 },
        support.json.decode(err.body))
    end
    server:refuses(404, "Cannot POST /api/sandbox", "POST", "/sandbox", { name = ("x"):rep(110000) })
  end)
end)
