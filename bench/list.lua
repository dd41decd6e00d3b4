-- Times of pages of the list of sandboxes: the best, and the median, in milliseconds.
-- usage: list.lua API_URL create     makes one sandbox, and stops it
--        list.lua API_URL COUNT      COUNT is only printed
local daytona = require "daytona"
local now = require "daytona.core".now

local ROUNDS = 41

local client = assert(daytona.new { api_url = arg[1] })
if arg[2] == "create" then
  assert(assert(client:create()):stop())
  os.exit(true, true)
end

local function escape(text)
  return (text:gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function get(path)
  return assert(client:request("GET", path))
end

local function measure(path)
  local times = {}
  get(path)
  for i = 1, ROUNDS do
    local start = now()
    get(path)
    times[i] = (now() - start) * 1e3
  end
  table.sort(times)
  return times[1], times[(ROUNDS + 1) // 2]
end

-- A cursor that is `pages` pages of 100 in.
local function deep(query, pages)
  local cursor
  for _ = 1, pages do
    cursor = get("/sandbox?limit=100" .. query .. (cursor and "&cursor=" .. escape(cursor) or "")).nextCursor
  end
  return cursor and "&cursor=" .. escape(cursor) or ""
end

local function show(what, path)
  print(("%8s  %-42s %8.2f %8.2f ms"):format(arg[2], what, measure(path)))
end

show("first page of 10", "/sandbox?limit=10")
show("first page of 100", "/sandbox?limit=100")
for _, sort in ipairs { "lastActivityAt", "name", "cpu" } do
  local query = "&sort=" .. sort
  show("deep page of 10 by " .. sort, "/sandbox?limit=10" .. query .. deep(query, 90))
end
show("one label of one", "/sandbox?limit=10&labels=" .. escape '{"nr":"77"}')
show("one label of half", "/sandbox?limit=10&labels=" .. escape '{"parity":"1"}')
show("state of none", "/sandbox?limit=10&states=error")
show("prefix of one name", "/sandbox?limit=10&name=row77")
show("memory of none", "/sandbox?limit=10&minMemoryGiB=99")
show("/paginated, page 1 of 10, with total", "/sandbox/paginated?limit=10")
show("/paginated, last page of 10", "/sandbox/paginated?limit=10&page=" .. math.max(1, tonumber(arg[2]) // 10))
show("/paginated, total of half", "/sandbox/paginated?limit=10&labels=" .. escape '{"parity":"1"}')
local start, items, cursor = now(), 0, nil
repeat
  local page = get("/sandbox?limit=100" .. (cursor and "&cursor=" .. escape(cursor) or ""))
  items, cursor = items + #page.items, page.nextCursor
until not cursor
print(("%8s  %-42s %8.2f ms"):format(arg[2], ("all %d by pages of 100"):format(items), (now() - start) * 1e3))
client:close()
