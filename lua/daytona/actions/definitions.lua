--- The twelve actions: the row that describes each, its inputs, and what it
--- does with them.

local core = require "daytona.core"
local files = require "daytona.actions.files"
local known = require "daytona.actions.known"
local mime = require "daytona.text.mime"
local naming = require "daytona.text.naming"
local process = require "daytona.process"

local DEFAULT_TIMEOUT = 10 -- seconds of a command or program

-- All that an action shows of a sandbox.  Its env may hold secrets, and outputs
-- are read by models.
local SANDBOX_FIELDS = {
  "id", "name", "state", "snapshot", "target", "cpu", "gpu", "memory", "disk", "labels", "public", "error_reason",
  "auto_stop_interval", "created_at", "updated_at",
}

local function shown(sandbox)
  local fields = {}
  for _, name in ipairs(SANDBOX_FIELDS) do
    fields[naming.camel(name)] = sandbox[name]
  end
  return fields
end

--- Shows a sandbox; one that goes on living is remembered.
local function sandbox_output(sandbox, err, client, id)
  if not sandbox then
    return nil, err
  elseif client then
    known.keep(client, sandbox, id)
  end
  return { sandbox = shown(sandbox) }
end

--- A list of the answer, which is [] in JSON also when it is empty.
local function list(items)
  return core.array(items)
end

local SANDBOX_ID = { "sandboxId", required = true, trim = true }

--- Actions that do one thing to a sandbox and show it.
local function on_sandbox(name, operation, method)
  return {
    name = name,
    operation = operation,
    inputs = { SANDBOX_ID },
    run = function(client, input)
      local sandbox, err = client[method](client, input.sandboxId)
      return sandbox_output(sandbox, err, client, input.sandboxId)
    end,
  }
end

local function create(client, input)
  local options = {}
  for name, value in pairs(input) do
    options[naming.snake(name)] = value
  end
  local sandbox, err = client:create(options)
  return sandbox_output(sandbox, err, client)
end

local function list_sandboxes(client, input)
  local page, err = client:list_page(input)
  if not page then
    return nil, err
  end
  local sandboxes = list {}
  for index, sandbox in ipairs(page.items) do
    sandboxes[index] = shown(sandbox)
  end
  return { sandboxes = sandboxes, nextCursor = page.next_cursor }
end

local function delete(client, input)
  local sandbox, err = client:get(input.sandboxId)
  if not sandbox then
    return nil, err
  end
  known.forget(client, input.sandboxId)
  return sandbox_output(sandbox:delete())
end

local function execute(client, input)
  local answer, err = known.sandbox(client, input.sandboxId).process:exec(input.command,
    { cwd = input.cwd, env = input.env, timeout = input.timeout or DEFAULT_TIMEOUT })
  if not answer then
    return nil, err
  end
  return { exitCode = answer.exit_code, result = answer.result }
end

local function run_code(client, input)
  local answer, err = process.run_code(known.sandbox(client, input.sandboxId), input.code,
    { language = input.language, env = input.env, timeout = input.timeout or DEFAULT_TIMEOUT })
  if not answer then
    return nil, err
  end
  local artifacts = answer.artifacts
  if artifacts and artifacts.charts then
    list(artifacts.charts)
  end
  return { exitCode = answer.exit_code, result = answer.result, artifacts = artifacts }
end

--- The error of a transfer, which may have been broken off for its size.
local function transfer_error(err, was_too_large)
  if was_too_large() then
    err.kind, err.message = "bad_request", files.too_large
  end
  return nil, err
end

local function upload(client, input, program)
  local source, name = files.source(input, program)
  if source == nil then
    return nil, name
  end
  local on_progress, was_too_large = files.cap()
  local uploaded, err = known.sandbox(client, input.sandboxId).fs:upload_file(source, input.destinationPath,
    { name = name, on_progress = on_progress })
  if not uploaded then
    return transfer_error(err, was_too_large)
  end
  return { uploadedPath = uploaded.path, name = uploaded.name, size = uploaded.bytes }
end

local function download(client, input, program)
  local path = input.filePath
  local name = path:match "([^/]+)/*$" or path
  local destination, beneath, problem = files.destination(path, name, program)
  if problem then
    return nil, problem
  end
  local on_progress, was_too_large = files.cap()
  local answer, err = known.sandbox(client, input.sandboxId).fs:download_file(path, destination,
    { beneath = beneath, on_progress = on_progress })
  if not answer then
    return transfer_error(err, was_too_large)
  end
  local is_saved = type(answer) == "table"
  local file = { name = name }
  if is_saved then
    file.path = beneath and (beneath:gsub("/*$", "/") .. destination) or destination
  else
    file.content = answer
  end
  return { file = file, name = name, mimeType = mime.type(name), size = is_saved and answer.bytes or #answer }
end

local function list_files(client, input)
  local found, err = known.sandbox(client, input.sandboxId).fs:list_files(input.path)
  if not found then
    return nil, err
  end
  local result = list {}
  for index, file in ipairs(found) do
    local fields = {}
    for name, value in pairs(file) do
      fields[naming.camel(name)] = value
    end
    result[index] = fields
  end
  return { files = result }
end

local function clone(client, input)
  local ok, err = known.sandbox(client, input.sandboxId).git:clone(input.url, input.path, {
    branch = input.branch, commit_id = input.commitId, username = input.username, password = input.password,
  })
  if not ok then
    return nil, err
  end
  return { repoUrl = input.url, clonePath = input.path }
end

--- `of`: the row's field, where the name does not say it; `by`: "program" for
--- what no model may fill in; `hidden`: accepted, but not offered to models.
return {
  {
    name = "daytona_create_sandbox",
    operation = "sandbox.create",
    inputs = {
      { "snapshot" }, { "name" }, { "target" }, { "user" }, { "env" }, { "labels" }, { "cpu" }, { "memory" },
      { "disk" }, { "autoStopInterval" }, { "autoArchiveInterval" }, { "autoDeleteInterval" }, { "public" },
    },
    run = create,
  },
  {
    name = "daytona_list_sandboxes",
    operation = "sandbox.list",
    inputs = { { "limit", clamp = true }, { "name" }, { "labels" }, { "cursor" } },
    run = list_sandboxes,
  },
  on_sandbox("daytona_get_sandbox", "sandbox.get", "get"),
  on_sandbox("daytona_start_sandbox", "sandbox.start", "start"),
  on_sandbox("daytona_stop_sandbox", "sandbox.stop", "stop"),
  { name = "daytona_delete_sandbox", operation = "sandbox.delete", inputs = { SANDBOX_ID }, run = delete },
  {
    name = "daytona_execute_command",
    operation = "process.exec",
    inputs = { SANDBOX_ID, { "command", required = true }, { "cwd" }, { "env" }, { "timeout" } },
    run = execute,
  },
  {
    name = "daytona_run_code",
    operation = "process.code_run",
    inputs = {
      SANDBOX_ID, { "code", required = true },
      { "language", required = true, trim = true, values = { "python", "javascript", "typescript" } }, { "env" },
      { "timeout" },
    },
    run = run_code,
  },
  {
    name = "daytona_upload_file",
    operation = "fs.upload_file",
    once = true, -- what it sends may be read up
    inputs = {
      SANDBOX_ID, { "destinationPath", of = "destination", required = true, trim = true },
      { "file", type = "any", doc = "the file: a reference as it was given to you, or { name, content }" },
      { "fileContent", type = "string", hidden = true, doc = "content in base64, instead of file" },
      { "fileName", type = "string", doc = "overrides the file's name" },
    },
    run = upload,
  },
  {
    name = "daytona_download_file",
    operation = "fs.download_file",
    inputs = { SANDBOX_ID, { "filePath", of = "path", required = true, trim = true } },
    run = download,
  },
  {
    name = "daytona_list_files",
    operation = "fs.list_files",
    inputs = { SANDBOX_ID, { "path", trim = true } },
    run = list_files,
  },
  {
    name = "daytona_git_clone",
    operation = "git.clone",
    inputs = {
      SANDBOX_ID, { "url", required = true, trim = true }, { "path", required = true, trim = true }, { "branch" },
      { "commitId" }, { "username", by = "program" }, { "password", by = "program" },
    },
    run = clone,
  },
}
