-- Checks that no two objects call each other, by whatever way round:
-- a file is understood with what stands below it.
--   lua5.4 .ci/circles.lua ["build/local" | "build/5.4/core build/common"]

local root = arg[1] or "build/local"
local defined, wanted = {}, {}
local listing = assert(io.popen("find " .. root .. " -name '*.d'"))
for name in listing:lines() do
  local file = assert(io.open(name))
  local source = file:read "a":match ":%s*(%S+%.c)"
  file:close()
  if source and io.open(source) then
    local object = name:gsub("%.d$", ".o")
    local symbols = assert(io.popen("nm " .. object))
    wanted[source] = {}
    for line in symbols:lines() do
      local kind, symbol = line:match "(%a) (%S+)$"
      if kind == "U" then
        table.insert(wanted[source], symbol)
      elseif kind:find "[TDRB]" then
        defined[symbol] = source
      end
    end
    symbols:close()
  end
end
listing:close()

-- Depth first; a file that is met while it is being walked closes a circle.
local faults, state, way = 0, {}, {}
local function walk(source)
  state[source] = "open"
  table.insert(way, source)
  for _, symbol in ipairs(wanted[source]) do
    local target = defined[symbol]
    if target and target ~= source and state[target] == "open" then
      faults = faults + 1
      local from = #way
      while way[from] ~= target do
        from = from - 1
      end
      print(table.concat(way, " -> ", from) .. " -> " .. target .. " (" .. symbol .. ")")
    elseif target and not state[target] then
      walk(target)
    end
  end
  table.remove(way)
  state[source] = "done"
end
local sources = {}
for source in pairs(wanted) do
  table.insert(sources, source)
end
table.sort(sources)
assert(#sources > 0, "nothing is built in " .. root)
for _, source in ipairs(sources) do
  if not state[source] then
    walk(source)
  end
end
os.exit(faults == 0)
