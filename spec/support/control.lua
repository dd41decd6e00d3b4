-- Gives a server an order over its pipes (see lifeline.py), and gives its
-- answer. Needs nothing but a JSON module, so it works in Neovim and nginx, too.

local json = require("cjson").new()

return function(directory, path, body)
  local orders = assert(io.open(directory .. "/control", "w"))
  assert(orders:write(path, "\n", body and json.encode(body) or ""))
  assert(orders:close())
  local answers = assert(io.open(directory .. "/answer", "r"))
  local answer = json.decode(answers:read "*a")
  answers:close()
  if answer.error then
    error(answer.error, 3)
  end
  return answer
end
