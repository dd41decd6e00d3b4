--- Entries in the order of their field `at`, then as they came: a binary heap
--- that knows where each entry stands, so that any can be taken out.

local heap = {}

local function before(a, b)
  if a.at ~= b.at then
    return a.at < b.at
  end
  return a.order < b.order
end

local function put(self, entry, index)
  self[index] = entry
  entry.index = index
end

local function up(self, entry, index)
  while index > 1 do
    local parent = math.floor(index / 2)
    if not before(entry, self[parent]) then
      break
    end
    put(self, self[parent], index)
    index = parent
  end
  put(self, entry, index)
end

local function down(self, entry, index)
  local count = #self
  while true do
    local child = index * 2
    if child < count and before(self[child + 1], self[child]) then
      child = child + 1
    end
    if child > count or not before(self[child], entry) then
      break
    end
    put(self, self[child], index)
    index = child
  end
  put(self, entry, index)
end

---@param self table the heap: starts as {}, its first entry is self[1]
---@param entry { at: number }
function heap.add(self, entry)
  self.orders = (self.orders or 0) + 1
  entry.order = self.orders
  up(self, entry, #self + 1)
end

--- Takes out an entry that is in the heap.
function heap.remove(self, entry)
  local index, count = entry.index, #self
  local last = self[count]
  self[count] = nil
  entry.index = nil
  if last == entry then
    return
  elseif index > 1 and before(last, self[math.floor(index / 2)]) then
    up(self, last, index)
  else
    down(self, last, index)
  end
end

return heap
