-- A destination with a name longer than names can be was refused only when
-- the file had been fetched: the temporary file beside it has a short name.

local support = require "spec.support"

describe("a download to a name that is too long", function()
  it("is refused before anything is fetched", function()
    local server = support.fault_server()
    local client = support.client(server)
    local directory = support.temp_dir()
    local fs = support.sandbox(client, server, "download;n=10").fs
    local value, err = fs:download_file("x", directory .. "/" .. ("l"):rep(256))
    assert.is_nil(value)
    assert.equal("file", support.sound_error(err).kind)
    assert.equal(0, server:stats().connections)
    assert.same({}, support.files_under(directory))
    client:close()
    server:close()
    support.cleanup()
  end)
end)
