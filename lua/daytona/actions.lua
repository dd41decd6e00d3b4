--- The twelve operations under the names and fields they have in agent
--- workflows, safe to hand to a language model.
---
--- An action has two callers at once.  The model fills in what its schema shows;
--- the program adds the rest: the credential, the server, which files there are.
--- They come in two tables, so that nothing a model writes can name a credential,
--- a server or a path of this machine:
---
---     actions.daytona_execute_command(what_the_model_wrote, { apiKey = key })
---     local tools = actions.bind { apiKey = key, files = { ["data.csv"] = "/srv/data.csv" } }
---     tools[call.name](call.arguments)
---
--- One table with `apiKey` in it is for programs that fill in everything by
--- themselves; it goes to the server of DAYTONA_API_URL, else to Daytona's cloud.
---
--- What one action has opened and learnt serves the next: a few clients, by
--- credentials, server and host, and where the toolboxes of sandboxes are.
---
--- Nothing here raises: bad input is `nil, err` of kind "bad_request" and nothing
--- is sent.

local core = require "daytona.load"
local definitions = require "daytona.actions.definitions"
local error_object = require "daytona.call.error"
local files = require "daytona.actions.files"
local inputs = require "daytona.actions.inputs"
local known = require "daytona.actions.known"
local naming = require "daytona.text.naming"
local protect = require "daytona.call.protected"

---@class daytona.Program
---@field apiKey string?    Daytona API key; default DAYTONA_API_KEY
---@field apiUrl string?    base URL of the API; default DAYTONA_API_URL, else Daytona's cloud
---@field username string?  of daytona_git_clone, for private repositories
---@field password string?  of daytona_git_clone
---@field files table|fun(reference: string): any, string?  what a model may upload: sources of fs:upload_file (a path, an open file, `{ content = ... }`) by the reference that the model names, or a function that gives one, or nil and why not; its field `save`: the directory that downloads go to, or a function of the path in the sandbox and the name that gives a local path (nil: the content is the result)
---@field host table?       of the calls, see daytona.new
---@field client daytona.Client? used in the place of a client of apiKey and apiUrl
---@field on_unknown fun(action: string, field: string, value: any)? is told what a model filled in that the action does not know

local PROGRAM_FIELDS = {
  apiKey = "string", apiUrl = "string", username = "string", password = "string", host = "table",
  client = "table", on_unknown = "function", files = "any",
}

local SANDBOX_ID = { type = "string", doc = "id or name of the sandbox" }

local CREDENTIALS = {
  { name = "apiKey", type = "string", required = true, doc = "Daytona API key" },
  { name = "apiUrl", type = "string", doc = "base URL of the API; default DAYTONA_API_URL, else Daytona's cloud" },
}

--- Completes the inputs of an action with what the operations table says of
--- them.
local function describe(definition, rows)
  local row, fields, described = rows[definition.operation], {}, {}
  for _, field in ipairs(row.params) do
    fields[field.name] = field
  end
  for _, input in ipairs(definition.inputs) do
    local field = input.type and input or input[1] == "sandboxId" and SANDBOX_ID
      or fields[input.of or naming.snake(input[1])]
    described[#described + 1] = {
      name = input[1], type = field.type, many = field.many, min = field.min, max = field.max, doc = field.doc,
      required = input.required, values = input.values, trim = input.trim, clamp = input.clamp, by = input.by,
      hidden = input.hidden,
    }
  end
  return { name = definition.name, doc = row.doc, inputs = described, run = definition.run,
    once = definition.once }
end

local function bad_request(action, message)
  return error_object.new { kind = "bad_request", message = message, operation = action.name }
end

local function without_slash(url)
  return type(url) == "string" and url:gsub("/+$", "") or url
end

--- What the program says, where it said all in one table; nil and what is wrong.
local function program_of(given)
  if given.savePath ~= nil then
    return nil, "field 'savePath': only the program says where a file is saved (files.save in the second argument)"
  elseif given.apiUrl ~= nil and given.apiUrl ~= "" and given.apiUrl ~= core.null
    and without_slash(given.apiUrl) ~= without_slash(os.getenv "DAYTONA_API_URL") then
    return nil, "field 'apiUrl': only the program names the server (apiUrl in the second argument, or DAYTONA_API_URL)"
  elseif type(given.apiKey) ~= "string" or given.apiKey == "" then
    return nil, "field 'apiKey': required"
  end
  return { apiKey = given.apiKey, username = given.username, password = given.password }
end

--- Checks the second argument.
local function check_program(program)
  if type(program) ~= "table" then
    return ("table expected as the second argument, got %s"):format(type(program))
  end
  for name, value in pairs(program) do
    local expected = PROGRAM_FIELDS[name]
    if not expected then
      return ("second argument: unknown field '%s'"):format(tostring(name))
    elseif expected ~= "any" and type(value) ~= expected then
      return ("second argument: field '%s': %s expected, got %s"):format(name, expected, type(value))
    end
  end
  local kind = type(program.files)
  if kind ~= "nil" and kind ~= "table" and kind ~= "function" then
    return ("second argument: field 'files': table or function expected, got %s"):format(kind)
  end
end

--- A client of the program's key, or its own; nil and an error.
local function open_client(action, program)
  if program.client then
    return { client = program.client }
  end
  local ok, entry, err = pcall(known.take, {
    api_key = program.apiKey, api_url = program.apiUrl, host = program.host,
    max_response = files.limit + 1024 * 1024,
  })
  if not ok then
    return nil, bad_request(action, entry)
  end
  return entry, err
end

--- Runs an action; once more where it went to a place in which the sandbox is no
--- longer.
local function attempt(action, client, input, program)
  local id = input.sandboxId
  local was_located = id ~= nil and known.is_located(client, id)
  local value, err = action.run(client, input, program)
  if not value and id ~= nil and type(err) == "table" and known.doubt(client, id, err) and was_located
    and not action.once then
    value, err = action.run(client, input, program)
  end
  return value, err
end

--- Runs an action: a misuse found further in comes back as an error, too.
local function perform(action, input, program)
  local entry, err = open_client(action, program)
  if not entry then
    return nil, err
  end
  local ok, value
  ok, value, err = protect.pcall(attempt, action, entry.client, input, program)
  if not program.client then
    known.give(entry)
  end
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

local function run(action, given, program)
  if type(given) ~= "table" then
    return nil, bad_request(action, ("table expected, got %s"):format(type(given)))
  end
  local problem
  if program == nil then
    program, problem = program_of(given)
  else
    problem = check_program(program)
  end
  local input
  if not problem then
    input, problem = inputs.read(action, given, program)
  end
  if not input then
    return nil, bad_request(action, problem)
  end
  return perform(action, input, program)
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
    actions[action.name] = function(given, program)
      return run(action, given, program)
    end
  end
end

--- The twelve actions with what the program says filled in, for a tool loop:
--- each takes what a model wrote, and nothing else.
---@param program daytona.Program
---@return table<string, fun(given: table): table?, daytona.Error?> tools
function actions.bind(program)
  local problem = check_program(program)
  if problem then
    core.misuse("actions.bind: " .. problem:gsub("^second argument: ", ""))
  end
  local tools = {}
  for _, action in ipairs(ordered) do
    tools[action.name] = function(given)
      return run(action, given, program)
    end
  end
  return tools
end

--- The JSON text of an output, for a model: empty lists are `[]`.
---@param output table of an action
---@return string json
function actions.encode(output)
  return core.encode("actions.encode", output)
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

--- Adds an input to a schema.
local function add(parameters, input)
  parameters.properties[input.name] = property(input)
  if input.required then
    parameters.required = parameters.required or {} -- not empty, which some encoders write as {}
    table.insert(parameters.required, input.name)
  end
end

--- JSON Schemas of the actions for the tool calling of language models, made
--- from the operations table.  They have what a model may fill in; what only the
--- program says is left out.
---@param options { credentials: boolean? }? credentials = true: with all that one table may hold, for programs
---@return { name: string, description: string, parameters: table }[]
function actions.schemas(options)
  local is_whole = options ~= nil and options.credentials == true
  local result = {}
  for index, action in ipairs(ordered) do
    local parameters = { type = "object", properties = {}, additionalProperties = false }
    for _, input in ipairs(is_whole and CREDENTIALS or {}) do
      add(parameters, input)
    end
    for _, input in ipairs(action.inputs) do
      if is_whole or (input.by ~= "program" and not input.hidden) then
        add(parameters, input)
      end
    end
    result[index] = { name = action.name, description = action.doc, parameters = parameters }
  end
  return result
end

return actions
