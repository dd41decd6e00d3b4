--- Base64 (RFC 4648), for pictures of charts and files that travel as text.

local core = require "daytona.load"

local base64 = {}

--- Decodes a text; white space is ignored, padding may be missing.
---@param text string
---@return string? bytes nil if it is not base64
function base64.decode(text)
  return core.base64_decode(text)
end

--- Encodes bytes, in one line.
---@param bytes string
---@return string text
function base64.encode(bytes)
  return core.base64_encode(bytes)
end

--- Encodes bytes for a URL or a header: "-" and "_" in the places of "+" and
--- "/", no padding.
---@param bytes string
---@return string text
function base64.encode_url(bytes)
  return core.base64_encode_url(bytes)
end

return base64
