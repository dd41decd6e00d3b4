--- Base64 (RFC 4648).

local base64 = {}

local values, digits = {}, {}
do
  local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  for index = 1, #alphabet do
    values[alphabet:byte(index)] = index - 1
    digits[index - 1] = alphabet:sub(index, index)
  end
end

local char, floor = string.char, math.floor

--- The bytes of one group of 2 to 4 characters.
local function group(a, b, c, d)
  local bits = ((values[a] * 64 + values[b]) * 64 + (c and values[c] or 0)) * 64 + (d and values[d] or 0)
  local text = char(floor(bits / 65536), floor(bits / 256) % 256, bits % 256)
  return text:sub(1, d and 3 or c and 2 or 1)
end

--- Decodes a text; white space is ignored, padding may be missing.
---@param text string
---@return string? bytes nil if it is not base64
function base64.decode(text)
  text = text:gsub("%s+", "")
  local body = text:gsub("=+$", "")
  if body:find "[^%w+/]" or #body % 4 == 1 or #text - #body > 2 then
    return nil
  end
  local parts = {}
  for index = 1, #body, 4 do
    parts[#parts + 1] = group(body:byte(index, index + 3))
  end
  return table.concat(parts)
end

--- Encodes bytes, in one line.
---@param bytes string
---@return string text
function base64.encode(bytes)
  local parts = {}
  for index = 1, #bytes, 3 do
    local a, b, c = bytes:byte(index, index + 2)
    local bits = a * 65536 + (b or 0) * 256 + (c or 0)
    parts[#parts + 1] = digits[floor(bits / 262144)] .. digits[floor(bits / 4096) % 64]
      .. (b and digits[floor(bits / 64) % 64] or "=") .. (c and digits[bits % 64] or "=")
  end
  return table.concat(parts)
end

--- Encodes bytes for a URL or a header: "-" and "_" in the places of "+" and
--- "/", no padding.
---@param bytes string
---@return string
function base64.encode_url(bytes)
  return (base64.encode(bytes):gsub("[+/=]", { ["+"] = "-", ["/"] = "_", ["="] = "" }))
end

return base64
