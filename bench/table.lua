-- Judge measured figures and print them as a table.
-- usage: table.lua RESULTS [JSON_FILE]
-- RESULTS has one figure a line, its fields separated by tabs:
--   kind  figure  unit  floor  ours  bound  slack  note
-- kind: ratio    ours / floor may be at most the bound
--       speed    ours / floor must be at least the bound
--       over     ours - floor may be at most the bound
--       most     ours may be at most the bound
--       least    ours must be at least the bound
--       peer     no bound; the ratio of the two
--       skipped  not measured; the note says why
-- A "-" stands for no bound. Exits 1 when a bound is missed by more than its
-- slack or could not be measured.

local FIELDS = { "kind", "figure", "unit", "floor", "ours", "bound", "slack", "note" }
local NUMBERS = { floor = true, ours = true, bound = true, slack = true }

local function read_rows(path)
  local rows = {}
  for line in io.lines(path) do
    local row, i = {}, 0
    for field in (line .. "\t"):gmatch("([^\t]*)\t") do
      i = i + 1
      local name = FIELDS[i]
      row[name] = NUMBERS[name] and tonumber(field) or field
      if NUMBERS[name] and row[name] == "-" then row[name] = nil end
    end
    assert(i == #FIELDS, "not a result: " .. line)
    rows[#rows + 1] = row
  end
  return rows
end

-- What is compared with the bound, and the sign of "too much".
local MEASURE = {
  ratio = function(row) return row.ours / row.floor, 1 end,
  speed = function(row) return row.ours / row.floor, -1 end,
  over = function(row) return row.ours - row.floor, 1 end,
  most = function(row) return row.ours, 1 end,
  least = function(row) return row.ours, -1 end,
  peer = function(row) return row.ours / row.floor, 1 end,
}

local function judge(row)
  local failed = false
  if row.kind == "skipped" then
    row.verdict = "skipped"
    return row.bound ~= nil
  end
  local sign
  row.measure, sign = MEASURE[row.kind](row)
  if row.bound == nil then
    row.verdict = "-"
  elseif (row.measure - row.bound) * sign <= 0 then
    row.verdict = "met"
  else
    failed = (row.measure - row.bound) * sign > row.slack
    row.verdict = failed and "NOT met" or "NOT met (in slack)"
  end
  return failed
end

local function number(n)
  if n == nil then return "-" end
  if n >= 1e6 then return ("%.2f M"):format(n / 1e6) end
  if n >= 1e4 then return ("%.1f k"):format(n / 1e3) end
  if n >= 100 then return ("%.0f"):format(n) end
  return ("%.2f"):format(n)
end

local SIGN = { ratio = "<= %s x", speed = ">= %s x", over = "<= +%s", most = "<= %s", least = ">= %s" }

local function cells(row)
  if row.kind == "skipped" then
    return { row.figure, "", "", "", "", "", row.verdict }
  end
  local bound, measure = "-", number(row.measure)
  if row.bound then
    bound = SIGN[row.kind]:format(("%g"):format(row.bound))
    if row.slack > 0 then bound = bound .. (" (slack %g)"):format(row.slack) end
  end
  if row.kind == "over" then
    measure = (row.measure < 0 and "" or "+") .. measure
  elseif row.kind == "most" or row.kind == "least" then
    measure = ""
  else
    measure = measure .. " x"
  end
  return { row.figure, number(row.floor), number(row.ours), row.unit, measure, bound, row.verdict }
end

local function print_table(rows)
  local lines = { { "figure", "floor", "ours", "unit", "measured", "bound", "verdict" } }
  for i, row in ipairs(rows) do lines[i + 1] = cells(row) end
  local width = {}
  for _, line in ipairs(lines) do
    for i, cell in ipairs(line) do width[i] = math.max(width[i] or 0, #cell) end
  end
  for _, line in ipairs(lines) do
    local out = {}
    for i, cell in ipairs(line) do
      local right = i == 2 or i == 3 or i == 5
      out[i] = ("%" .. (right and "" or "-") .. width[i] .. "s"):format(cell)
    end
    print((table.concat(out, "  "):gsub("%s+$", "")))
  end
end

-- How each figure was taken; neighbours taken the same way share a line.
local function print_notes(rows)
  for i, row in ipairs(rows) do
    local last = rows[i + 1] == nil or rows[i + 1].note ~= row.note
    io.write(row.figure, last and (": " .. row.note .. "\n") or "; ")
  end
end

local function json_value(v)
  if v == nil then return "null" end
  if type(v) == "number" then return ("%.10g"):format(v) end
  return '"' .. v:gsub('[\\"]', "\\%0") .. '"'
end

local function write_json(rows, path)
  local names = { table.unpack(FIELDS) }
  names[#names + 1] = "measure"
  names[#names + 1] = "verdict"
  local out = {}
  for i, row in ipairs(rows) do
    local fields = {}
    for k, name in ipairs(names) do fields[k] = ('"%s": %s'):format(name, json_value(row[name])) end
    out[i] = "  {" .. table.concat(fields, ", ") .. "}"
  end
  local file = assert(io.open(path, "w"))
  assert(file:write("[\n", table.concat(out, ",\n"), "\n]\n"))
  assert(file:close())
end

local rows = read_rows(arg[1])
local failures = 0
for _, row in ipairs(rows) do
  if judge(row) then failures = failures + 1 end
end
print_table(rows)
print()
print_notes(rows)
if arg[2] then write_json(rows, arg[2]) end
if failures > 0 then
  print(("\n%d of the bounds missed or not measured"):format(failures))
  os.exit(1)
end
print("\nevery bound met")
