-- `daytona-local serve --as v0.190` but for sessions: what is not there yet,
-- errors, files, code, git, terminals, the control plane.

local control = require "spec.local.control_support"
local support = require "spec.support"
local sessions = require "spec.local.session_support"

describe("--as v0.190", function()
  local box, git

  setup(function()
    git = support.git_server()
    box = sessions.start(nil, { "--as", "v0.190" }, { DAYTONA_LOCAL_LOST_ONE_IN = 1 }, { git })
  end)

  teardown(function()
    git:close()
    box:stop()
    support.cleanup()
  end)

  -- Status and body of a request to the toolbox.
  local function ask(...)
    local answer = box:ask(...)
    return { answer.status, answer.body }
  end

  local function run(code, argv, language)
    return box:ask("POST", "/process/code-run", { code = code, argv = argv, language = language or "python" }).json
  end

  it("has no newer operations", function()
    for path, method in pairs {
      ["/env"] = "POST", ["/system/metrics"] = "GET", ["/files/upload-v2?path=x"] = "POST",
      ["/git/init"] = "POST", ["/git/config"] = "GET", ["/git/remotes"] = "GET",
    } do
      support.eq({ 404, "404 page not found" }, ask(method, path, {}))
    end
    support.eq({ 404, '{"error":"PTY session not found"}' }, ask("GET", "/process/pty/create-connect?id=x"))
  end)

  it("takes an encoded slash for a slash", function()
    support.eq(201, box:ask("POST", "/process/session", { sessionId = "x/y" }).status)
    support.eq({ 404, "404 page not found" }, ask("GET", "/process/session/x%2Fy"))
    support.eq({ 404, "404 page not found" }, ask("DELETE", "/process/session/x%2Fy"))
  end)

  it("says what failed in the older ways", function()
    support.eq({ 404, "" }, ask("GET", "/files/info?path=none"))
    support.eq({ 400, "" }, ask("GET", "/files/info"))
    support.eq({ 400, "" }, ask("GET", "/port/1/in-use"))
    support.eq({ 404, "" }, ask("DELETE", "/process/interpreter/context/none"))
    support.eq({ 404, '{"error":"PTY session not found"}' }, ask("GET", "/process/pty/none"))
    support.eq({ 400, '{"error":"session ID is required"}' }, ask("POST", "/process/pty", {}))
    support.eq({ 410, '{"error":"PTY session none not found"}' },
      ask("POST", "/process/pty/none/resize", { cols = 1, rows = 1 }))
    support.eq({ 400, '{"error":"request body must be {\\"paths\\": [ ... ]} and non-empty"}' },
      ask("POST", "/files/bulk-download", {}))
    local kinds = {}
    for i, answer in ipairs { box:ask("GET", "/process/session/none"), box:ask("POST", "/process/execute", {}),
      box:ask("POST", "/process/execute", { command = "sleep 9", timeout = 1 }) } do
      kinds[i] = { answer.json.code, answer.json.message }
    end
    support.eq({
      { "NOT_FOUND", "not found: session not found" },
      { "BAD_REQUEST", "bad request: invalid request body: Key: 'ExecuteRequest.Command' "
        .. "Error:Field validation for 'Command' failed on the 'required' tag" },
      { "REQUEST_TIMEOUT", "request timeout: command execution timeout" },
    }, kinds)
    local answer = box:ask("POST", "/process/execute", { command = " " })
    support.eq({
      statusCode = 400, message = "bad request: command cannot be empty or whitespace-only",
      code = "BAD_REQUEST", timestamp = support.any_string, path = "/process/execute", method = "POST",
    }, answer.json)
    assert.truthy(answer.head:find "[Cc]ontent%-[Tt]ype: application/json\r\n")
  end)

  it("starts the language server of TypeScript, unless it was asked for something before", function()
    local project = { languageId = "python", pathToProject = "/home/daytona" }
    local function lsp(method, path, body)
      return ask(method, "/lsp/" .. path, body or project)[1]
    end
    assert.equal(500, lsp("POST", "start")) -- there is none
    local query = "workspacesymbols?languageId=python&pathToProject=/home/daytona&query=x"
    support.eq({ 400, "" }, ask("GET", "/lsp/" .. query))
    assert.equal(200, lsp("POST", "start"))
    local function complete(line)
      return lsp("POST", "completions", { languageId = "python", pathToProject = "/home/daytona",
        uri = "file:///home/daytona/x.py", position = { line = line, character = 1 } })
    end
    assert.equal(400, complete(0))
    assert.equal(200, complete(1))
    assert.equal(200, lsp("POST", "stop"))
    assert.equal(500, lsp("POST", "start"))
  end)

  it("has a list of errors for files that came together", function()
    local form = require("spec.local.toolbox_support").form { { "files[0].file", "x", "x" } }
    local _, err = box.box:call("POST", "/files/bulk-upload", { raw = true, body = form.body, headers = form.headers })
    support.eq({ 400, '{"errors":["file[0]: missing .path metadata"],"files":null}' }, { err.status, err.body })
  end)

  it("lists one directory, whatever the depth, and no paths", function()
    box.box:sh "mkdir -p tree/a/b; touch tree/a/x"
    local list = box:ask("GET", "/files?path=tree&depth=3").json
    assert.equal(1, #list)
    assert.is_nil(list[1].path)
  end)

  it("downloads nothing of what says that it is empty, and no name that is not UTF-8", function()
    support.eq({ 200, "" }, ask("GET", "/files/download?path=/proc/version"))
    box.box:sh "printf x > $(printf 'a\\377')"
    support.eq({ 404, "404 page not found" }, ask("GET", "/files/download?path=a%FF"))
  end)

  it("has a shell read the arguments of code", function()
    assert.equal("['it', 'is', 'x']\nINJECTED\n",
      run("import sys; print(sys.argv[1:])", { "it is", "x; echo INJECTED" }).result)
    assert.equal(2, run("print(1)", { "it's" }).exitCode)
  end)

  it("counts the line of its own in JavaScript", function()
    assert.truthy(run("throw new Error('x')", nil, "javascript").result:find("[stdin]:2", 1, true))
  end)

  it("waits at a timeout for who left the process group", function()
    local started = support.now()
    local answer = box:ask("POST", "/process/execute", { command = "setsid sleep 2; echo x", timeout = 1 })
    support.eq({ 408, "REQUEST_TIMEOUT" }, { answer.status, answer.json.code })
    assert.is_true(support.now() - started >= 1.9)
  end)

  it("may lose what a terminal showed last, and does not tell the end but by closing", function()
    support.eq(201, box:ask("POST", "/process/pty", { id = "p" }).status)
    local ws = box.box:websocket("/process/pty/p/connect", {
      protocols = { "X-Daytona-SDK-Version~0.205.1", "X-Daytona-Pty-Exit-Control" },
    })
    ws:expect "%$ "
    ws:send "printf 'la%s\\n' st; exit 3\n"
    local shown, texts, close = ws:rest()
    ws:drop()
    assert.falsy(shown:find("last", 1, true))
    support.eq(1011, close.code)
    assert.falsy(table.concat(texts):find("exited", 1, true))
  end)

  describe("git", function()
    local function clone(options)
      options.path = options.path or "clone"
      options.url = options.url or git.public_url
      local answer = box:ask("POST", "/git/clone", options)
      return { answer.status, answer.json and answer.json.message }
    end

    before_each(function()
      box.box:sh "rm -rf clone; mkdir clone; echo mine > clone/mine"
    end)

    it("clones over what is there, whole, with no upstream", function()
      support.eq({ 200 }, clone { depth = 1 })
      assert.equal("mine\n", box.box:sh "cat clone/mine")
      assert.truthy(tonumber(box.box:sh "git -C clone rev-list --count HEAD") > 1)
      local status = box:ask("GET", "/git/status?path=clone").json
      support.eq({ "main", false }, { status.currentBranch, status.branchPublished })
      support.eq({ 409, "conflict: repository already exists" }, clone {})
    end)

    it("has an upstream where a branch was named", function()
      support.eq({ 200 }, clone { branch = "feature" })
      local status = box:ask("GET", "/git/status?path=clone").json
      support.eq({ "feature", true }, { status.currentBranch, status.branchPublished })
    end)

    it("leaves a clone whose commit is unknown", function()
      support.eq({ 404, "not found: object not found" }, clone { commit_id = ("0"):rep(40) })
      assert.equal("main\n", box.box:sh "git -C clone branch --show-current")
    end)

    it("answers 500 for most of what fails", function()
      support.eq({ 500, 'couldn\'t find remote ref "refs/heads/nope"' }, clone { branch = "nope" })
      support.eq(500, clone { url = "http://127.0.0.1:1/x.git" }[1])
      support.eq({ 401, "unauthorized: invalid auth method" }, clone { url = "ssh://127.0.0.1/x.git" })
      support.eq({ 401, "unauthorized: authentication required" }, clone { url = git.private_url })
      support.eq({ 404, "not found: repository not found" }, clone { url = git.missing_url })
      box.box:sh "touch file"
      support.eq(500, clone { path = "file" }[1])
      clone {}
      local answer = box:ask("POST", "/git/commit",
        { path = "clone", message = "m", author = "a", email = "a@example.com" })
      support.eq({ 500, "cannot create empty commit: clean working tree" },
        { answer.status, answer.json.message })
    end)
  end)
end)

describe("--as v0.190, the control plane", function()
  local server

  setup(function()
    server = control.serve { arguments = "--as v0.190" }
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  it("says at its start what it is", function()
    assert.truthy(server:log():find("--as v0.190: behaves as that older version", 1, true))
    assert.equal("v0.190.0", server:get("/config").version)
  end)

  it("does not see newer options", function()
    local sandbox = server:create { ttlMinutes = 5, autoPauseInterval = 5, networkAllowList = "10.0.0.0/8" }
    assert.equal("started", sandbox.state)
    assert.is_nil(sandbox.autoDestroyAt)
    assert.is_nil(server:get("/sandbox").items[1].networkBlockAll)
    server:create { kvm = true, class = "small" }
    assert.is_nil(sandbox.autoPauseInterval)
    server:refuses(422, "Pausing is not supported for this sandbox", "POST", "/sandbox/" .. sandbox.id .. "/pause")
    server:refuses(404, "Cannot POST /api/sandbox/" .. sandbox.id .. "/ttl/5", "POST",
      "/sandbox/" .. sandbox.id .. "/ttl/5")
    server:refuses(404, "Cannot GET /api/warm-pools", "GET", "/warm-pools")
    server:refuses(400, "Sandbox is not in a recoverable state", "POST", "/sandbox/" .. sandbox.id .. "/recover")
  end)
end)

describe("daytona-local serve", function()
  it("refuses a server that it cannot be, and rates that are none", function()
    local output, status = control.run "--as v1"
    support.eq({ "daytona-local: --as: v0.190 expected, got 'v1'\nTry 'daytona-local serve --help'.\n", 2 },
      { output, status })
    local program = support.quote(os.getenv "DAYTONA_LOCAL" or "daytona-local")
    output = support.run("DAYTONA_LOCAL_AS=v0.190 DAYTONA_LOCAL_STUCK_ONE_IN=x " .. program .. " serve")
    assert.truthy(output:find("DAYTONA_LOCAL_STUCK_ONE_IN: a number from 0", 1, true))
  end)
end)
