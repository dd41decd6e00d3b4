-- The JSON Schemas of daytona.actions.

local core = require "daytona.core"
local actions = require("daytona").actions

local support = require "spec.support"

local PUBLISHED = require "spec.support.published_actions"

describe("actions.schemas", function()
  local rows = {}
  for _, row in ipairs(core.operations()) do
    rows[row.name] = row
  end

  local by_name = {}
  for _, schema in ipairs(actions.schemas()) do
    by_name[schema.name] = schema
  end
  local whole = {}
  for _, schema in ipairs(actions.schemas { credentials = true }) do
    whole[schema.name] = schema
  end

  it("has one for each action, in a fixed order", function()
    assert.equal(12, #actions.schemas())
    for name in pairs(PUBLISHED) do
      assert.truthy(by_name[name], name)
    end
    for index, schema in ipairs(actions.schemas()) do
      assert.equal(schema.name, actions.schemas()[index].name)
    end
  end)

  -- The fields of a schema are exactly the expected ones.
  local function has(name, schema, expected)
    local parameters = schema.parameters
    assert.equal("object", parameters.type)
    assert.is_false(parameters.additionalProperties)
    local required, left = {}, {}
    for _, field in ipairs(parameters.required or {}) do
      required[field] = true
    end
    for field in pairs(parameters.properties) do
      left[field] = true
    end
    for _, input in ipairs(expected) do
      local field, mark, kind = input:match "^%*?(%w+)(!?) (%w+)$"
      local property = parameters.properties[field]
      assert.truthy(property, name .. " lacks " .. field)
      assert.equal(mark == "!" or nil, required[field], name .. "." .. field)
      local shown = property.type or "any"
      assert.equal(kind, shown == "integer" and "number" or shown, name .. "." .. field)
      assert.equal("string", type(property.description), name .. "." .. field)
      left[field] = nil
    end
    assert.same({}, left)
  end

  it("has the published inputs that a model may fill in", function()
    for name, inputs in pairs(PUBLISHED) do
      local expected = {}
      for _, input in ipairs(inputs) do
        expected[#expected + 1] = not input:find "^%*" and input or nil
      end
      has(name, by_name[name], expected)
    end
  end)

  it("has all of them, and the two credentials, for programs that ask", function()
    for name, inputs in pairs(PUBLISHED) do
      local expected = { "apiKey! string", "apiUrl string" }
      for _, input in ipairs(inputs) do
        expected[#expected + 1] = input
      end
      has(name, whole[name], expected)
    end
  end)

  it("says what the operations table says", function()
    local function field_of(operation, name)
      for _, field in ipairs(rows[operation].params) do
        if field.name == name then
          return field
        end
      end
    end
    local limit = by_name.daytona_list_sandboxes.parameters.properties.limit
    local field = field_of("sandbox.list", "limit")
    assert.equal(field.min, limit.minimum)
    assert.equal(field.max, limit.maximum)
    assert.equal(field.doc, limit.description)
    assert.equal("integer", limit.type)
    local env = by_name.daytona_execute_command.parameters.properties.env
    assert.same({ type = "string" }, env.additionalProperties)
    assert.equal(rows["process.exec"].doc, by_name.daytona_execute_command.description)
    assert.same({ "python", "javascript", "typescript" },
      by_name.daytona_run_code.parameters.properties.language.enum)
  end)

  it("leaves out what only the program says", function()
    for _, options in ipairs { {}, { credentials = false } } do
      for _, schema in ipairs(actions.schemas(options)) do
        for _, hidden in ipairs { "apiKey", "apiUrl", "username", "password", "savePath", "fileContent" } do
          assert.is_nil(schema.parameters.properties[hidden])
        end
        for _, field in ipairs(schema.parameters.required or {}) do
          assert.are_not.equal("apiKey", field)
        end
      end
    end
  end)

  it("is plain data that becomes JSON", function()
    local text = support.json.encode(actions.schemas())
    assert.equal(12, #support.json.decode(text))
    assert.is_nil(text:find '"required":{}')
  end)
end)
