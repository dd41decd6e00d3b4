--- Media types by file name, for those that agents meet.

local types = {
  c = "text/x-c", css = "text/css", csv = "text/csv", gif = "image/gif", gz = "application/gzip",
  htm = "text/html", html = "text/html", jpeg = "image/jpeg", jpg = "image/jpeg", js = "text/javascript",
  json = "application/json", log = "text/plain", lua = "text/x-lua", md = "text/markdown", mp4 = "video/mp4",
  pdf = "application/pdf", png = "image/png", py = "text/x-python", svg = "image/svg+xml",
  tar = "application/x-tar", toml = "application/toml", ts = "text/x-typescript", tsv = "text/tab-separated-values",
  txt = "text/plain", wasm = "application/wasm", webp = "image/webp", xml = "application/xml",
  yaml = "application/yaml", yml = "application/yaml", zip = "application/zip",
}

local mime = {}

--- The media type that the ending of a name stands for.
---@param name string
---@return string
function mime.type(name)
  local ending = name:match "%.([%w]+)$"
  return ending and types[ending:lower()] or "application/octet-stream"
end

return mime
