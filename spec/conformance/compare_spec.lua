-- The comparison itself, with a small document of its own: what it must see.

local compare = require "spec.conformance.compare"
local openapi = require "spec.conformance.openapi"

local text = { type = "string" }

local document = openapi.plain {
  paths = {
    ["/things/{thingId}"] = {
      parameters = { { name = "thingId", ["in"] = "path", required = true, schema = text } },
      post = {
        parameters = { {
          name = "size", ["in"] = "query", schema = { type = "number", minimum = 1, maximum = 9 },
        } },
        requestBody = { content = { ["application/json"] = {
          schema = { ["$ref"] = "#/components/schemas/Order" },
        } } },
        responses = { ["201"] = { content = { ["application/json"] = {
          schema = { allOf = { { ["$ref"] = "#/components/schemas/Thing" } } },
        } } } },
      },
    },
    ["/files"] = {
      get = {
        parameters = { { name = "path", ["in"] = "query", type = "string", required = true } },
        responses = { ["200"] = { schema = { type = "file" } } },
      },
    },
  },
  components = { schemas = {
    Order = {
      type = "object", required = { "count" },
      properties = {
        count = { type = "integer" }, tags = { type = "object", additionalProperties = text },
        parts = { type = "array", items = { ["$ref"] = "#/components/schemas/Part" } },
      },
    },
    Part = { type = "object", required = { "id" }, properties = { id = text, note = text } },
    Thing = { type = "object", properties = {
      id = text, price = { type = "number" }, whole = { ["$ref"] = "#/components/schemas/Thing" },
    } },
  } },
}

local function field(wire, place, type, more)
  local made = { name = wire, wire = wire, place = place, type = type, required = false }
  for key, value in pairs(more or {}) do
    made[key] = value
  end
  return made
end

-- A row that agrees with the document; `change` may spoil it.
local function row(change)
  local made = {
    name = "thing.order", method = "POST", path = "/things/{id}", plane = "api", body = "json",
    params = {
      field("thingId", "path", "string", { required = true }),
      field("size", "query", "integer", { min = 1, max = 9 }),
      field("count", "body", "integer", { required = true }),
      field("tags", "body", "string", { many = "map" }),
      field("parts", "body", "object", { many = "list", fields = {
        field("id", "body", "string", { required = true }), field("note", "body", "string"),
      } }),
      field("wait", "call", "boolean"),
    },
    result = field("thing", "body", "object", { fields = {
      field("id", "body", "string"), field("price", "body", "number"),
    } }),
  }
  if change then
    change(made, made.params)
  end
  return made
end

local function download(path)
  return { name = "fs.get", method = "GET", path = "/files", body = "download", params = { path } }
end

describe("the comparison", function()
  it("is content with a row that agrees", function()
    assert.same({}, compare.row(row(), document))
    assert.same({}, compare.not_offered(row(), document))
    local path = field("path", "query", "string", { required = true })
    assert.same({}, compare.row(download(path), document))
  end)

  local cases = {
    ["a wrong path"] = { function(r) r.path = "/thing/{id}" end,
      "thing.order: POST /thing/{id} is not in the document" },
    ["a wrong method"] = { function(r) r.method = "PUT" end,
      "thing.order: PUT /things/{id} is not in the document" },
    ["a wrong name"] = { function(_, p) p[2].wire = "sise" end,
      "thing.order query sise: not in the document" },
    ["a wrong place"] = { function(_, p) p[2].place = "body" end,
      "thing.order body size: not in the document" },
    ["a wrong type"] = { function(_, p) p[2].type = "string" end,
      "thing.order query size: is string, the document says number" },
    ["a wider type in a request"] = { function(_, p) p[3].type = "number" end,
      "thing.order body count: is number, the document says integer" },
    ["a narrower type in an answer"] = { function(r) r.result.fields[2].type = "integer" end,
      "thing.order result.price: is integer, the document says number" },
    ["a list for a map"] = { function(_, p) p[4].many = "list" end,
      "thing.order body tags: is list of string, the document says map of string" },
    ["a required field called optional"] = { function(_, p) p[3].required = false end,
      "thing.order body count: is optional, the document says required" },
    ["an optional field called required"] = { function(_, p) p[4].required = true end,
      "thing.order body tags: is required, the document says optional" },
    ["a required field left out"] = { function(_, p) table.remove(p, 3) end,
      "thing.order body count: required by the document, not in the row" },
    ["a required field of an object left out"] = {
      function(_, p) table.remove(p[5].fields, 1) end,
      "thing.order body parts.id: required by the document, not in the row" },
    ["bounds that are too narrow"] = { function(_, p) p[2].min = 2 end,
      "thing.order query size: refuses values that the document allows" },
    ["an unknown field of the answer"] = { function(r) r.result.fields[1].wire = "ID" end,
      "thing.order result.ID: not in the document" },
    ["a missing answer"] = { function(r) r.result = nil end,
      "thing.order result: is nothing, the document says object" },
  }
  for name, case in pairs(cases) do
    it("sees " .. name, function()
      assert.same({ case[2] }, compare.row(row(case[1]), document))
    end)
  end

  it("sees an answer that is no bytes", function()
    local get = download(field("path", "query", "string", { required = true }))
    get.body = "json"
    assert.same({ "fs.get result: is nothing, the document says file" }, compare.row(get, document))
  end)

  it("tells what a row does not offer", function()
    local made = row(function(_, p)
      table.remove(p[5].fields, 2)
      table.remove(p, 4)
      table.remove(p, 2)
    end)
    local found = compare.not_offered(made, document)
    table.sort(found)
    assert.same({
      "thing.order body parts.note", "thing.order body tags", "thing.order query size",
    }, found)
  end)
end)
