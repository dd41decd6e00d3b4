--- Text for POSIX shells.

local core = require "daytona.core"
local list = require "daytona.call.list_argument"

local LONGEST = 100000 -- bytes of an argument; Linux takes 128 KiB

local shell = {}

--- The text as one word.
---@param text string
---@return string
function shell.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- What may end a shell, each with text that is found fast, without which it is not there:
-- a pattern takes milliseconds for a text of 100 KB.
local ENDS = {
  { "exit", "%f[%w_]exit%f[^%w_]" }, { "exec", "%f[%w_]exec%f[^%w_]" }, { "logout", "%f[%w_]logout%f[^%w_]" },
  { "kill", "%f[%w_]kill%f[^%w_]" }, { "errexit", "errexit" }, { "nounset", "nounset" },
  { "set ", "set +%-%a*[eu]" }, { "${", "%${[%w_]+:?%?" },
}

--- Whether a shell may end that is given the text: a hint, not a proof.
---@param text string?
---@return boolean
function shell.may_end(text)
  for _, one in ipairs(text and ENDS or {}) do
    if text:find(one[1], 1, true) and text:find(one[2]) then
      return true
    end
  end
  return false
end

--- The text as an argument of `printf %b`, every byte kept.
local function printable(text)
  return (text:gsub("[^ -&(-%[%]-~]", function(byte)
    return ("\\0%03o"):format(byte:byte())
  end))
end

local function check_text(operation, where, text)
  if type(text) ~= "string" then
    core.misuse(("%s: %s: string expected, got %s"):format(operation, where, type(text)))
  elseif text:find "%z" then
    core.misuse(("%s: %s: contains NUL"):format(operation, where))
  end
  return text
end

--- The step that becomes the command: shell text, or a list as one program with
--- its arguments.
local function command_line(operation, command)
  if type(command) == "string" then
    if not check_text(operation, "field 'command'", command):find "%S" then
      core.misuse(("%s: field 'command': must not be blank"):format(operation))
    end
    -- By a process of its own: $$ is the command's then, not the session's.
    return (#command <= LONGEST and 'exec "${BASH:-sh}" -c ' or "eval ") .. shell.quote(command)
  elseif type(command) ~= "table" or next(command) == nil then
    core.misuse(("%s: field 'command': string or list of strings expected, got %s")
      :format(operation, type(command) == "table" and "a table without any" or type(command)))
  end
  list.count(operation, "command", command)
  local words = { "exec" }
  for index, word in ipairs(command) do
    words[index + 1] = shell.quote(check_text(operation, ("field 'command': item %d"):format(index), word))
  end
  return table.concat(words, " ")
end

local function export(operation, env)
  local names, words = {}, {}
  for name in pairs(env) do
    if type(name) ~= "string" or not name:find "^[%a_][%w_]*$" then
      core.misuse(("%s: field 'env': '%s' cannot be the name of a variable"):format(operation, tostring(name)))
    end
    names[#names + 1] = name
  end
  table.sort(names)
  for index, name in ipairs(names) do
    words[index] = name .. "=" .. shell.quote(check_text(operation, ("field 'env': key '%s'"):format(name), env[name]))
  end
  return "export " .. table.concat(words, " ")
end

--- The text that gives a session's shell its directory and variables.
---@param operation string for messages
---@param cwd string?
---@param env table<string, string>?
---@return string? text nil: there is nothing to do
function shell.setting(operation, cwd, env)
  local steps = {}
  if cwd and cwd ~= "" then
    steps[1] = "cd -- " .. shell.quote(check_text(operation, "field 'cwd'", cwd))
  end
  if env and next(env) ~= nil then
    steps[#steps + 1] = export(operation, env)
  end
  return steps[1] and table.concat(steps, " && ")
end

--- The text for a session that runs a command apart from the session's shell:
--- nothing of it (cd, exit, a syntax error) touches that one, and nothing but
--- the command itself shows in the list of processes.
---@param operation string for messages
---@param command string|string[]
---@param options { cwd: string?, env: table<string, string>?, stdin: string?, stdin_file: string?, first: string?, around: (fun(steps: string): string)? } first: shell text before everything else; around: gives the command its input
---@return string
function shell.script(operation, command, options)
  local steps = { options.first }
  if options.cwd and options.cwd ~= "" then
    steps[#steps + 1] = ("cd -- %s || exit"):format(shell.quote(check_text(operation, "field 'cwd'", options.cwd)))
  end
  if options.env and next(options.env) ~= nil then
    steps[#steps + 1] = export(operation, options.env)
  end
  steps[#steps + 1] = command_line(operation, command)
  if options.stdin_file then
    local file = shell.quote(options.stdin_file)
    table.insert(steps, 1, "rm -f " .. file)
    return ("(%s) <%s"):format(table.concat(steps, "; "), file)
  elseif options.around then
    return options.around(table.concat(steps, "; "))
  elseif options.stdin and options.stdin ~= "" then
    return ("printf %%b '%s' 2>/dev/null | (%s)"):format(printable(options.stdin), table.concat(steps, "; "))
  end
  return ("(%s) </dev/null"):format(table.concat(steps, "; "))
end

return shell
