-- Writes api.md, the reference, and meta.lua, types for editors, into doc/ (or
-- the directory named) from the LuaCATS comments on the Lua code and from the
-- operations table:  lua5.4 doc/generate.lua [DIRECTORY]
-- Fails if a public function has no comment.

local core = require "daytona.core"

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
  Git = "git", loop = "loop", Task = "task", actions = "actions", testing = "testing", Server = "server",
  base64 = "base64", Preview = "preview", PreviewSocket = "preview_socket",
}

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

local undocumented = {}

local function write_section(title, file)
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
      end
      comment = {}
    end
  end
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
  write_section(section[1], section[2])
end
write_operations()

if #undocumented > 0 then
  error("no comment on: " .. table.concat(undocumented, ", "))
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

local LUA_TYPES = { object = "table", sandbox = "daytona.Sandbox", any = "any" }

local function lua_type(field)
  local name = field.shape and "daytona." .. field.shape or LUA_TYPES[field.type] or field.type
  if field.shape == "sandbox" then
    name = "daytona.Sandbox"
  end
  if field.many == "list" then
    return name .. "[]"
  elseif field.many == "map" then
    return "table<string, " .. name .. ">"
  end
  return name
end

local function write_class(name, fields, optional)
  if seen[name] then
    return
  end
  seen[name] = true
  for _, field in ipairs(fields) do
    if field.shape and field.shape ~= "sandbox" then
      write_class("daytona." .. field.shape, field.fields, false)
    end
  end
  add("---@class %s", name)
  for _, field in ipairs(fields) do
    local mark = optional and not field.required and "?" or ""
    add("---@field %s%s %s %s", field.name, mark, lua_type(field), field.doc or "")
  end
  add ""
end

add "---@meta"
add "-- Made by `make doc` from the operations table; do not edit."
add ""
for _, row in ipairs(core.operations(true)) do
  if #row.params > 0 then
    write_class("daytona.options." .. row.name, row.params, true)
  end
  local result = row.result
  if result and result.fields then
    write_class(result.shape == "sandbox" and "daytona.Sandbox" or "daytona." .. result.shape, result.fields, false)
  end
end
write("meta.lua", table.concat(out, "\n"))
