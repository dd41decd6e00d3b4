-- An upload by chunks hung until its deadline when the connection was kept:
-- libcurl had noted our pause for itself, and nobody took it back.

local e2e = require "spec.support.e2e"

describe("an upload by chunks on a kept connection", function()
  it("does not hang, however the chunks come", function()
    local server = e2e.start()
    local client = e2e.check(server:client())
    local fs = e2e.check(client:create()).fs
    for round = 1, 3 do
      for _, chunks in ipairs { {}, { "abc" }, { "" }, { "", "a" }, { "a", "", "b" }, { ("x"):rep(1000000), "y" } } do
        local index = 0
        local uploaded = e2e.check(fs:upload_file({ read = function()
          index = index + 1
          return chunks[index]
        end }, "file", { timeout = 5 }))
        assert.equal(#table.concat(chunks), uploaded.bytes, round)
        assert.is_true(table.concat(chunks) == e2e.check(fs:download_file "file"))
      end
    end
    client:close()
    server:stop()
  end)
end)
