-- A handle made from an id asked the server where its toolbox is before the
-- arguments were looked at: misuse was sent out, and hidden by the answer.

local support = require "spec.support"

describe("misuse through a handle made from an id", function()
  it("raises, and sends nothing", function()
    local server = support.fault_server()
    local client = support.client(server)
    local sandbox = client:sandbox "sb-1"
    local calls = {
      ["git.clone: field 'url': required"] = function() return sandbox.git:clone(nil, "path") end,
      ["process.exec: field 'command': required"] = function() return sandbox.process:exec() end,
      ["process.exec: unknown option 'tiemout' (did you mean 'timeout'?)"] = function()
        return sandbox.process:exec("true", { tiemout = 1 })
      end,
      ["process.code_run: field 'code': required"] = function() return sandbox.process:code_run() end,
      ["fs.list_files: field 'depth': integer expected, got string"] = function()
        return sandbox.fs:list_files(".", { depth = "2" })
      end,
      ["fs.download_file: field 'path': must not be blank"] = function() return sandbox.fs:download_file "" end,
      ["fs.upload_file: field 'destination': required"] = function()
        return sandbox.fs:upload_file { content = "" }
      end,
      ["fs.get_file_info: field 'path': required"] = function() return sandbox.fs:get_file_info() end,
    }
    for message, call in pairs(calls) do
      assert.equal(message, support.raised(call))
    end
    assert.equal(0, server:stats().connections)
    client:close()
    server:close()
  end)
end)
