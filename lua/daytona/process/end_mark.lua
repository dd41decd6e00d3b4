--- The end of a command's output, marked in the output itself.
---
--- Servers that keep lines add a newline where the last line has none; nobody could
--- tell which was printed.  So what runs for process:run and process:start prints a
--- mark to both streams when it has ended, and the mark is taken off again wherever
--- its log is read.  What a process that was left in the background prints after it
--- stays, in its place.

local mark = {}

local FIRST = "\030"

--- The mark of a session's command; nil: it prints none.
---@param session_id string
---@return string?
function mark.of(session_id)
  if type(session_id) == "string" and session_id:find "^run%-%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x$" then
    return FIRST .. session_id .. "\n"
  end
end

--- Shell text that prints the mark to both streams and keeps the exit code; only for
--- one other than 0 that costs a process.
---@param session_id string
---@return string
function mark.print(session_id)
  local text = ("printf '\\036%s\\n'"):format(session_id)
  return ("; r=$?; %s; %s >&2; [ $r = 0 ] || (exit $r)"):format(text, text)
end

---@class daytona.MarkFilter
local Filter = {}
local metatable = { __index = Filter }

--- What takes the mark off two streams that come in chunks.
---@param text string?
---@return daytona.MarkFilter? filter nil where there is no mark
function mark.filter(text)
  return text and setmetatable({ _mark = text, _held = {}, _seen = {}, _count = 0 }, metatable)
end

--- The chunk without marks, and without what may be the beginning of one: that is
--- kept until the next chunk.  A stream may have both marks: some servers take bytes
--- that were printed for a change of the stream.
---@param name "stdout"|"stderr"
---@param chunk string
---@return string
function Filter:pass(name, chunk)
  local text = self._mark
  if self._held[name] then
    chunk, self._held[name] = self._held[name] .. chunk, nil
  end
  if chunk:find(text, 1, true) then
    local count
    chunk, count = chunk:gsub(text:gsub("%p", "%%%0"), "")
    self._seen[name], self._count = true, self._count + count
  end
  local at = chunk:find(FIRST, math.max(#chunk - #text + 2, 1), true)
  while at do
    if text:sub(1, #chunk - at + 1) == chunk:sub(at) then
      self._held[name] = chunk:sub(at)
      return chunk:sub(1, at - 1)
    end
    at = chunk:find(FIRST, at + 1, true)
  end
  return chunk
end

--- What was kept of a stream, which is no mark then.
---@param name "stdout"|"stderr"
---@return string
function Filter:rest(name)
  local rest = self._held[name]
  self._held[name] = nil
  return rest or ""
end

--- Whether both streams have come to their end.
---@return boolean
function Filter:is_complete()
  return self._count > 1 or self._seen.stdout ~= nil and self._seen.stderr ~= nil
end

return mark
