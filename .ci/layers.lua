-- Checks that the modules of the library keep to their layers: a module requires
-- only modules of its own folder and of the folders below it.
--   lua5.4 .ci/layers.lua

-- From the top to the bottom.  The facades are the modules without a folder.
local ORDER = { "actions", "facade", "terminal", "sandbox", "process", "fs", "host", "call", "text", "base" }
-- What every module may use: the core, found with a sentence where it is missing.
local BASE = { base64 = true, core = true, load = true, version = true, preload = true }

local rank = {}
for index, folder in ipairs(ORDER) do
  rank[folder] = index
end

local function folder_of(module)
  local name = module:match "^daytona%.(.*)$"
  if module == "daytona" then
    return "facade"
  elseif not name or BASE[name] then
    return "base"
  end
  local folder = name:match "^([%w_]+)%."
  return folder or (name == "actions" and "actions" or "facade")
end

local faults = 0
local listing = assert(io.popen "git ls-files 'lua/*.lua'")
for path in listing:lines() do
  local module = path:gsub("^lua/", ""):gsub("/init%.lua$", ""):gsub("%.lua$", ""):gsub("/", ".")
  local file = assert(io.open(path))
  local number = 0
  for line in file:lines() do
    number = number + 1
    local code = line:gsub("^%s*%-%-.*", ""):gsub("%-%- .*", "")
    for required in code:gmatch '"(daytona[%w_.]*)"' do
      local from, to = folder_of(module), folder_of(required)
      local is_name = code:find("__name", 1, true) or not package.searchpath(required, "lua/?.lua;lua/?/init.lua")
      local is_later = module == "daytona" and to == "actions" -- loaded by the user's first use of its name
      if not is_name and not is_later and rank[to] < rank[from] then
        faults = faults + 1
        print(("%s:%d: %s (%s) requires %s (%s)"):format(path, number, module, from, required, to))
      end
    end
  end
  file:close()
end
listing:close()
os.exit(faults == 0)
