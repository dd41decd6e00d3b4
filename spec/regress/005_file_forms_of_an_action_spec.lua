-- daytona_upload_file took only paths as `file`: the input was described by
-- the parameter of the same name of the core's row.

local actions = require("daytona").actions

describe("the file of daytona_upload_file", function()
  it("may be an open file or a table", function()
    local file = assert(io.open("/dev/null", "rb"))
    for _, form in ipairs { file, { name = "n", content = "c" }, { read = function() end } } do
      local value, err = actions.daytona_upload_file({ sandboxId = "sb-1", destinationPath = "p", file = form },
        { apiKey = "k", apiUrl = "http://127.0.0.1:1/api" })
      assert.is_nil(value)
      assert.equal("connection", err.kind) -- so it got as far as that
    end
    file:close()
  end)

  it("has no type in the schema", function()
    for _, schema in ipairs(actions.schemas()) do
      if schema.name == "daytona_upload_file" then
        assert.is_nil(schema.parameters.properties.file.type)
      end
    end
  end)
end)
