--- What is in a directory: here by system calls, in a sandbox by what the shell
--- there says, for the toolbox's own lists follow symbolic links, do not show
--- them, and name only what is UTF-8.

local base64 = require "daytona.base64"
local core = require "daytona.core"

local tree = {}

local MOST_PROBLEMS = 100 -- lines of the shell that are told
local OWNER_WRITES = 128  -- the bit of a mode

---@class daytona.Tree
---@field mode integer        permission bits of the root
---@field directories { path: string, mode: integer }[] those below it, parents before what is in them
---@field files { path: string, mode: integer, size: integer }[]
---@field skipped { path: string, reason: string }[] links and special files
---@field failed { path: string, message: string }[] what could not be looked at
---@field bytes integer       in all files

local function new_tree()
  return { mode = 493, directories = {}, files = {}, skipped = {}, failed = {}, bytes = 0 }
end

--- Adds an entry to the tree.
local function add(found, path, kind, mode, size)
  if kind == "directory" then
    found.directories[#found.directories + 1] = { path = path, mode = mode }
  elseif kind == "file" and path:find "%.daytona%-%x+%-%x+%.part$" then
    found.skipped[#found.skipped + 1] = { path = path, reason = "unfinished download" }
  elseif kind == "file" then
    found.files[#found.files + 1] = { path = path, mode = mode, size = size }
    found.bytes = found.bytes + size
  else
    found.skipped[#found.skipped + 1] = {
      path = path, reason = kind == "link" and "symbolic link" or "special file",
    }
  end
end

local function by_name(a, b)
  return a.name < b.name
end

--- Reads a local directory and all below it; no link below it is followed.
---@param root string
---@param pause fun(): boolean called now and then; false ends it
---@return daytona.Tree? found
---@return string? problem why the root cannot be read; nil: `pause` ended it
function tree.scan(root, pause)
  local found, info, problem = new_tree(), core.file_info(root)
  if not info then
    return nil, problem
  end
  found.mode = info.mode
  local queue, next_one = { "." }, 1
  while queue[next_one] do
    if next_one % 64 == 0 and pause() == false then
      return nil
    end
    local directory = queue[next_one]
    local prefix = directory == "." and "" or directory .. "/"
    local entries, message = core.scan_dir(root, directory)
    if not entries and directory == "." then
      return nil, message
    elseif not entries then
      found.failed[#found.failed + 1] = { path = directory, message = message }
    else
      table.sort(entries, by_name)
      for _, entry in ipairs(entries) do
        local path = prefix .. entry.name
        add(found, path, entry.type, entry.mode, entry.size)
        if entry.type == "directory" then
          queue[#queue + 1] = path
        end
      end
    end
    next_one = next_one + 1
  end
  return found
end

-- The shell reads the script from its standard input, so no command in it may.
-- Paths are told in base64: they can hold any byte, a command only UTF-8.
local HEAD = [[
LC_ALL=C; export LC_ALL
d=$(printf %%s '%s' | base64 -d; echo x); d=${d%%x}
[ -n "$d" ] || exit 97
]]

--- Exit code of a script whose directory cannot be had.
tree.no_directory = 97

local function head(directory)
  if directory:sub(1, 1) ~= "/" then
    directory = "./" .. directory -- or the shell may take it for an option
  end
  return HEAD:format(base64.encode(directory))
end

--- Lines that give the paths of the entries as arguments to a command.
local function each(command, entries)
  local paths = {}
  for i, entry in ipairs(entries) do
    paths[i] = "./" .. entry.path
  end
  if #paths == 0 then
    return ""
  end
  local list = base64.encode(table.concat(paths, "\0") .. "\0")
  return ("base64 -d <<'END' | xargs -0 %s 2>&1\n%s\nEND\n"):format(command, list)
end

--- The script that lists a directory of a sandbox, for parse_list.
---@param directory string
---@return string script
function tree.list_script(directory)
  return head(directory) .. [[
cd "$d" >/dev/null || exit 97
exec 3>&1
e=$({ find . -exec stat -c '//%f %s %n' {} + | base64 >&3; } 2>&1)
printf '!%s\n' "$e"
]]
end

-- Modes that new entries have by themselves where the umask is 0022.
local NEW_FILE, NEW_DIRECTORY = tonumber("644", 8), tonumber("755", 8)

local function are_plain(directories)
  for _, directory in ipairs(directories) do
    if directory.mode ~= NEW_DIRECTORY then
      return false
    end
  end
  return true
end

--- The entries whose modes are to be set.
---@param said string what make_script printed before "!"
---@param entries { path: string, mode: integer }[]
---@param directories boolean? whether they are directories, and all that were made
---@return { path: string, mode: integer }[]
function tree.not_plain(said, entries, directories)
  if said ~= "made0022" or directories and not are_plain(entries) then
    return entries
  end
  local others, plain = {}, directories and NEW_DIRECTORY or NEW_FILE
  for _, entry in ipairs(entries) do
    if entry.mode ~= plain then
      others[#others + 1] = entry
    end
  end
  return others
end

--- The script that makes a directory of a sandbox and those below it, the
--- owner's alone until their modes are set, unless they are to be as they become by
--- themselves.  It prints "made" and the umask if the directory was not there, then
--- "!", and then what went wrong.
---@param directory string
---@param directories { path: string }[] parents first
---@param files { path: string, mode: integer }[] such as are to be read-only may be so already, and are opened up
---@return string script
function tree.make_script(directory, directories, files)
  local read_only = {}
  for _, file in ipairs(files) do
    if math.floor(file.mode / OWNER_WRITES) % 2 == 0 then
      read_only[#read_only + 1] = file
    end
  end
  local unless_plain = are_plain(directories) and '[ "$m" = made0022 ] || ' or ""
  return head(directory) .. [[
m=; [ -d "$d" ] || m=made$(umask)
export m
mkdir -p "$d" && cd "$d" >/dev/null || exit 97
printf '%s!' "$m"
]] .. each(([[sh -c '%sumask 077; mkdir -p "$@"
for f; do [ -w "$f" ] && [ -x "$f" ] || chmod u+rwx "$f"; done' sh]]):format(unless_plain), directories)
    .. each([[sh -c 'for f; do [ ! -f "$f" ] || [ -w "$f" ] || chmod u+w "$f"; done' sh]], read_only)
    .. "exit 0\n"
end

--- The script that sets permission bits; it prints "!" and what went wrong.
---@param directory string
---@param entries { path: string, mode: integer }[] in the order in which they are set
---@return string script
function tree.mode_script(directory, entries)
  local parts = { head(directory), 'cd "$d" >/dev/null || exit 97\nprintf "!"\n' }
  local first = 1
  while entries[first] do
    local mode, group = entries[first].mode, {}
    while entries[first] and entries[first].mode == mode do
      group[#group + 1] = entries[first]
      first = first + 1
    end
    parts[#parts + 1] = each(("chmod %03o"):format(mode), group)
  end
  return table.concat(parts) .. "exit 0\n"
end

--- What a script said went wrong, by line, with the paths it is about.
local function problems(text)
  local found = {}
  for line in text:gmatch "[^\n]+" do
    if #found == MOST_PROBLEMS then
      break
    end
    found[#found + 1] = { path = line:match "'%./(.-)'" or line:match "%./(.-): " or ".", message = line }
  end
  return found
end

--- What a script printed before its "!", and what went wrong.
---@param text string
---@return string? said nil if it did not come so far
---@return { path: string, message: string }[]? failed
function tree.read_output(text)
  local said, rest = text:match "^([^!]*)!(.*)$"
  if said then
    return said, problems(rest)
  end
end

local KINDS = { [4] = "directory", [8] = "file", [10] = "link" }

--- The path of an entry without the leading "./", if it lies in the tree: its
--- parent was listed before, and it was not itself.
local function accept(path, known)
  local relative = path:match "^%./(.+)$"
  local parent, name = ".", relative
  if relative and relative:find "/" then
    parent, name = relative:match "^(.*)/([^/]*)$"
  end
  if relative and known[parent] and known[relative] == nil and name ~= "" and name ~= "." and name ~= ".."
    and not name:find "%z" then
    return relative
  end
end

--- Reads what the script of list_script printed.  Whoever answers for the
--- sandbox may be hostile: no path that is taken leads out of the tree.
---@param text string
---@return daytona.Tree? found nil if it makes no sense
function tree.parse_list(text)
  local said, failed = tree.read_output(text)
  local list = said and base64.decode(said)
  if not list then
    return nil
  end
  local found, known = new_tree(), {}
  found.failed = failed
  -- No path has two slashes in a row, so these begin a record.
  for record in (list .. "//"):gmatch "(.-)//" do
    local mode, size, path = record:match "^(%x+) (%d+) (.*)\n$"
    mode, size = tonumber(mode or "", 16), tonumber(size)
    local relative = mode and accept(path, known)
    if path == "." and mode and known["."] == nil then
      known["."], found.mode = true, mode % 512
    elseif relative and size < 2 ^ 53 then
      local kind = KINDS[math.floor(mode / 4096) % 16]
      known[relative] = kind == "directory"
      add(found, relative, kind, mode % 512, size)
    elseif record ~= "" then
      failed[#failed + 1] = {
        path = path or record, message = "the sandbox names something that is not in the directory", is_hostile = true,
      }
    end
  end
  if known["."] == nil then
    return nil
  end
  return found
end

return tree
