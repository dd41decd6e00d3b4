--- A language server in a sandbox: what sandbox:create_lsp_server gives.

local call = require "daytona.call.call"
local class = require "daytona.call.class"
local core = require "daytona.core"
local rows = require "daytona.call.rows"

---@class daytona.Lsp
---@field language_id string
---@field path_to_project string

local lsp = {}

--- Documents go by URI: SDKs put file:// before the path, and no more.
local function name_document(params)
  local path = params.path
  if type(path) == "string" and path:find "%S" and path:sub(1, 7) ~= "file://" then
    params.path = "file://" .. path
  end
end

local metatable = { __name = "daytona.lsp" }
metatable.__index = class.define("lsp", {}, metatable, function(name)
  local operation = "lsp." .. name
  return rows.plain(operation, core.method(operation), name_document)
end)

--- Makes one; nothing is sent.
---@param sandbox daytona.Sandbox
---@param language_id string
---@param path_to_project string
---@param options table?
---@return daytona.Lsp
function lsp.new(sandbox, language_id, path_to_project, options)
  local operation = "sandbox.create_lsp_server"
  local params = call.params(operation, options, { language_id = language_id, path_to_project = path_to_project })
  core.check(operation, params)
  return setmetatable({ _sandbox = sandbox, language_id = language_id, path_to_project = path_to_project }, metatable)
end

return lsp
