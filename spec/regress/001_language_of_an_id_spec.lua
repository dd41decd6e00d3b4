-- code_run through a handle made from an id took Python for the language,
-- whatever the sandbox's was: the handle had no labels yet.

local support = require "spec.support"

describe("code_run through an id", function()
  it("sends the language of the sandbox's label", function()
    local server = support.fault_server()
    local client = support.client(server)
    server:script({ path_prefix = "/api/sandbox" }, { { body = ([[{"id": "sb-1",
      "labels": {"code-toolbox-language": "typescript"}, "toolboxProxyUrl": %q}]]):format(
      server:url "/fault/json;body=%7B%22exitCode%22:0%7D") } })
    local run, err = client:sandbox("sb-1").process:code_run "1"
    assert.is_nil(err)
    assert.equal(0, run.exit_code)
    assert.equal("typescript", support.json.decode(server:last().body).language)
    client:close()
    server:close()
  end)
end)
