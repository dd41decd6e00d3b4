-- daytona.actions: the twelve under their published names and fields.

local daytona = require "daytona"

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local actions = daytona.actions
local check, fails = e2e.check, e2e.fails

local acting = require "spec.support.actions"
local PUBLISHED = require "spec.support.published_actions"

local SANDBOX_FIELDS = {
  id = "string", name = "string", state = "string", snapshot = "string", target = "string", cpu = "number",
  gpu = "number", memory = "number", disk = "number", labels = "table", public = "boolean",
  autoStopInterval = "number", createdAt = "string", updatedAt = "string",
} -- and errorReason

describe("daytona.actions", function()
  local server, client, sandbox, repository

  setup(function()
    repository = support.git_server()
    server = e2e.start(nil, nil, { repository })
    client = check(server:client())
    sandbox = check(client:create { name = "acted on", language = "python" })
  end)

  teardown(function()
    client:close()
    server:stop()
    support.cleanup()
  end)

  local try, act = acting(function()
    return server, sandbox
  end)

  local function is_sandbox(output)
    for field, kind in pairs(SANDBOX_FIELDS) do
      assert.equal(kind, type(output[field]), field)
    end
    assert.is_nil(output.errorReason)
    for field in pairs(output) do
      assert.truthy(SANDBOX_FIELDS[field], field)
    end
    return output
  end

  it("are the twelve", function()
    local found = {}
    for name in pairs(actions) do
      found[name] = true
    end
    found.schemas, found.bind, found.encode = nil, nil, nil
    for name in pairs(PUBLISHED) do
      assert.equal("function", type(actions[name]), name)
      found[name] = nil
    end
    assert.same({}, found)
  end)

  it("lead a sandbox through its life", function()
    local made = act("create_sandbox", {
      name = "made", env = { A = "1" }, labels = { l = "2" }, autoStopInterval = 30, autoArchiveInterval = 60,
      autoDeleteInterval = 90, public = true, target = sandbox.target, snapshot = sandbox.snapshot,
    }).sandbox
    is_sandbox(made)
    assert.equal("made", made.name)
    assert.equal("started", made.state)
    assert.equal("2", made.labels.l)
    assert.equal(30, made.autoStopInterval)
    local handle = check(client:get(made.id))
    assert.same({ 60, 90 }, { handle.auto_archive_interval, handle.auto_delete_interval })
    assert.is_true(made.public)
    assert.equal("1\n", act("execute_command", { sandboxId = made.id, command = "echo $A" }).result)

    assert.equal(made.id, is_sandbox(act("get_sandbox", { sandboxId = "made" }).sandbox).id)
    assert.equal("stopped", is_sandbox(act("stop_sandbox", { sandboxId = made.id }).sandbox).state)
    fails({ kind = "bad_request", status = 400 }, try("stop_sandbox", { sandboxId = made.id }))
    assert.equal("started", is_sandbox(act("start_sandbox", { sandboxId = "made" }).sandbox).state)
    local deleted = act("delete_sandbox", { sandboxId = "made" }).sandbox
    assert.equal(made.id, is_sandbox(deleted).id)
    assert.equal("destroyed", deleted.state)
    for _, name in ipairs { "get_sandbox", "start_sandbox", "stop_sandbox", "delete_sandbox" } do
      fails({ kind = "not_found", status = 404 }, try(name, { sandboxId = made.id }))
    end
  end)

  it("list sandboxes", function()
    local others = {}
    for index = 1, 3 do
      others[index] = act("create_sandbox", { name = "Many-" .. index, labels = { many = "yes" } }).sandbox.id
    end
    local all = act("list_sandboxes", { labels = { many = "yes" } })
    assert.equal(3, #all.sandboxes)
    assert.is_nil(all.nextCursor)
    for _, one in ipairs(all.sandboxes) do
      is_sandbox(one)
    end
    local seen, cursor, pages = {}, nil, 0
    repeat
      local page = act("list_sandboxes", { name = "many-", limit = "1", cursor = cursor })
      for _, one in ipairs(page.sandboxes) do
        seen[one.id] = true
      end
      cursor, pages = page.nextCursor, pages + 1
      assert.is_true(cursor == nil or type(cursor) == "string")
    until not cursor or pages > 10
    for _, id in ipairs(others) do
      assert.is_true(seen[id])
      act("delete_sandbox", { sandboxId = id })
    end
    assert.same({ sandboxes = {} }, act("list_sandboxes", { name = "nobody has this name" }))
  end)

  it("execute commands", function()
    assert.same({ exitCode = 3, result = "out\nerr\n" },
      act("execute_command", { command = "echo out; echo err >&2; exit 3" }))
    assert.same({ exitCode = 0, result = "/tmp x\n" },
      act("execute_command", { command = "echo $PWD $V", cwd = "/tmp", env = { V = "x" }, timeout = 5 }))
    assert.equal(-1, act("execute_command", { command = "kill -9 $$" }).exitCode)
    fails({ kind = "timeout", status = 408, code = "PROCESS_EXECUTION_TIMEOUT" },
      try("execute_command", { command = "sleep 100", timeout = "1" }))
  end)

  it("run code", function()
    local output = act("run_code", { code = "import os; print(os.environ['V'] * 2)", language = "python",
      env = { V = "ab" }, timeout = 20 })
    assert.equal(0, output.exitCode)
    assert.equal("abab\n", output.result)
    assert.is_nil(output.artifacts)
    local javascript = act("run_code", { code = "console.log(6 * 7); process.exit(4)", language = "javascript" })
    if javascript.exitCode ~= 127 then
      assert.same({ 4, "42\n" }, { javascript.exitCode, javascript.result })
    end
  end)

  it("list files", function()
    check(sandbox.fs:create_folder "l/sub")
    check(sandbox.fs:upload_file({ content = "12345" }, "l/file"))
    local files = act("list_files", { path = "l" }).files
    assert.equal(2, #files)
    local file = files[1]
    for field, kind in pairs { name = "string", isDir = "boolean", size = "number", mode = "string",
      permissions = "string", owner = "string", group = "string", modifiedAt = "string" } do
      assert.equal(kind, type(file[field]), field)
    end
    assert.same({ "file", false, 5, "-rw-r--r--", "0644" },
      { file.name, file.isDir, file.size, file.mode, file.permissions })
    assert.is_true(files[2].isDir)
    assert.truthy(#act("list_files").files > 0)
    check(sandbox.fs:create_folder "l/none")
    assert.same({ files = {} }, act("list_files", { path = "l/none" }))
    fails({ kind = "not_found" }, try("list_files", { path = "nowhere" }))
  end)

  it("clone repositories", function()
    local output = act("git_clone", { url = repository.public_url, path = "g/one" })
    assert.same({ repoUrl = repository.public_url, clonePath = "g/one" }, output)
    act("git_clone", { url = repository.private_url, path = "g/two", branch = "feature",
      commitId = repository.commits.first }, { username = repository.username, password = repository.password })
    assert.equal(repository.commits.first .. "\n", e2e.shell(sandbox, "git -C g/two rev-parse HEAD"))
    local err = fails({ kind = "unauthorized", code = "GIT_AUTH_FAILED" }, try("git_clone", {
      url = repository.private_url, path = "g/three" }, { username = "reader", password = "wrong-secret" }))
    assert.is_nil(tostring(err):find("wrong-secret", 1, true))
    fails({ kind = "unauthorized" }, try("git_clone", { url = repository.private_url, path = "g/four",
      username = repository.username, password = repository.password })) -- a model's words are not credentials
    repository:close()
  end)

  it("tolerate empty answers to start, stop and delete", function()
    local faulty = support.fault_server()
    local id = "sb-1"
    local states = { start = "started", stop = "stopped", delete = "destroyed" }
    for name, state in pairs(states) do
      local path = name == "delete" and "/sandbox/" .. id or ("/sandbox/%s/%s"):format(id, name)
      faulty:reset()
      faulty:script({ path = "/api" .. path, method = name == "delete" and "DELETE" or "POST" }, { { status = 200 } })
      faulty:script({ path = "/api/sandbox/" .. id, method = "GET" }, { { body = { id = id, state = state } } })
      local output = check(actions["daytona_" .. name .. "_sandbox"]({ sandboxId = id },
        { apiKey = "k", apiUrl = faulty:url "/api" }))
      assert.equal(state, output.sandbox.state)
    end
    faulty:close()
  end)

  it("pass on the artifacts that the server sent", function()
    local faulty = support.fault_server()
    local function artifacts_of(answer)
      faulty:reset()
      faulty:script({ path = "/api/sandbox/sb-1" },
        { { body = { id = "sb-1", state = "started", toolboxProxyUrl = faulty:url "/toolbox" } } })
      faulty:script({ path = "/toolbox/sb-1/process/code-run" }, { { body = answer } })
      return check(actions.daytona_run_code({ sandboxId = "sb-1", code = "x", language = "python" },
        { apiKey = "k", apiUrl = faulty:url "/api" }))
    end
    local output = artifacts_of '{"exitCode":0,"result":"r","artifacts":{"charts":[],"files":["a"]}}'
    assert.same({ "a" }, output.artifacts.files)
    assert.equal("[]", actions.encode(output.artifacts.charts))
    assert.same({ exitCode = -1, result = "" }, artifacts_of '{"artifacts":null}')
    faulty:close()
  end)

  it("encode empty lists as lists", function()
    assert.equal('{"sandboxes":[]}', actions.encode(act("list_sandboxes", { name = "nobody has this name" })))
    check(sandbox.fs:create_folder "l/empty")
    assert.equal('{"files":[]}', actions.encode(act("list_files", { path = "l/empty" })))
  end)

  it("never show the env of a sandbox", function()
    local made = act("create_sandbox", { env = { TOKEN = "hunter2" } })
    local id = made.sandbox.id
    for _, output in ipairs { made, act("get_sandbox", { sandboxId = id }), act "list_sandboxes",
      act("stop_sandbox", { sandboxId = id }), act("delete_sandbox", { sandboxId = id }) } do
      assert.is_nil(actions.encode(output):find("hunter2", 1, true))
    end
  end)

  it("use a client of the program", function()
    local tools = actions.bind { client = client }
    assert.equal("x\n", check(tools.daytona_execute_command { sandboxId = sandbox.id, command = "echo x" }).result)
    assert.equal(sandbox.id, check(client:get(sandbox.id)).id) -- which is not closed
  end)

  it("can be bound to what the program says", function()
    local tools = actions.bind { apiKey = server.api_key, apiUrl = server.api_url, files = { a = { content = "A" } } }
    local input = { sandboxId = sandbox.id, file = "a", destinationPath = "bound" }
    assert.equal(1, check(tools.daytona_upload_file(input)).size)
    assert.equal("A", check(tools.daytona_download_file { sandboxId = sandbox.id, filePath = "bound" }).file.content)
    local other = { apiKey = "k", apiUrl = "http://127.0.0.1:1/api" }
    fails({ kind = "connection" }, actions.daytona_get_sandbox({ sandboxId = sandbox.id }, other))
    assert.equal(sandbox.id, check(tools.daytona_get_sandbox({ sandboxId = sandbox.id }, other)).sandbox.id)
    local ok, message = pcall(actions.bind, { api_key = "k" })
    assert.is_false(ok)
    assert.truthy(message:find("actions.bind: unknown field 'api_key'", 1, true))
  end)

  it("say when the key is wrong, without the key", function()
    local err = fails({ kind = "unauthorized", status = 401 },
      try("get_sandbox", {}, { apiKey = "dtn_wrong_one" }))
    assert.is_nil(tostring(err):find("dtn_wrong_one", 1, true))
  end)

  it("leave no connection behind", function()
    act "get_sandbox"
    local _, before = support.open_fds()
    for _ = 1, 5 do
      act "get_sandbox"
      try("download_file", { filePath = "none" })
      try("get_sandbox", { sandboxId = "none" })
    end
    local _, after = support.open_fds()
    assert.equal(before, after)
  end)

  it("do not change the caller's input", function()
    local input = { sandboxId = " " .. sandbox.id, command = "true", timeout = "5" }
    local program = { apiKey = server.api_key, apiUrl = server.api_url }
    check(actions.daytona_execute_command(input, program))
    assert.same({ sandboxId = " " .. sandbox.id, command = "true", timeout = "5" }, input)
    assert.same({ apiKey = server.api_key, apiUrl = server.api_url }, program)
  end)
end)
