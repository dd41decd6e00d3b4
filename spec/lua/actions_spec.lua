-- daytona.actions: the twelve under their published names and fields.

local core = require "daytona.core"
local daytona = require "daytona"

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local actions = daytona.actions
local check, fails = e2e.check, e2e.fails

-- The published inputs (! means required) and outputs.
local PUBLISHED = {
  daytona_create_sandbox = {
    "snapshot string", "name string", "target string", "user string", "env object", "labels object", "cpu number",
    "memory number", "disk number", "autoStopInterval number", "autoArchiveInterval number",
    "autoDeleteInterval number", "public boolean",
  },
  daytona_list_sandboxes = { "limit number", "name string", "labels object", "cursor string" },
  daytona_get_sandbox = { "sandboxId! string" },
  daytona_start_sandbox = { "sandboxId! string" },
  daytona_stop_sandbox = { "sandboxId! string" },
  daytona_delete_sandbox = { "sandboxId! string" },
  daytona_execute_command = {
    "sandboxId! string", "command! string", "cwd string", "env object", "timeout number",
  },
  daytona_run_code = { "sandboxId! string", "code! string", "language! string", "env object", "timeout number" },
  daytona_upload_file = {
    "sandboxId! string", "destinationPath! string", "file any", "fileContent string", "fileName string",
  },
  daytona_download_file = { "sandboxId! string", "filePath! string", "savePath string" },
  daytona_list_files = { "sandboxId! string", "path string" },
  daytona_git_clone = {
    "sandboxId! string", "url! string", "path! string", "branch string", "commitId string", "username string",
    "password string",
  },
}

local SANDBOX_FIELDS = {
  id = "string", name = "string", state = "string", snapshot = "string", target = "string", cpu = "number",
  gpu = "number", memory = "number", disk = "number", labels = "table", public = "boolean",
  autoStopInterval = "number", createdAt = "string", updatedAt = "string",
}

describe("daytona.actions", function()
  local server, client, sandbox, directory

  setup(function()
    server = e2e.start()
    client = check(server:client())
    sandbox = check(client:create { name = "acted on", language = "python" })
    directory = support.temp_dir()
  end)

  teardown(function()
    client:close()
    server:stop()
    support.cleanup()
  end)

  -- Calls an action with the credentials and, unless given, the sandbox.
  local function try(name, input)
    local full = { apiKey = server.api_key, apiUrl = server.api_url }
    for key, value in pairs(input or {}) do
      full[key] = value
    end
    if PUBLISHED["daytona_" .. name][1] == "sandboxId! string" and full.sandboxId == nil then
      full.sandboxId = sandbox.id
    end
    return actions["daytona_" .. name](full)
  end

  local function act(name, input)
    return check(try(name, input))
  end

  local function is_sandbox(output)
    for field, kind in pairs(SANDBOX_FIELDS) do
      assert.equal(kind, type(output[field]), field)
    end
    assert.is_nil(output.errorReason)
    for field in pairs(output) do
      assert.is_nil(field:find "_", field)
    end
    return output
  end

  it("are the twelve", function()
    local found = {}
    for name in pairs(actions) do
      found[name] = true
    end
    found.schemas = nil
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
    assert.equal(60, made.autoArchiveInterval)
    assert.equal(90, made.autoDeleteInterval)
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
    assert.same({ charts = {} }, output.artifacts)
    local javascript = act("run_code", { code = "console.log(6 * 7); process.exit(4)", language = "javascript" })
    if javascript.exitCode ~= 127 then
      assert.same({ 4, "42\n" }, { javascript.exitCode, javascript.result })
    end
  end)

  it("upload files of every form", function()
    local path = support.write_file(directory .. "/local.txt", "from a path")
    local file = assert(io.open(path, "rb"))
    local cases = {
      { { file = path, destinationPath = "a/" }, "a/local.txt", "from a path" },
      { { file = path, destinationPath = "a/", fileName = "renamed" }, "a/renamed", "from a path" },
      { { file = file, destinationPath = "a/opened" }, "a/opened", "from a path" },
      { { file = { name = "n.bin", content = "\0\255" }, destinationPath = "a/" }, "a/n.bin", "\0\255" },
      { { file = { content = "" }, destinationPath = "a/empty" }, "a/empty", "" },
      { { fileContent = "aGVsbG8gd29ybGQ=", destinationPath = "a/b64" }, "a/b64", "hello world" },
      { { fileContent = "aGVs\nbG8", fileName = "f", destinationPath = "a/" }, "a/f", "hello" },
      { { fileContent = "AP8=", destinationPath = "a/bytes" }, "a/bytes", "\0\255" },
    }
    for _, case in ipairs(cases) do
      local output = act("upload_file", case[1])
      assert.same({ uploadedPath = case[2], name = case[2]:match "[^/]+$", size = #case[3] }, output)
      assert.equal(case[3], check(sandbox.fs:download_file(case[2])))
    end
    assert.equal("file", io.type(file))
    file:close()
  end)

  it("download files", function()
    check(sandbox.fs:upload_file({ content = "a,b\n\0" }, "d/table.csv"))
    assert.same({
      file = { name = "table.csv", content = "a,b\n\0" }, name = "table.csv", mimeType = "text/csv", size = 5,
    }, act("download_file", { filePath = "d/table.csv" }))
    local saved = act("download_file", { filePath = "d/table.csv", savePath = directory .. "/saved" })
    assert.equal(directory .. "/saved", saved.file.path)
    assert.is_nil(saved.file.content)
    assert.equal(5, saved.size)
    assert.equal("table.csv", saved.name)
    assert.equal("text/csv", saved.mimeType)
    assert.equal("a,b\n\0", support.read_file(directory .. "/saved"))
    act("download_file", { filePath = "d/table.csv", savePath = directory .. "/" })
    assert.equal("a,b\n\0", support.read_file(directory .. "/table.csv"))
    check(sandbox.fs:upload_file({ content = "" }, "no-ending"))
    assert.same({ file = { name = "no-ending", content = "" }, name = "no-ending",
      mimeType = "application/octet-stream", size = 0 }, act("download_file", { filePath = "no-ending" }))
    fails({ kind = "not_found", code = "FILE_NOT_FOUND" }, try("download_file", { filePath = "none" }))
    fails({ kind = "file" }, try("download_file", { filePath = "d/table.csv", savePath = "/no/such/dir/x" }))
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
    local repository = support.git_server()
    local output = act("git_clone", { url = repository.public_url, path = "g/one" })
    assert.same({ repoUrl = repository.public_url, clonePath = "g/one" }, output)
    act("git_clone", { url = repository.private_url, path = "g/two", branch = "feature",
      commitId = repository.commits.first, username = repository.username, password = repository.password })
    assert.equal(repository.commits.first .. "\n", e2e.shell(sandbox, "git -C g/two rev-parse HEAD"))
    local err = fails({ kind = "unauthorized", code = "GIT_AUTH_FAILED" }, try("git_clone", {
      url = repository.private_url, path = "g/three", username = "reader", password = "wrong-secret" }))
    assert.is_nil(tostring(err):find("wrong-secret", 1, true))
    repository:close()
  end)

  describe("take what a language model gives", function()
    it("numbers and booleans as strings", function()
      local made = act("create_sandbox", { autoStopInterval = "30", autoDeleteInterval = " -1 ", public = "true",
        autoArchiveInterval = "60.0" }).sandbox
      assert.equal(30, made.autoStopInterval)
      assert.equal(60, made.autoArchiveInterval)
      assert.equal(-1, made.autoDeleteInterval)
      assert.is_true(made.public)
      act("delete_sandbox", { sandboxId = made.id })
      made = act("create_sandbox", { public = "False", autoStopInterval = 5.0 }).sandbox
      assert.is_false(made.public)
      assert.equal(5, made.autoStopInterval)
      act("delete_sandbox", { sandboxId = made.id })
    end)

    it("maps with numbers and booleans in them", function()
      local output = act("execute_command", { command = "echo $A $B $C", env = { A = 1, B = true, C = 1.5 } })
      assert.equal("1 true 1.5\n", output.result)
    end)

    it("empty strings and nulls for what is absent", function()
      local made = act("create_sandbox", { snapshot = "", name = "", target = "", user = "", cpu = "", public = "",
        autoStopInterval = daytona.null }).sandbox
      assert.equal(made.id, made.name)
      act("delete_sandbox", { sandboxId = made.id })
      assert.equal("x\n", act("execute_command", { command = "echo x", cwd = "", timeout = "" }).result)
      assert.truthy(act("list_files", { path = "" }).files)
      assert.truthy(act("list_sandboxes", { cursor = "", limit = "", name = "" }).sandboxes)
    end)

    it("ids with white space around them, and names", function()
      assert.equal(sandbox.id, act("get_sandbox", { sandboxId = "  " .. sandbox.id .. "\n" }).sandbox.id)
      assert.equal("x\n", act("execute_command", { sandboxId = " acted on ", command = "echo x" }).result)
    end)
  end)

  describe("refuse, before anything is sent,", function()
    -- The address answers nothing: whatever is sent gives another kind.
    local function refuses(name, input, message)
      input.apiKey = input.apiKey == nil and "k" or input.apiKey or nil
      input.apiUrl = input.apiUrl or "http://127.0.0.1:1/api"
      local err = fails({ kind = "bad_request", operation = "daytona_" .. name, outcome = "failed" },
        actions["daytona_" .. name](input))
      assert.is_nil(err.status)
      assert.equal(message, err.message)
    end

    it("what is missing", function()
      for name, inputs in pairs(PUBLISHED) do
        local given = {}
        for _, input in ipairs(inputs) do
          local field = input:match "^(%w+)!"
          if field then
            local some = {}
            for key, value in pairs(given) do
              some[key] = value
            end
            refuses(name:gsub("daytona_", ""), some, ("field '%s': required"):format(field))
            given[field] = "x"
          end
        end
      end
      refuses("upload_file", { sandboxId = "x", destinationPath = "y" }, "field 'file': required (or fileContent)")
    end)

    it("blank ids", function()
      for _, id in ipairs { "", " ", "\t\n " } do
        for name, inputs in pairs(PUBLISHED) do
          if inputs[1]:find "^sandboxId" then
            refuses(name:gsub("daytona_", ""), { sandboxId = id }, "field 'sandboxId': required")
          end
        end
      end
    end)

    it("what has the wrong type", function()
      refuses("get_sandbox", { sandboxId = 5 }, "field 'sandboxId': string expected, got number")
      refuses("create_sandbox", { labels = "a=b" }, "field 'labels': object expected, got string")
      refuses("create_sandbox", { env = { A = {} } }, "field 'env': object of strings expected, got table")
      refuses("create_sandbox", { public = "yes" }, "field 'public': boolean expected, got string")
      refuses("create_sandbox", { autoStopInterval = "soon" }, "field 'autoStopInterval': integer expected, got string")
      refuses("create_sandbox", { autoStopInterval = 1.5 }, "field 'autoStopInterval': integer expected, got number")
      refuses("list_sandboxes", { limit = 201 }, "field 'limit': integer from 1 to 200 expected, got number")
      refuses("list_sandboxes", { limit = "0" }, "field 'limit': integer from 1 to 200 expected, got string")
      refuses("run_code", { sandboxId = "x", code = "y", language = "ruby" },
        "field 'language': python, javascript, typescript expected, got 'ruby'")
      refuses("upload_file", { sandboxId = "x", destinationPath = "y", fileContent = "no base64!" },
        "field 'fileContent': not base64")
      refuses("upload_file", { sandboxId = "x", destinationPath = "y/", fileContent = "AAAA" },
        "field 'fileName': required, the destination is a directory")
      refuses("upload_file", { sandboxId = "x", destinationPath = "y", file = 5 },
        "field 'file': path, open file or { name, content } expected")
    end)

    it("what it does not know", function()
      refuses("get_sandbox", { sandboxId = "x", sandbox_id = "y" }, "unknown field 'sandbox_id'")
    end)

    it("calls without a key or without a table", function()
      refuses("get_sandbox", { apiKey = false, sandboxId = "x" }, "field 'apiKey': required")
      refuses("get_sandbox", { apiKey = "", sandboxId = "x" }, "field 'apiKey': required")
      for name in pairs(PUBLISHED) do
        local err = fails({ kind = "bad_request", operation = name }, actions[name]())
        assert.equal("table expected, got nil", err.message)
      end
    end)

    it("addresses that are none", function()
      local err = fails({ kind = "bad_request" }, actions.daytona_get_sandbox {
        apiKey = "k", apiUrl = "ftp://x", sandboxId = "x" })
      assert.truthy(err.message:find("ftp://x", 1, true))
    end)
  end)

  it("say when the key is wrong, without the key", function()
    local err = fails({ kind = "unauthorized", status = 401 },
      try("get_sandbox", { apiKey = "dtn_wrong_one" }))
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
    local input = { apiKey = server.api_key, apiUrl = server.api_url, sandboxId = " " .. sandbox.id,
      command = "true", timeout = "5" }
    check(actions.daytona_execute_command(input))
    assert.same({ apiKey = server.api_key, apiUrl = server.api_url, sandboxId = " " .. sandbox.id,
      command = "true", timeout = "5" }, input)
  end)
end)

describe("actions.schemas", function()
  local rows = {}
  for _, row in ipairs(core.operations()) do
    rows[row.name] = row
  end

  local by_name = {}
  for _, schema in ipairs(actions.schemas()) do
    by_name[schema.name] = schema
  end

  it("has one for each action, in a fixed order", function()
    assert.equal(12, #actions.schemas())
    for name in pairs(PUBLISHED) do
      assert.truthy(by_name[name], name)
    end
    for index, schema in ipairs(actions.schemas()) do
      assert.equal(schema.name, actions.schemas()[index].name)
    end
  end)

  it("has the published inputs, and the two credentials", function()
    for name, inputs in pairs(PUBLISHED) do
      local parameters = by_name[name].parameters
      assert.equal("object", parameters.type)
      assert.is_false(parameters.additionalProperties)
      local required = {}
      for _, field in ipairs(parameters.required) do
        required[field] = true
      end
      local expected = { "apiKey! string", "apiUrl string" }
      for _, input in ipairs(inputs) do
        expected[#expected + 1] = input
      end
      local left = {}
      for field in pairs(parameters.properties) do
        left[field] = true
      end
      for _, input in ipairs(expected) do
        local field, mark, kind = input:match "^(%w+)(!?) (%w+)$"
        local property = parameters.properties[field]
        assert.truthy(property, name .. " lacks " .. field)
        assert.equal(mark == "!" or nil, required[field], name .. "." .. field)
        local shown = property.type or "any"
        assert.equal(kind, shown == "integer" and "number" or shown, name .. "." .. field)
        assert.equal("string", type(property.description), name .. "." .. field)
        left[field] = nil
      end
      assert.same({}, left)
    end
  end)

  it("says what the operations table says", function()
    local function field_of(operation, name)
      for _, field in ipairs(rows[operation].params) do
        if field.name == name then
          return field
        end
      end
    end
    local limit = by_name.daytona_list_sandboxes.parameters.properties.limit
    local field = field_of("sandbox.list", "limit")
    assert.equal(field.min, limit.minimum)
    assert.equal(field.max, limit.maximum)
    assert.equal(field.doc, limit.description)
    assert.equal("integer", limit.type)
    local env = by_name.daytona_execute_command.parameters.properties.env
    assert.same({ type = "string" }, env.additionalProperties)
    assert.equal(rows["process.exec"].doc, by_name.daytona_execute_command.description)
    assert.same({ "python", "javascript", "typescript" },
      by_name.daytona_run_code.parameters.properties.language.enum)
  end)

  it("can leave the credentials out", function()
    for _, schema in ipairs(actions.schemas { credentials = false }) do
      assert.is_nil(schema.parameters.properties.apiKey)
      assert.is_nil(schema.parameters.properties.apiUrl)
      for _, field in ipairs(schema.parameters.required) do
        assert.are_not.equal("apiKey", field)
      end
    end
  end)

  it("is plain data that becomes JSON", function()
    local text = support.json.encode(actions.schemas())
    assert.equal(12, #support.json.decode(text))
    assert.is_nil(text:find '"required":{}')
  end)
end)
