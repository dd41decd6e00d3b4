--- Two streams kept in memory, each up to a bound.

local output = {}

output.most = 64 * 1024 * 1024 -- bytes of each stream, unless max_output says

local Output = {}
local metatable = { __index = Output }

---@param limit integer? bytes of each stream to keep
---@return table
function output.new(limit)
  limit = limit or output.most
  return setmetatable({
    stdout = { left = limit }, stderr = { left = limit }, truncated = false,
  }, metatable)
end

--- Adds a chunk, or as much of it as there is room for.
---@param name "stdout"|"stderr"
---@param chunk string
function Output:add(name, chunk)
  local stream = self[name]
  if #chunk > stream.left then
    chunk, self.truncated = chunk:sub(1, stream.left), true
  end
  if chunk ~= "" then
    stream[#stream + 1] = chunk
    stream.left = stream.left - #chunk
  end
end

--- What was kept, as fields of a result.
---@return { stdout: string, stderr: string, truncated: boolean }
function Output:result()
  return {
    stdout = table.concat(self.stdout), stderr = table.concat(self.stderr), truncated = self.truncated,
  }
end

return output
