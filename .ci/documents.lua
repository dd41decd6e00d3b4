-- Checks what people read: no line is over 120 wide, links between documents lead
-- somewhere, and files that a document names are there.
--   lua5.4 .ci/documents.lua
-- Rows of tables cannot wrap (the operations are one in C); types of the language server ("---@") stand
-- on one line.

local WIDTH = 120
local faults = 0

local function fault(path, number, text)
  faults = faults + 1
  print(("%s:%d: %s"):format(path, number, text))
end

local function listed(patterns)
  local names = {}
  local listing = assert(io.popen("git ls-files " .. patterns))
  for name in listing:lines() do
    names[#names + 1] = name
  end
  listing:close()
  return names
end

local function exists(path)
  local file = io.open(path)
  if file then
    file:close()
  end
  return file ~= nil
end

local every = listed ""
--- Whether a file of the tree has this name, or a path that ends with it.
local known = {}
for _, path in ipairs(every) do
  repeat
    known[path] = true
    path = path:match "^[^/]+/(.+)$"
  until not path
end

local function check_links(path, number, line)
  for target in line:gmatch "%]%(([^)#%s]+)[^)]*%)" do
    local base = path:match "^(.*/)" or ""
    local full = (base .. target):gsub("[^/]+/%.%./", "")
    if not target:find("://", 1, true) and not exists(full) then
      fault(path, number, "leads nowhere: " .. target)
    end
  end
end

local SOURCES = { c = true, h = true, lua = true, py = true, sh = true }
-- Names that examples give to files of the reader.
local INVENTED = { ["spec/lua/widget_spec.lua"] = true }

local function check_names(path, number, line)
  for name in line:gmatch "`([%w_./-]+%.%l+)`" do
    if SOURCES[name:match "%.(%l+)$"] and name:find "^[%l.]" and not known[name] and not INVENTED[name] then
      fault(path, number, "names a file that is not there: " .. name)
    end
  end
end

for _, path in ipairs(listed "'*.md'") do
  local number, in_code = 0, false
  for line in io.lines(path) do
    number = number + 1
    if line:find "^```" then
      in_code = not in_code
    end
    if #line > WIDTH and (utf8.len(line) or #line) > WIDTH and not line:find "^%s*|" then
      fault(path, number, ("%d wide"):format(#line))
    end
    if not in_code then
      check_links(path, number, line)
      if path ~= "doc/changelog.md" then
        check_names(path, number, line)
      end
    end
  end
end

for _, path in ipairs(listed "'*.lua' '*.c' '*.h' ':!doc/meta.lua' ':!src/core/table'") do
  local number = 0
  for line in io.lines(path) do
    number = number + 1
    if #line > WIDTH and (utf8.len(line) or #line) > WIDTH and not line:find "^%s*%-%-%-@" then
      fault(path, number, ("%d wide"):format(#line))
    end
  end
end

os.exit(faults == 0)
