-- Writes api.md, the reference, into doc/ (or the directory named): by area, with
-- what each method takes and gives beside it, and the types at the end.
--   lua5.4 doc/reference.lua [DIRECTORY]
-- Fails if a public function has no comment.

local comments = dofile "doc/comments.lua"
local core = require "daytona.core"
local rows = dofile "doc/rows.lua"

local function exists(path)
  local file = io.open(path)
  if file then
    file:close()
  end
  return file ~= nil
end

local signatures = require "daytona.call.signatures"

local WIDTH = 118

-- Areas in their order: what it is called, the object as users write it, files.
local SECTIONS = {
  { "daytona", "daytona", { "lua/daytona/init.lua" } },
  { "Clients", "client", { "lua/daytona/client.lua" } },
  { "Sandboxes", "sandbox", { "lua/daytona/sandbox.lua", "lua/daytona/sandbox/links.lua" } },
  { "A server in a sandbox: what sandbox:preview gives", "preview", { "lua/daytona/sandbox/preview.lua" } },
  { "Its WebSockets: what preview:connect gives", "preview_socket", { "lua/daytona/sandbox/preview_socket.lua" } },
  { "Commands and code", "sandbox.process", {
    "lua/daytona/process.lua", "lua/daytona/process/run.lua", "lua/daytona/process/session.lua",
    "lua/daytona/terminal/list.lua" } },
  { "Jobs", "job", { "lua/daytona/process/job.lua" } },
  { "Sessions", "session", { "lua/daytona/process/session.lua" } },
  { "Commands of a session", "command", { "lua/daytona/process/command.lua" } },
  { "Following", "stream", { "lua/daytona/process/stream.lua" } },
  { "Terminals", "pty", { "lua/daytona/terminal/connection.lua" } },
  { "Python", "sandbox.code_interpreter", { "lua/daytona/interpreter.lua" } },
  { "Files", "sandbox.fs", { "lua/daytona/fs.lua", "lua/daytona/fs/many.lua", "lua/daytona/fs/directory.lua" } },
  { "Git", "sandbox.git", { "lua/daytona/git.lua" } },
  { "Language servers: what sandbox:create_lsp_server gives", "lsp", {} },
  { "A desktop in the sandbox", "sandbox.computer_use", {} },
  { "Its mouse", "sandbox.computer_use.mouse", {} },
  { "Its keyboard", "sandbox.computer_use.keyboard", {} },
  { "Pictures of it", "sandbox.computer_use.screenshot", {} },
  { "Its displays and windows", "sandbox.computer_use.display", {} },
  { "Recordings of it", "sandbox.computer_use.recording", {} },
  { "What its programs show", "sandbox.computer_use.accessibility", {} },
  { "Snapshots: the log of their build", "client.snapshot", { "lua/daytona/snapshot.lua" } },
  { "Chunks of a file", "reader", { "lua/daytona/call/chunks.lua" } },
  { "Many calls at once: daytona.host.loop", "loop", { "lua/daytona/host/loop.lua" } },
  { "Tasks: what spawn gives in every host", "task", { "lua/daytona/host/task.lua" } },
  { "Agent tools: daytona.actions", "daytona.actions", { "lua/daytona/actions.lua" } },
  { "Tests: daytona.testing", "daytona.testing", { "lua/daytona/testing.lua" } },
  { "Base64: daytona.base64", "daytona.base64", { "lua/daytona/base64.lua" } },
}

-- What a table of the code is called by users, and the area that shows it.
local OBJECTS = {
  daytona = { "daytona" }, Client = { "client" }, sandbox_methods = { "sandbox" },
  Process = { "process", "sandbox.process" }, FileSystem = { "fs", "sandbox.fs" }, Reader = { "reader" },
  Job = { "job" }, Session = { "session" }, Command = { "command" }, Stream = { "stream" }, Pty = { "pty" },
  Git = { "git", "sandbox.git" }, Snapshot = { "client.snapshot" },
  Preview = { "preview" }, PreviewSocket = { "preview_socket" },
  CodeInterpreter = { "code_interpreter", "sandbox.code_interpreter" }, loop = { "loop" }, Task = { "task" },
  actions = { "actions", "daytona.actions" }, testing = { "testing", "daytona.testing" },
  Server = { "server", "daytona.testing" }, base64 = { "base64", "daytona.base64" },
}
-- Classes within a file, which nobody outside sees.
local INTERNAL = { Upload = true, Download = true }
-- The class of an area's object: its fields stand at the head of the area.
local CLASSES = {
  daytona = "daytona", client = "daytona.Client", sandbox = "daytona.Sandbox", job = "daytona.Job",
  session = "daytona.Session",
  command = "daytona.Command", stream = "daytona.Stream",
  preview = "daytona.Preview", preview_socket = "daytona.PreviewSocket", task = "daytona.Task",
  pty = "daytona.Pty", lsp = "daytona.Lsp", reader = "daytona.Reader",
}

local by_name = {}
for _, row in ipairs((core.operations(true))) do
  by_name[row.name] = row
end

local out, contents, slugs, problems = {}, {}, {}, {}
local classes = comments.classes()
local used, order = {}, {} -- types that are referred to

local function add(text, ...)
  out[#out + 1] = select("#", ...) > 0 and text:format(...) or text
end

--- Text on lines that are not too wide; the following ones are indented.
local function add_wrapped(text, first, indent)
  local line = first
  for word in text:gmatch "%S+" do
    if #line + #word + 1 > WIDTH and line:find "%S" and line ~= first then
      add("%s", line)
      line = indent .. word
    else
      line = line .. ((line == "" or line:find "%s$") and "" or " ") .. word
    end
  end
  add("%s", (line:gsub("%s+$", "")))
end

--- The anchor that readers of Markdown make of a heading.
local function slug(heading)
  local text = heading:lower():gsub("[^%w%s_-]", ""):gsub("%s", "-")
  local count = slugs[text] or 0
  slugs[text] = count + 1
  return count == 0 and text or text .. "-" .. count
end

local function escape(text)
  return (text:gsub("|", "\\|"))
end

local shapes = {}
local function note_shapes(fields)
  for _, field in ipairs(fields or {}) do
    if field.shape and field.fields and #field.fields > 0 and not shapes[field.shape] then
      shapes[field.shape] = field.fields
      note_shapes(field.fields)
    end
  end
end
for _, row in ipairs((core.operations(true))) do
  note_shapes(row.params)
  note_shapes { row.result }
end

local CLASS_AREA = {}
for area, class in pairs(CLASSES) do
  CLASS_AREA[class] = area
end

--- The anchor of a type, or nil for one that is described nowhere.
local function type_anchor(name)
  if CLASS_AREA[name] then
    return "of-" .. CLASS_AREA[name]
  end
  local shape = name:match "^daytona%.(.*)"
  if classes[name] and #classes[name] > 0 or shapes[shape] then
    if not used[name] then
      used[name] = true
      order[#order + 1] = name
    end
    return "type-" .. shape:lower()
  end
end

--- A type with links to what it names.
local function linked(kind)
  if kind:find "^{" and not kind:find "daytona%." then
    return "`" .. kind .. "`"
  end
  kind = escape(kind):gsub("([<%[])", "\\%1"):gsub("\\%[%]", "[]")
  return (kind:gsub("daytona%.[%w_]+", function(name)
    local anchor = type_anchor(name)
    return anchor and ("[%s](#%s)"):format(name, anchor) or name
  end))
end

local function add_table(title, fields)
  local lines = {}
  for _, field in ipairs(fields) do
    local doc = field.doc or field.remark or ""
    if field.max then
      doc = ("%s (%.0f to %.0f)"):format(doc, field.min, field.max)
    end
    local kind = type(field.many) == "string" and rows.type(field) or field.type
    lines[#lines + 1] = ("| `%s` | %s | %s%s |"):format(field.name, linked(kind),
      field.required and not doc:find "default" and "**required** " or "", escape(doc))
  end
  if #lines > 0 then
    add("| %s | type | |", title)
    add "|---|---|---|"
    for _, line in ipairs(lines) do
      add("%s", line)
    end
    add ""
  end
end

local function add_heading(call)
  add("### %s", call)
  add ""
  table.insert(contents[#contents].methods, { call:match "^[^(]+", slug(call) })
end

--- What goes over the wire, for those who read logs.
local function add_operation(row)
  if row and row.method ~= "" then
    add_wrapped(("Operation `%s`: `%s %s`%s."):format(row.name, row.method, row.path,
      row.idempotent and ", repeated safely" or ""), "", "")
    add ""
  end
end

--- The options of a row but for those that are arguments; what the row leaves
--- open, as functions, has the type that the comment says.
local function options_of(row, arguments, inline)
  local options, said = {}, {}
  for _, member in ipairs(comments.split((inline or ""):match "^{(.*)}" or "")) do
    local name, kind = member:match "^([%w_]+): (.*)"
    said[name or 0] = kind
  end
  for _, field in ipairs(row.params) do
    if not arguments[field.name] and field.name ~= "sandbox_id" then
      local known = (field.type == "any" or field.type == "function") and said[field.name]
      options[#options + 1] = known and { name = field.name, type = known, doc = field.doc } or field
    end
  end
  return options
end

local function add_output(kind, remark)
  add_wrapped(("returns %s%s"):format(linked(kind), remark ~= "" and " " .. escape(remark) or ""), "- ", "  ")
end

--- The row of a method that is written by hand.
local function row_of(object, name)
  if object == "client" then
    return by_name["client." .. name] or by_name["sandbox." .. name]
  end
  return by_name[object .. "." .. name]
end

local function write_function(object, separator, name, parsed)
  add_heading(("%s%s%s%s"):format(object, separator, name, parsed.parameters or "()"))
  for _, line in ipairs(parsed.description) do
    add("%s", line)
  end
  add ""
  local row, arguments, inline = row_of(object, name), {}, nil
  add_operation(row)
  for _, input in ipairs(parsed.inputs) do
    arguments[input.name] = true
    if input.type:find "^{ timeout: number%?, max_retries: integer%? }" then
      add_wrapped(("`%s` table: `timeout`, `max_retries` %s"):format(input.name, escape(input.remark)), "- ", "  ")
      arguments.options = nil
    elseif input.type:find "^{" and row then
      inline = input
    else
      add_wrapped(("`%s` %s %s"):format(input.name, linked(input.type), escape(input.remark)), "- ", "  ")
    end
  end
  if inline then
    local remark = inline.remark:find "api.md" and "" or inline.remark
    remark = remark ~= "" and ": " .. escape(remark) or ", see below"
    add_wrapped(("`%s` table%s"):format(inline.name, remark), "- ", "  ")
  end
  for _, output in ipairs(parsed.outputs) do
    add_output(output.type, output.remark)
  end
  add ""
  if row and (inline or arguments.options or arguments.query) then
    add_table("option", options_of(row, arguments, inline and inline.type))
  end
end

local function write_method(method)
  local row, names = method.row, {}
  for index, field in ipairs(method.arguments) do
    names[index] = field.name
  end
  names[#names + 1] = "options"
  add_heading(("%s:%s(%s)"):format(method.object:match "[^.]*$", method.name, table.concat(names, ", ")))
  add_wrapped(method.iterates and row.doc .. " Gives them all; pages are fetched as needed." or row.doc, "", "")
  add ""
  add_operation(row)
  for _, field in ipairs(method.arguments) do
    add_wrapped(("`%s` %s %s"):format(field.name, linked(rows.type(field)), escape(field.doc)), "- ", "  ")
  end
  add("- `options` table; `timeout` seconds, default %s", rows.limit(row))
  add_output(method.kind .. (method.iterates and "" or "?"), method.remark)
  if not method.iterates then
    add_output("daytona.Error?", "err" .. (row.fails and ": " .. row.fails or ""))
  end
  add ""
  add_table("option", method.options)
end

local methods, objects = rows.methods()

local function write_section(title, area, files)
  contents[#contents + 1] = { title = title, anchor = slug(title), methods = {} }
  add("## %s", title)
  add ""
  if CLASSES[area] then
    add('<a id="of-%s"></a>', area)
    add ""
    local fields = area == "sandbox" and shapes.sandbox or classes[CLASSES[area]]
    local data = {}
    for _, field in ipairs(fields or {}) do
      if area == "daytona" or not (field.type or ""):find "^fun" then
        data[#data + 1] = field
      end
    end
    add_table(area .. ".", data)
  end
  for _, file in ipairs(files) do
    local read = exists(file) and comments.functions or function() end -- of an area that rows make there is none
    read(file, function(object, separator, name, parsed, line)
      local place = OBJECTS[object]
      if place and signatures[area] and not signatures[area][name] then
        return -- for the library itself
      elseif place and (place[2] or place[1]) == area then
        if parsed then
          write_function(place[1], separator, name, parsed)
        else
          problems[#problems + 1] = ("no comment on %s in %s"):format(name, file)
        end
      elseif not place and not INTERNAL[object] and parsed and separator == ":" and line:find "^function" then
        problems[#problems + 1] = ("OBJECTS does not name %s of %s"):format(object, file)
      end
    end)
  end
  for _, method in ipairs(methods[area] or {}) do
    write_method(method)
  end
  methods[area] = nil
end

local function write_types()
  contents[#contents + 1] = { title = "Types", anchor = slug "Types", methods = {} }
  add "## Types"
  add ""
  local index = 1
  while order[index] do -- describing one may name others
    local name = order[index]
    add("### %s", name)
    add ""
    add('<a id="type-%s"></a>', name:match("%.(.*)"):lower())
    add ""
    table.insert(contents[#contents].methods, { name, slug(name) })
    local fields = classes[name]
    add_table("field", fields and #fields > 0 and fields or shapes[name:match "%.(.*)"])
    index = index + 1
  end
end

local shown = { server = true } -- with daytona.testing
for _, section in ipairs(SECTIONS) do
  write_section(section[1], section[2], section[3])
  shown[section[2]] = true
end
for object in pairs(signatures) do
  if arg[1] and not shown[object] and not methods[object] then -- make check says it, make doc goes on
    problems[#problems + 1] = ("no section of SECTIONS shows %s"):format(object)
  end
end
for _, object in ipairs(objects) do
  if methods[object] then
    write_section(object, object, {})
  end
end
write_types()

if #problems > 0 then
  error(table.concat(problems, "\n"))
end

local body = out
out = {}
add "# Reference"
add ""
add "Made by `make doc` from the sources; do not edit. Functions that can fail for reasons outside the program return"
add "`nil, err` (a [daytona.Error](#type-error)); misuse raises. Every call takes `timeout` and"
add "`max_retries`. In a prompt `daytona.help \"git.clone\"` tells the same."
add ""
for _, part in ipairs(contents) do
  local names = {}
  for _, method in ipairs(part.methods) do
    names[#names + 1] = ("[%s](#%s)"):format(method[1], method[2])
  end
  add("* [%s](#%s)", part.title, part.anchor)
  if #names > 0 then
    add_wrapped(table.concat(names, ", "), "  ", "  ")
  end
end
add ""

local file = assert(io.open((arg[1] or "doc") .. "/api.md", "w"))
local text = table.concat(out, "\n") .. "\n" .. table.concat(body, "\n")
file:write((text:gsub("\n\n\n+", "\n\n"):gsub("\n*$", "\n")))
file:close()
