-- Runs tables of scenarios in each host: in this program, in a Neovim and in an
-- nginx.  Each function takes what scenarios.run takes and gives a text, which
-- is how many scenarios there were when all is well.

local support = require "spec.support" -- first: it looks after luv
local loop = require "daytona.host.loop"
local luv = require "luv"
local nginx = require "spec.support.nginx"
local scenarios = require "spec.support.scenarios"
local uv = require "daytona.host.uv"

local in_hosts = {}

local function text(problems, count)
  return #problems == 0 and tostring(count) or table.concat(problems, "\n\n")
end

-- A table of strings, numbers, booleans and such tables, as Lua text.
local function literal(value)
  if type(value) ~= "table" then
    return type(value) == "string" and ("%q"):format(value) or tostring(value)
  end
  local parts = {}
  for key, part in pairs(value) do
    parts[#parts + 1] = ("[%q] = %s"):format(key, literal(part))
  end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

-- Lua text that runs a table of scenarios: `list` has the `module` that gives it,
-- and whether they are run `apart`.
local CODE = [[(function()
  local problems, count = require "spec.support.scenarios".run(require %q, %s, require(%q), %s)
  return #problems == 0 and tostring(count) or table.concat(problems, "\n\n")
end)()]]

local function code(host, given, list)
  return CODE:format(host, literal(given), list.module, tostring(list.apart or false))
end

function in_hosts.plain(given, list)
  return text(scenarios.run(nil, given, require(list.module), list.apart))
end

function in_hosts.loop(given, list)
  return text(loop.run(scenarios.run, loop, given, require(list.module), list.apart))
end

function in_hosts.uv(given, list)
  local result = "uv came to no end"
  uv.spawn(function()
    result = text(scenarios.run(uv, given, require(list.module), list.apart))
  end)
  luv.run()
  return result
end

function in_hosts.neovim(given, list)
  local output, status = support.nvim(([[
    require "daytona.host.uv".run(function()
      io.write(%s)
      vim.cmd "qa!"
    end)
  ]]):format(code("daytona.host.uv", given, list)), nil, 120)
  return status == 0 and output or output .. "\nstatus " .. status
end

function in_hosts.nginx(given, list)
  local server = nginx.start {
    http = ('init_by_lua_block { package.path = package.path .. ";%s/?.lua" }'):format(support.root),
    locations = ("location = /run { content_by_lua_block { ngx.print(%s) } }"):format(
      code("daytona.host.ngx", given, list)),
  }
  local output, status = server:get "/run"
  local errors = server:errors()
  server:signal "QUIT"
  local ended = server:finish()
  if status ~= 200 or ended ~= 0 or errors ~= "" then
    output = ("%s\nstatus %s, nginx ended with %s\n%s"):format(output, status, ended, errors)
  end
  return output
end

-- The hosts of this Lua; Neovim and nginx are a Lua of their own, so once is enough.
in_hosts.names = { "plain", "loop", "uv" }
if _VERSION == "Lua 5.4" then
  in_hosts.names = { "plain", "loop", "uv", "neovim", "nginx" }
end

return in_hosts
