--- The front door of each kind of object: methods that say what is wrong when
--- they are called with a dot or with too many arguments, and names that do not
--- exist but are meant for one that does.

local core = require "daytona.core"
local rows = require "daytona.call.rows"
local signatures = require "daytona.call.signatures"

local class = {}

-- Every call goes through here.
local getmetatable, select, setmetatable, type = getmetatable, select, setmetatable, type

-- What the official SDKs call it, or what people try first, by object.
local OTHER_NAMES = {
  client = {
    find = "client:list", find_one = "client:list", list_sandboxes = "client:list", get_sandbox = "client:get",
    find_sandbox = "client:get", create_sandbox = "client:create", new_sandbox = "client:create",
    delete_sandbox = "client:delete", remove = "client:delete", stop_sandbox = "client:stop",
    start_sandbox = "client:start", get_current_sandbox = "client:get",
  },
  sandbox = {
    exec = "sandbox.process:exec", execute = "sandbox.process:exec", execute_command = "sandbox.process:exec",
    run = "sandbox.process:run", run_command = "sandbox.process:run", command = "sandbox.process:run",
    code_run = "sandbox.process:code_run", run_code = "sandbox.process:code_run", spawn = "sandbox.process:start",
    upload = "sandbox.fs:upload_file", upload_file = "sandbox.fs:upload_file", upload_dir = "sandbox.fs:upload_dir",
    download = "sandbox.fs:download_file", download_file = "sandbox.fs:download_file",
    download_dir = "sandbox.fs:download_dir", read_file = "sandbox.fs:read_file",
    write_file = "sandbox.fs:upload_file", list_files = "sandbox.fs:list_files", files = "sandbox.fs",
    filesystem = "sandbox.fs", file_system = "sandbox.fs", clone = "sandbox.git:clone",
    interpreter = "sandbox.code_interpreter", refresh_data = "sandbox:refresh", reload = "sandbox:refresh",
    remove = "sandbox:delete", destroy = "sandbox:delete", kill = "sandbox:delete", close = "sandbox:delete",
    get_preview_url = "sandbox:get_preview_link",
    signed_preview_url = "sandbox:create_signed_preview_url",
    get_signed_preview_url = "sandbox:create_signed_preview_url",
    get_signed_preview_link = "sandbox:create_signed_preview_url",
    get_user_root_dir = "sandbox:get_user_home_dir", set_autostop_interval = "sandbox:set_auto_stop_interval",
    set_autoarchive_interval = "sandbox:set_auto_archive_interval",
    set_autodelete_interval = "sandbox:set_auto_delete_interval",
    wait_for_sandbox_start = "sandbox:wait_until_started", wait_for_sandbox_stop = "sandbox:wait_until_stopped",
    wait = "sandbox:wait_until_started", lsp = "sandbox:create_lsp_server", lsp_server = "sandbox:create_lsp_server",
    computer = "sandbox.computer_use", desktop = "sandbox.computer_use",
    take_screenshot = "sandbox.computer_use.screenshot:take_full_screen",
  },
  ["sandbox.process"] = {
    execute = "sandbox.process:exec", execute_command = "sandbox.process:exec", run_command = "sandbox.process:run",
    run_code = "sandbox.process:code_run", spawn = "sandbox.process:start",
    execute_session_command = "session:exec", get_session_command = "command:status",
    get_session_command_logs = "command:logs", get_session_command_logs_async = "command:follow",
    send_session_command_input = "command:input", connect_pty_session = "sandbox.process:connect_pty",
    get_entrypoint_logs = "command:logs",
  },
  ["sandbox.fs"] = {
    upload = "sandbox.fs:upload_file", write = "sandbox.fs:upload_file", write_file = "sandbox.fs:upload_file",
    download = "sandbox.fs:download_file", read = "sandbox.fs:read_file", list = "sandbox.fs:list_files",
    ls = "sandbox.fs:list_files", remove = "sandbox.fs:delete_file", rm = "sandbox.fs:delete_file",
    delete = "sandbox.fs:delete_file", mkdir = "sandbox.fs:create_folder", make_dir = "sandbox.fs:create_folder",
    move = "sandbox.fs:move_file", rename = "sandbox.fs:move_file", stat = "sandbox.fs:get_file_info",
    set_file_permissions = "sandbox.fs:set_permissions", chmod = "sandbox.fs:set_permissions",
    upload_folder = "sandbox.fs:upload_dir", download_folder = "sandbox.fs:download_dir",
    download_file_stream = "sandbox.fs:read_file", upload_file_stream = "sandbox.fs:upload_file",
  },
  ["sandbox.code_interpreter"] = {
    run = "sandbox.code_interpreter:run_code", exec = "sandbox.code_interpreter:run_code",
  },
  ["sandbox.computer_use"] = {
    status = "sandbox.computer_use:get_status", click = "sandbox.computer_use.mouse:click",
    type = "sandbox.computer_use.keyboard:type", take_screenshot = "sandbox.computer_use.screenshot:take_full_screen",
    take_full_screen = "sandbox.computer_use.screenshot:take_full_screen", a11y = "sandbox.computer_use.accessibility",
    recordings = "sandbox.computer_use.recording",
  },
  lsp = {
    workspace_symbols = "lsp:sandbox_symbols", open = "lsp:did_open", close = "lsp:did_close",
    symbols = "lsp:document_symbols", complete = "lsp:completions",
  },
  session = { execute = "session:exec", run = "session:exec", close = "session:delete" },
  command = { wait = "job:wait, or command:follow", kill = "session:delete" },
  job = { stop = "job:kill", close = "job:kill", status = "job:logs" },
  pty = {
    send_input = "pty:write", send = "pty:write", close = "pty:disconnect", wait_for_connection = "pty:is_connected",
  },
  reader = { next = "reader:read", lines = "reader:read", cancel = "reader:close", size = "reader:total" },
  stream = { next = "stream:read", lines = "stream:read", wait = "stream:read", cancel = "stream:close" },
  server = { close = "server:stop", new = "server:client" },
}

local known = {} -- by object

--- The methods of an object with the most arguments each takes: those written by
--- hand, and those that rows make.
---@param object string as in signatures, or an area that is rows only
---@return table<string, integer>
function class.signatures(object)
  local all = known[object]
  if not all then
    all = core.methods(rows.area(object))
    for name, most in pairs(signatures[object] or {}) do
      all[name] = most
    end
    known[object] = all
  end
  return all
end

local function snake(name)
  return (name:gsub("(%l)(%u)", "%1_%2"):lower())
end

--- The method that a name begins: "upload" is one of "upload_file" and
--- "upload_dir".
local function begun(methods, name)
  local found
  for method in pairs(methods) do
    if method:sub(1, #name + 1) == name .. "_" and (not found or #method < #found) then
      found = method
    end
  end
  return found
end

--- What somebody means who writes `name`: nil, if nothing is like it.
local function meant(object, name)
  local methods = class.signatures(object)
  local plain = snake(name)
  local other = OTHER_NAMES[object] and (OTHER_NAMES[object][name] or OTHER_NAMES[object][plain])
  if other then
    return other
  end
  local method = methods[plain] and plain or #plain > 2 and begun(methods, plain)
    or core.nearest(plain, methods, #plain < 7 and 1 or 2)
  return method and ("%s:%s"):format(object, method)
end

--- Raises for a name that an object does not have, if it is like one that it
--- has; else nothing, for data of a newer server may be asked for.
---@param object string as in signatures
---@param name any
function class.missing(object, name)
  if type(name) ~= "string" or name:find "^_" then
    return
  end
  if object == "sandbox" and core.sandbox_field(name) then -- data, which this one lacks
    return
  end
  local hint = meant(object, name)
  if not hint and object == "sandbox" and #name > 3 then
    local field = core.sandbox_field(snake(name), 1)
    hint = field and "sandbox." .. field
  end
  if hint then
    core.misuse(("%s has no '%s' (did you mean %s?)"):format(object, name, hint))
  end
end

-- How results look in a prompt; loaded with the first that is shown.
local shown = {}
function shown.__tostring(value)
  local show = require "daytona.text.show"
  show.results(shown)
  return show.text(value)
end

--- Gives a plain table, and the tables that it lists, the look of results; and no
--- nil behind a value or an error, which a prompt would show.
local function dressed(...)
  local value, err = ...
  if type(value) == "table" and not getmetatable(value) then
    setmetatable(value, shown)
    for index = 1, #value do
      local item = value[index]
      if type(item) == "table" and not getmetatable(item) then
        setmetatable(item, shown)
      end
    end
  end
  local count = select("#", ...)
  if count == 2 and value ~= nil and err == nil then
    return value
  elseif count == 3 and value == nil and select(3, ...) == nil then
    return value, err
  end
  return ...
end

-- Methods that give what a function of the user's has given.
local OTHERS = { with_sandbox = true, request = true, to_table = true }

--- A method that looks at how it is called.
local function guarded(object, name, fn, is_instance)
  local most = class.signatures(object)[name]
  return function(self, ...)
    if not is_instance(self) then
      core.misuse(("%s.%s: call methods with a colon, %s:%s(...)"):format(object, name, object, name))
    end
    local count = select("#", ...)
    if count > most then
      for i = most + 1, count do
        if select(i, ...) ~= nil then
          core.misuse(("%s.%s: at most %d argument%s expected, got %d (options are one table, the last)"):format(
            object, name, most, most == 1 and "" or "s", i))
        end
      end
    end
    if OTHERS[name] then
      return fn(self, ...)
    end
    return dressed(fn(self, ...))
  end
end

--- Makes the front door of a kind of object.
---@param object string as in signatures
---@param methods table gets guarded functions in the places of public ones
---@param is_instance fun(value: any): boolean
---@param load (fun(name: string): function?)? finds methods that are loaded with their first use; the rest are made by rows
---@return table methods
function class.define(object, methods, is_instance, load)
  for name in pairs(signatures[object] or {}) do
    local fn = rawget(methods, name)
    if fn then
      methods[name] = guarded(object, name, fn, is_instance)
    end
  end
  local loaded = {}
  return setmetatable(methods, {
    __index = function(_, name)
      if loaded[name] then
        return loaded[name]
      end
      if not class.signatures(object)[name] then
        return class.missing(object, name)
      end
      local fn = load and load(name) or rows.method(object, name)
      loaded[name] = guarded(object, name, fn, is_instance)
      return loaded[name]
    end,
  })
end

--- Whether a value is a table with a field that all instances have.
---@param field string
---@return fun(value: any): boolean
function class.with(field)
  return function(value)
    return type(value) == "table" and value[field] ~= nil
  end
end

return class
