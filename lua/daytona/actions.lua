--- The twelve operations under the names and fields they have in agent
--- workflows (`daytona_execute_command{ apiKey, sandboxId, command, ... }`),
--- stateless: each call makes its own client and closes it.
---
--- Inputs come from a language model, so nothing here raises: bad input is
--- `nil, err` of kind "bad_request" and nothing is sent.  Numbers and booleans
--- may be strings; an empty string counts as absent.

local base64 = require "daytona.base64"
local core = require "daytona.core"
local daytona = require "daytona"
local error_object = require "daytona.error"
local mime = require "daytona.mime"
local naming = require "daytona.naming"

local DEFAULT_TIMEOUT = 10 -- seconds of a command or program

local function camel_table(fields)
  local result = {}
  for name, value in pairs(fields) do
    result[naming.camel(name)] = value
  end
  return result
end

local function sandbox_output(sandbox, err)
  if not sandbox then
    return nil, err
  end
  return { sandbox = camel_table(sandbox:to_table()) }
end

--- What daytona_upload_file sends: a source for fs:upload_file.
local function upload_source(input)
  local file = input.file
  if file == nil and input.fileContent then
    local content = base64.decode(input.fileContent)
    if not content then
      return nil, "field 'fileContent': not base64"
    end
    return { content = content, name = input.fileName }
  elseif type(file) == "table" and file.content ~= nil then
    if type(file.content) ~= "string" or (file.name ~= nil and type(file.name) ~= "string") then
      return nil, "field 'file': name and content must be strings"
    end
    return { content = file.content, name = file.name }
  elseif file == nil then
    return nil, "field 'file': required (or fileContent)"
  elseif type(file) == "string" or io.type(file) == "file" or (type(file) == "table" and file.read) then
    return file
  end
  return nil, "field 'file': path, open file or { name, content } expected"
end

--- Each action: the row its inputs are described by, the inputs (`of`: the
--- row's field, where the name does not say it), and what it does.
local definitions = {
  {
    name = "daytona_create_sandbox",
    operation = "sandbox.create",
    inputs = {
      { "snapshot" }, { "name" }, { "target" }, { "user" }, { "env" }, { "labels" }, { "cpu" }, { "memory" },
      { "disk" }, { "autoStopInterval" }, { "autoArchiveInterval" }, { "autoDeleteInterval" }, { "public" },
    },
    run = function(client, input)
      local options = {}
      for name, value in pairs(input) do
        options[naming.snake(name)] = value
      end
      return sandbox_output(client:create(options))
    end,
  },
  {
    name = "daytona_list_sandboxes",
    operation = "sandbox.list",
    inputs = { { "limit" }, { "name" }, { "labels" }, { "cursor" } },
    run = function(client, input)
      local page, err = client:list_page(input)
      if not page then
        return nil, err
      end
      local sandboxes = {}
      for index, sandbox in ipairs(page.items) do
        sandboxes[index] = camel_table(sandbox:to_table())
      end
      return { sandboxes = sandboxes, nextCursor = page.next_cursor }
    end,
  },
  {
    name = "daytona_get_sandbox",
    operation = "sandbox.get",
    inputs = { { "sandboxId", required = true } },
    run = function(client, input)
      return sandbox_output(client:get(input.sandboxId))
    end,
  },
  {
    name = "daytona_start_sandbox",
    operation = "sandbox.start",
    inputs = { { "sandboxId", required = true } },
    run = function(client, input)
      return sandbox_output(client:start(input.sandboxId))
    end,
  },
  {
    name = "daytona_stop_sandbox",
    operation = "sandbox.stop",
    inputs = { { "sandboxId", required = true } },
    run = function(client, input)
      return sandbox_output(client:stop(input.sandboxId))
    end,
  },
  {
    name = "daytona_delete_sandbox",
    operation = "sandbox.delete",
    inputs = { { "sandboxId", required = true } },
    run = function(client, input)
      local sandbox, err = client:get(input.sandboxId)
      if not sandbox then
        return nil, err
      end
      return sandbox_output(sandbox:delete())
    end,
  },
  {
    name = "daytona_execute_command",
    operation = "process.exec",
    inputs = { { "sandboxId", required = true }, { "command", required = true }, { "cwd" }, { "env" }, { "timeout" } },
    run = function(client, input)
      local answer, err = client:sandbox(input.sandboxId).process:exec(input.command,
        { cwd = input.cwd, env = input.env, timeout = input.timeout or DEFAULT_TIMEOUT })
      if not answer then
        return nil, err
      end
      return { exitCode = answer.exit_code, result = answer.result }
    end,
  },
  {
    name = "daytona_run_code",
    operation = "process.code_run",
    inputs = {
      { "sandboxId", required = true }, { "code", required = true },
      { "language", required = true, values = { "python", "javascript", "typescript" } }, { "env" }, { "timeout" },
    },
    run = function(client, input)
      local answer, err = client:sandbox(input.sandboxId).process:code_run(input.code,
        { language = input.language, env = input.env, timeout = input.timeout or DEFAULT_TIMEOUT })
      if not answer then
        return nil, err
      end
      return { exitCode = answer.exit_code, result = answer.result, artifacts = { charts = answer.charts } }
    end,
  },
  {
    name = "daytona_upload_file",
    operation = "fs.upload_file",
    inputs = {
      { "sandboxId", required = true }, { "destinationPath", of = "destination", required = true },
      { "file", type = "any", doc = "path of a local file, or { name, content }" },
      { "fileContent", type = "string", doc = "content in base64, instead of file" },
      { "fileName", type = "string", doc = "overrides the file's name" },
    },
    run = function(client, input)
      local source, problem = upload_source(input)
      if not source then
        return nil, problem
      end
      local name = input.fileName or type(source) == "table" and source.name
      if not name and type(source) ~= "string" and input.destinationPath:sub(-1) == "/" then
        return nil, "field 'fileName': required, the destination is a directory"
      end
      local uploaded, err = client:sandbox(input.sandboxId).fs:upload_file(source, input.destinationPath,
        { name = input.fileName })
      if not uploaded then
        return nil, err
      end
      return { uploadedPath = uploaded.path, name = uploaded.name, size = uploaded.bytes }
    end,
  },
  {
    name = "daytona_download_file",
    operation = "fs.download_file",
    inputs = {
      { "sandboxId", required = true }, { "filePath", of = "path", required = true },
      { "savePath", of = "destination" },
    },
    run = function(client, input)
      local name = input.filePath:match "([^/]+)/*$" or input.filePath
      local answer, err = client:sandbox(input.sandboxId).fs:download_file(input.filePath, input.savePath)
      if not answer then
        return nil, err
      end
      local saved = type(answer) == "table"
      return {
        file = saved and { name = name, path = answer.path } or { name = name, content = answer },
        name = name,
        mimeType = mime.type(name),
        size = saved and answer.bytes or #answer,
      }
    end,
  },
  {
    name = "daytona_list_files",
    operation = "fs.list_files",
    inputs = { { "sandboxId", required = true }, { "path" } },
    run = function(client, input)
      local files, err = client:sandbox(input.sandboxId).fs:list_files(input.path)
      if not files then
        return nil, err
      end
      for index, file in ipairs(files) do
        files[index] = camel_table(file)
      end
      return { files = files }
    end,
  },
  {
    name = "daytona_git_clone",
    operation = "git.clone",
    inputs = {
      { "sandboxId", required = true }, { "url", required = true }, { "path", required = true }, { "branch" },
      { "commitId" }, { "username" }, { "password" },
    },
    run = function(client, input)
      local ok, err = client:sandbox(input.sandboxId).git:clone(input.url, input.path, {
        branch = input.branch, commit_id = input.commitId, username = input.username, password = input.password,
      })
      if not ok then
        return nil, err
      end
      return { repoUrl = input.url, clonePath = input.path }
    end,
  },
}

local credentials = {
  { name = "apiKey", type = "string", required = true, doc = "Daytona API key" },
  { name = "apiUrl", type = "string", doc = "base URL of the API; default DAYTONA_API_URL, else Daytona's cloud" },
}

local sandbox_id = { type = "string", doc = "id or name of the sandbox" }

--- Completes the inputs of an action with what the operations table says of
--- them.
local function describe(definition, rows)
  local row, fields, inputs = rows[definition.operation], {}, {}
  for _, field in ipairs(row.params) do
    fields[field.name] = field
  end
  for _, input in ipairs(credentials) do
    inputs[#inputs + 1] = input
  end
  for _, input in ipairs(definition.inputs) do
    local field = input.type and input or input[1] == "sandboxId" and sandbox_id
      or fields[input.of or naming.snake(input[1])]
    inputs[#inputs + 1] = {
      name = input[1],
      type = field.type,
      many = field.many,
      min = field.min,
      max = field.max,
      doc = field.doc,
      required = input.required,
      values = input.values,
    }
  end
  return { name = definition.name, doc = row.doc, inputs = inputs, run = definition.run }
end

local function trim(text)
  return (text:gsub("^%s+", ""):gsub("%s+$", ""))
end

--- A string for a map of strings; models also write numbers and booleans.
local function to_string(value)
  if type(value) == "number" and value == math.floor(value) and math.abs(value) < 2 ^ 53 then
    return ("%d"):format(value)
  elseif type(value) == "number" or type(value) == "boolean" then
    return tostring(value)
  end
  return value
end

local function to_map(value)
  if type(value) ~= "table" then
    return nil, "object"
  end
  local map = {}
  for key, member in pairs(value) do
    local text = to_string(member)
    if type(key) ~= "string" or type(text) ~= "string" then
      return nil, "object of strings"
    end
    map[key] = text
  end
  return map
end

local function to_number(input, value)
  local number = type(value) == "string" and tonumber(trim(value)) or value
  if type(number) ~= "number" or number ~= number then
    return nil, input.type
  end
  if input.type == "integer" and number ~= math.floor(number) then
    return nil, "integer"
  end
  if input.min and (number < input.min or number > input.max) then
    return nil, ("%s from %.0f to %.0f"):format(input.type, input.min, input.max)
  end
  return number
end

local booleans = { ["true"] = true, ["false"] = false }

--- The value in the type of the input; nil and what was expected otherwise.
local function convert(input, value)
  if input.many == "map" then
    return to_map(value)
  elseif input.type == "integer" or input.type == "number" then
    return to_number(input, value)
  elseif input.type == "boolean" then
    if type(value) == "string" then
      value = booleans[trim(value):lower()]
    end
    if type(value) ~= "boolean" then
      return nil, "boolean"
    end
  elseif input.type == "string" and type(value) ~= "string" then
    return nil, "string"
  end
  return value
end

local function is_allowed(input, value)
  for _, allowed in ipairs(input.values or {}) do
    if allowed == value then
      return true
    end
  end
  return not input.values
end

--- Checks and converts all inputs of a call.
local function read_inputs(action, given)
  if type(given) ~= "table" then
    return nil, ("table expected, got %s"):format(type(given))
  end
  local result, known = {}, {}
  for _, input in ipairs(action.inputs) do
    known[input.name] = true
    local value = given[input.name]
    if value == core.null or value == "" then
      value = nil
    end
    if input.name == "sandboxId" and type(value) == "string" then
      value = trim(value)
    end
    if value == nil or (input.required and type(value) == "string" and trim(value) == "") then
      if input.required then
        return nil, ("field '%s': required"):format(input.name)
      end
    else
      local expected
      value, expected = convert(input, value)
      if value == nil then
        return nil, ("field '%s': %s expected, got %s"):format(input.name, expected, type(given[input.name]))
      elseif not is_allowed(input, value) then
        return nil, ("field '%s': %s expected, got '%s'"):format(
          input.name, table.concat(input.values, ", "), tostring(value))
      end
      result[input.name] = value
    end
  end
  for name in pairs(given) do
    if not known[name] then
      return nil, ("unknown field '%s'"):format(tostring(name))
    end
  end
  return result
end

local function bad_request(action, message)
  return error_object.new { kind = "bad_request", message = message, operation = action.name }
end

--- A closed client on every way out; a misuse found further in comes back as
--- an error, too.
local function run(action, given)
  local input, problem = read_inputs(action, given)
  if not input then
    return nil, bad_request(action, problem)
  end
  local ok, client, err = pcall(daytona.new, { api_key = input.apiKey, api_url = input.apiUrl })
  if not ok then
    return nil, bad_request(action, client)
  elseif not client then
    return nil, err
  end
  input.apiKey, input.apiUrl = nil, nil
  local value
  ok, value, err = pcall(action.run, client, input)
  client:close()
  if not ok then
    if type(value) ~= "string" or value:find("interrupted!", 1, true) then
      error(value, 0)
    end
    return nil, bad_request(action, value)
  elseif type(err) == "string" then
    err = bad_request(action, err)
  end
  return value, err
end

local actions, ordered = {}, {}

do
  local rows = {}
  for _, row in ipairs(core.operations()) do
    rows[row.name] = row
  end
  for _, definition in ipairs(definitions) do
    local action = describe(definition, rows)
    ordered[#ordered + 1] = action
    actions[action.name] = function(given)
      return run(action, given)
    end
  end
end

local function property(input)
  local schema = { description = input.doc }
  if input.many == "map" then
    schema.type = "object"
    schema.additionalProperties = { type = "string" }
  elseif input.type ~= "any" then
    schema.type = input.type
  end
  schema.enum = input.values
  schema.minimum, schema.maximum = input.min, input.max
  return schema
end

--- JSON Schemas of the actions for the tool calling of language models, made
--- from the operations table.
---@param options { credentials: boolean? }? credentials = false leaves out apiKey and apiUrl, which a model should not know
---@return { name: string, description: string, parameters: table }[]
function actions.schemas(options)
  local with_credentials = not options or options.credentials ~= false
  local result = {}
  for index, action in ipairs(ordered) do
    local properties, required = {}, core.array {}
    for _, input in ipairs(action.inputs) do
      if with_credentials or (input.name ~= "apiKey" and input.name ~= "apiUrl") then
        properties[input.name] = property(input)
        if input.required then
          required[#required + 1] = input.name
        end
      end
    end
    result[index] = {
      name = action.name,
      description = action.doc,
      parameters = {
        type = "object",
        properties = properties,
        required = required,
        additionalProperties = false,
      },
    }
  end
  return result
end

return actions
