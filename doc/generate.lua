-- Writes api.md, the reference, and meta.lua, types for editors, into doc/ (or
-- the directory named) from the LuaCATS comments on the Lua code and from the
-- operations table:  lua5.4 doc/generate.lua [DIRECTORY]
-- Fails if a public function has no comment.

local core = require "daytona.core"
local rows = dofile "doc/rows.lua"

local out = {}

local function add(text, ...)
  out[#out + 1] = select("#", ...) > 0 and text:format(...) or text
end

local SECTIONS = {
  { "daytona", "lua/daytona/init.lua", "daytona" },
  { "Client", "lua/daytona/client.lua", "client" },
  { "Sandbox", "lua/daytona/sandbox.lua", "sandbox" },
  { "Links for others: a sandbox's", "lua/daytona/sandbox/links.lua", "sandbox" },
  { "Servers in a sandbox: what sandbox:preview gives", "lua/daytona/sandbox/preview.lua", "preview" },
  { "A WebSocket to one: what preview:connect gives", "lua/daytona/sandbox/preview_socket.lua", "preview_socket" },
  { "Process: sandbox.process", "lua/daytona/process.lua", "sandbox.process" },
  { "Running and starting commands: sandbox.process", "lua/daytona/process/run.lua", "sandbox.process" },
  { "Commands that were started: what process:start gives", "lua/daytona/process/job.lua", "job" },
  { "Sessions: sandbox.process", "lua/daytona/process/session.lua", "sandbox.process" },
  { "Commands of a session: what session:exec gives", "lua/daytona/process/command.lua", "command" },
  { "Following: what command:follow gives", "lua/daytona/process/stream.lua", "stream" },
  { "Terminals: sandbox.process", "lua/daytona/terminal/list.lua", "sandbox.process" },
  { "A terminal: what process:create_pty gives", "lua/daytona/terminal/connection.lua", "pty" },
  { "Code: sandbox.code_interpreter", "lua/daytona/interpreter.lua", "sandbox.code_interpreter" },
  { "Files: sandbox.fs", "lua/daytona/fs.lua", "sandbox.fs" },
  { "Many files and streams: sandbox.fs", "lua/daytona/fs/many.lua", "sandbox.fs" },
  { "Whole directories: sandbox.fs", "lua/daytona/fs/directory.lua", "sandbox.fs" },
  { "Chunks: what sandbox.fs:read_file gives", "lua/daytona/call/chunks.lua", "reader" },
  { "Git: sandbox.git", "lua/daytona/git.lua", "sandbox.git" },
  { "Snapshots: client.snapshot", "lua/daytona/snapshot.lua", "client.snapshot" },
  { "Many calls at once: daytona.host.loop", "lua/daytona/host/loop.lua", "loop" },
  { "Tasks: what spawn of a host gives", "lua/daytona/host/task.lua", "task" },
  { "Agent actions: daytona.actions", "lua/daytona/actions.lua", "daytona.actions" },
  { "Tests: daytona.testing", "lua/daytona/testing.lua", "daytona.testing" },
  { "Base64: daytona.base64", "lua/daytona/base64.lua", "daytona.base64" },
}

--- The declaration of a public function on this line: object, separator, name,
--- parameters (nil where a "@type fun" has them).
local function declaration(line)
  local object, separator, name, parameters = line:match "^function ([%w_]+)([.:])([%w_]+)(%b())"
  if not object then
    object, name = line:match "^([%w_]+)%.([%w_]+) = [%w_]+[ (\"]"
    separator = ":"
  end
  if not name or name:sub(1, 1) == "_" or name == "new" and object ~= "daytona" then
    return nil
  end
  return object, separator, name, parameters
end

local OBJECTS = {
  daytona = "daytona", Client = "client", sandbox_methods = "sandbox", Process = "process", FileSystem = "fs",
  Reader = "reader", Job = "job", Session = "session", Command = "command", Stream = "stream", Pty = "pty",
  CodeInterpreter = "code_interpreter",
  Git = "git", Snapshot = "snapshot",
  loop = "loop", Task = "task", actions = "actions", testing = "testing", Server = "server",
  base64 = "base64", Preview = "preview", PreviewSocket = "preview_socket",
}

-- Classes within a file, which nobody outside sees.
local INTERNAL = { Upload = true, Download = true }

local function escape(text)
  return (text:gsub("|", "\\|"))
end

local function write_function(object, separator, name, parameters, comment)
  local description, inputs, outputs, fun = {}, {}, {}, nil
  for _, line in ipairs(comment) do
    local tag, rest = line:match "^@(%w+)%s*(.*)"
    if tag == "param" then
      inputs[#inputs + 1] = rest
    elseif tag == "return" then
      outputs[#outputs + 1] = rest
    elseif tag == "type" then
      fun = rest
    elseif not tag then
      description[#description + 1] = line
    end
  end
  local call = OBJECTS[object] .. separator .. name
  if fun then
    local arguments, results = fun:match "^fun(%b())%s*:?%s*(.*)"
    parameters = arguments:gsub("self: [%w.]+,? ?", ""):gsub("(%w+): [^,)]*", "%1")
    outputs = { results }
  end
  add("### %s%s", call, parameters)
  add ""
  add(table.concat(description, "\n"))
  add ""
  for _, input in ipairs(inputs) do
    local variable, rest = input:match "^(%S+)%s+(.*)"
    add("- `%s` %s", variable, escape(rest):gsub("^(%b{}%??)", "`%1`"))
  end
  for _, output in ipairs(outputs) do
    add("- returns %s", escape(output))
  end
  add ""
end

local undocumented, unknown = {}, {}

--- A method that a row makes.
local function write_method(method)
  local row, names = method.row, {}
  for index, field in ipairs(method.arguments) do
    names[index] = field.name
  end
  names[#names + 1] = "options"
  add("### %s:%s(%s)", method.object:match "[^.]*$", method.name, table.concat(names, ", "))
  add ""
  add("%s", method.iterates and row.doc .. "  Gives them all; pages are fetched as needed." or row.doc)
  add ""
  for _, field in ipairs(method.arguments) do
    add("- `%s` %s %s", field.name, escape(rows.type(field)), escape(field.doc))
  end
  local options = {}
  for _, field in ipairs(method.options) do
    options[#options + 1] = ("%s: %s?"):format(field.name, rows.type(field))
  end
  options[#options + 1] = "timeout: number?, max_retries: integer?"
  add("- `options` `{ %s }?`", escape(table.concat(options, ", ")))
  for _, field in ipairs(method.options) do
    add("  - `%s` %s", field.name, escape(field.doc))
  end
  add("  - `timeout` seconds; default %s", rows.limit(row))
  add("- returns %s%s %s", escape(method.kind), method.iterates and "" or "?", method.remark)
  if not method.iterates then
    add("- returns daytona.Error? err%s", row.fails and ": " .. escape(row.fails) or "")
  end
  add ""
end

local methods, objects = rows.methods()

--- What rows make of an object, once.
local function write_methods(object)
  for _, method in ipairs(methods[object] or {}) do
    write_method(method)
  end
  methods[object] = nil
end

local function write_section(title, file, object_name)
  add("## %s", title)
  add ""
  local comment = {}
  for line in io.lines(file) do
    local text = line:match "^%-%-%-%s?(.*)"
    if text then
      comment[#comment + 1] = text
    else
      local object, separator, name, parameters = declaration(line)
      if object and OBJECTS[object] then
        if #comment == 0 then
          undocumented[#undocumented + 1] = file .. ": " .. name
        else
          write_function(object, separator, name, parameters, comment)
        end
      elseif object and not INTERNAL[object] and #comment > 0 and separator == ":" and line:find "^function" then
        unknown[#unknown + 1] = ("%s: %s"):format(file, object)
      end
      comment = {}
    end
  end
  write_methods(object_name)
end

local function type_of(field)
  local name = field.type == "object" and (field.shape or "object") or field.type
  if field.many == "list" then
    return name .. "[]"
  elseif field.many == "map" then
    return "map of " .. name
  end
  return name
end

local function write_fields(title, fields)
  if #fields == 0 then
    return
  end
  add("| %s | type | |", title)
  add "|---|---|---|"
  for _, field in ipairs(fields) do
    local notes = field.required and "**required** " or ""
    if field.max then
      notes = notes .. ("%.0f to %.0f "):format(field.min, field.max)
    end
    add("| `%s` | %s | %s%s |", field.name, type_of(field), notes, escape(field.doc or ""))
  end
  add ""
end

local function write_operations()
  add "## The operations table"
  add ""
  add "Every request is made from one of these rows; all take `timeout` and `max_retries`, too."
  add "The names are those of `err.operation`. Options marked *call* in the source are acted on"
  add "by the library and not sent."
  add ""
  for _, row in ipairs(core.operations(true)) do
    add("### %s", row.name)
    add ""
    if row.method == "" then
      add(row.doc)
    else
      add("`%s %s` (%s%s). %s", row.method, row.path, row.plane, row.idempotent and ", repeated safely" or "", row.doc)
    end
    add ""
    write_fields("option", row.params)
    if row.result and row.result.fields then
      write_fields(row.result.many == "list" and "each result" or "result", row.result.fields)
    end
  end
end

add "# Reference"
add ""
add "Made by `make doc` from the sources; do not edit. Functions that can fail for reasons outside"
add "the program return `nil, err` (see \"Errors\" in the README); misuse raises."
add ""
for _, section in ipairs(SECTIONS) do
  write_section(section[1], section[2], section[3])
end
for _, object in ipairs(objects) do
  if methods[object] then
    add("## %s", object)
    add ""
    write_methods(object)
  end
end
write_operations()

if #undocumented > 0 then
  error("no comment on: " .. table.concat(undocumented, ", "))
elseif #unknown > 0 then
  error("classes that OBJECTS does not name: " .. table.concat(unknown, ", "))
end

local directory = arg[1] or "doc"

local function write(name, text)
  local file = assert(io.open(directory .. "/" .. name, "w"))
  file:write((text:gsub("\n\n\n+", "\n\n")), "\n")
  file:close()
end

write("api.md", table.concat(out, "\n"))

-- Classes for the language server: options and results of every row.

out = {}
local seen = {}

local function write_class(name, fields, optional)
  if seen[name] then
    return
  end
  seen[name] = true
  for _, field in ipairs(fields) do
    if field.shape and field.shape ~= "sandbox" and field.fields then
      write_class("daytona." .. field.shape, field.fields, false)
    end
  end
  add("---@class %s", name)
  for _, field in ipairs(fields) do
    local mark = optional and not field.required and "?" or ""
    local key = field.name == "end" and '["end"]' or field.name -- a word of Lua's own
    add("---@field %s%s %s %s", key, mark, rows.type(field), field.doc or "")
  end
  add ""
end

--- A class of the methods that rows make, and of what is within it.
local function write_object(object, list)
  add("---@class %s", rows.class(object))
  for _, other in ipairs(objects) do
    local area = other:match("^" .. object:gsub("%.", "%%.") .. "%.([%w_]+)$")
    if area then
      add("---@field %s %s", area, rows.class(other))
    end
  end
  for _, method in ipairs(list or {}) do
    local parameters = { "self: " .. rows.class(object) }
    for _, field in ipairs(method.arguments) do
      parameters[#parameters + 1] = ("%s: %s"):format(field.name, rows.type(field))
    end
    parameters[#parameters + 1] = ("options: daytona.options.%s?"):format(method.row.name)
    add("---@field %s fun(%s): %s%s %s", method.name, table.concat(parameters, ", "), method.kind,
      method.iterates and "" or "?, daytona.Error?", method.row.doc)
  end
  add ""
end

--- The options of a method that a row makes.
local function write_options(method)
  for _, field in ipairs(method.row.params) do
    if field.fields and field.shape ~= "sandbox" then
      write_class("daytona." .. field.shape, field.fields, false)
    end
  end
  write_class("daytona.options." .. method.row.name .. ": daytona.options", method.options, true)
end

add "---@meta"
add "-- Made by `make doc` from the operations table; do not edit."
add ""
write_class("daytona.options", select(2, core.operations()), true)
methods, objects = rows.methods()
for _, row in ipairs(core.operations(true)) do
  if #row.params > 0 and not row.makes_method then
    write_class("daytona.options." .. row.name, row.params, true)
  end
  local result = row.result
  if result and result.fields then
    write_class(result.shape == "sandbox" and "daytona.Sandbox" or "daytona." .. result.shape, result.fields, false)
  end
end
for _, object in ipairs(objects) do
  for _, method in ipairs(methods[object]) do
    write_options(method)
  end
  write_object(object, methods[object])
end
for _, object in ipairs(objects) do -- what holds areas, but has no methods by rows
  local outer = object:match "^(.*)%.[%w_]+$"
  if outer and not methods[outer] then
    methods[outer] = {}
    write_object(outer)
  end
end
write("meta.lua", table.concat(out, "\n"))
