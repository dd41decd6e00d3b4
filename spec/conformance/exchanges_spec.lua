-- The comparison of exchanges, with small documents of its own: what it must
-- see, and what it must let pass.

local cjson = require "cjson"
local files = require "spec.support.files"

local json = cjson.new()
local null = json.null

local text = { type = "string" }
local moment = { type = "string", format = "date-time" }

local function answer(schema)
  return { description = "", content = { ["application/json"] = { schema = schema } } }
end

local api = { openapi = "3.0.0", paths = {
  ["/things"] = { post = {
    requestBody = { content = { ["application/json"] = { schema = {
      type = "object", required = { "size" }, properties = { size = { type = "integer" } },
    } } } },
    responses = { ["201"] = answer { ["$ref"] = "#/components/schemas/Thing" } },
  } },
  ["/things/{id}"] = { get = {
    parameters = { { name = "deep", ["in"] = "query", required = true, schema = text } },
    responses = { ["200"] = answer { type = "array",
      items = { ["$ref"] = "#/components/schemas/Thing" } } },
  }, delete = { responses = { ["204"] = { description = "" } } } },
}, components = { schemas = { Thing = {
  type = "object", required = { "id", "state" },
  properties = {
    id = text, made = moment, labels = { type = "object", additionalProperties = text },
    state = { type = "string", enum = { "new", "old" } },
    note = { type = "string", nullable = true },
    whole = { nullable = true, allOf = { { ["$ref"] = "#/components/schemas/Thing" } } },
  },
} } } }

local toolbox = { swagger = "2.0", paths = {
  ["/files/info"] = { get = {
    parameters = { { name = "path", ["in"] = "query", type = "string", required = true } },
    responses = { ["200"] = { description = "", schema = {
      type = "object", properties = { size = { type = "integer" } },
    } } },
  } },
}, definitions = { ErrorResponse = {
  type = "object", required = { "message" },
  properties = { message = text, timestamp = text, statusCode = { type = "integer" } },
} } }

describe("exchanges and the documents", function()
  if not os.execute(files.quote(files.python) .. " -c 'import jsonschema' 2>&-") then
    pending("not compared: " .. files.python .. " has no jsonschema")
    return
  end

  local directory

  teardown(files.cleanup)

  local function write(name, content)
    files.write_file(directory .. "/" .. name, content)
  end

  before_each(function()
    directory = files.temp_dir()
    write("api.json", json.encode(api))
    write("toolbox.json", json.encode(toolbox))
  end)

  -- One exchange; `answered` is what was answered in JSON, `change` more of it.
  local function exchange(method, path, status, answered, change)
    local made = {
      method = method, path = path, query = "", status = status, agent = "curl/7",
      request = { type = "", empty = true, cut = false },
      answer = { type = "application/json; charset=utf-8", empty = false, cut = false, json = answered },
    }
    for name, value in pairs(change or {}) do
      made[name] = value
    end
    return made
  end

  -- What is found in these exchanges (without where they were), and the
  -- last line.
  local function compare(...)
    local lines, found = {}, {}
    for i, each in ipairs { ... } do
      lines[i] = json.encode(each) .. "\n"
    end
    write("1.jsonl", table.concat(lines))
    local pipe = assert(io.popen(("%s -B spec/conformance/exchanges.py %s %s 2>&1"):format(
      files.quote(files.python), files.quote(directory), files.quote(directory))))
    local said = pipe:read "*a"
    pipe:close()
    for line in said:gmatch "[^\n]+" do
      local title = line:match "^(%a+ %u+ /.*)$"
      found[#found + 1] = title
    end
    return found, said:match "([^\n]*)\n*$"
  end

  local thing = { id = "a", state = "new", made = "2024-01-02T03:04:05.678Z", note = null, whole = null }

  local function with(name, value)
    local made = {}
    for key, each in pairs(thing) do
      made[key] = each
    end
    made[name] = value
    return made
  end

  it("pass where they agree", function()
    local found, line = compare(
      exchange("POST", "/api/things", 201, thing),
      exchange("POST", "/api/things", 201, with("whole", thing)),
      exchange("GET", "/api/things/1", 200, { thing }, { query = "deep=1" }),
      exchange("DELETE", "/api/things/1", 204, nil, { answer = { type = "", empty = true, cut = false } }),
      exchange("GET", "/toolbox/1/files/info", 200, { size = 3 }),
      exchange("GET", "/toolbox/1/files/info", 404, { message = "no" }),
      exchange("GET", "/toolbox/1/proxy/80/x", 200, "anything"))
    assert.same({}, found)
    assert.equal("5 passed, 0 failed, 0 skipped", line)
  end)

  for _, case in ipairs {
    { "a field that is missing", with("id", nil), ". lacks id" },
    { "a wrong type", with("id", 3), ".id is integer, the document says string" },
    { "null where there is none", with("id", null), ".id is null, the document says string" },
    { "a word of its own", with("state", "odd"), '.state is "odd", which is none of the document\'s' },
    { "a date of its own", with("made", "2024-01-02 03:04:05 +0000 UTC"), ".made is no date-time" },
    { "a field of its own", with("more", 1), ". has more, which the document does not" },
    { "a fault deep inside", with("whole", with("labels", { a = 1 })),
      ".whole.labels.a is integer, the document says string" },
  } do
    it("differ by " .. case[1], function()
      local found, line = compare(exchange("POST", "/api/things", 201, case[2]))
      assert.same({ "api POST /things 201: " .. case[3] }, found)
      assert.equal("0 passed, 1 failed, 0 skipped", line)
    end)
  end

  it("differ by status, type, body, path and envelope", function()
    local found = compare(
      exchange("POST", "/api/things", 200, thing),
      exchange("POST", "/api/things", 400, { message = "no", statusCode = 400 }),
      exchange("GET", "/api/others", 200, {}),
      exchange("DELETE", "/api/things/1", 204, "gone"),
      exchange("GET", "/toolbox/1/files/info", 404, { error = "no" }),
      exchange("GET", "/toolbox/1/files/info", 403, { message = "", statusCode = 404, timestamp = "today" }),
      exchange("GET", "/toolbox/1/files/info", 200, nil,
        { answer = { type = "text/plain", empty = false, cut = false } }))
    assert.same({
      "api DELETE /things/{id} 204: has a body, the document knows none",
      "api GET /others 200: not in the document",
      "api POST /things 200: a status that the document does not have",
      "api POST /things 400: . lacks error",
      "api POST /things 400: .message is \"no\", which is none of the document's",
      "toolbox GET /files/info 200: is text/plain, the document says JSON",
      "toolbox GET /files/info 403: .timestamp is no date-time",
      "toolbox GET /files/info 403: says that its status is 404",
      "toolbox GET /files/info 404: . has error, which the document does not",
      "toolbox GET /files/info 404: . lacks message",
    }, found)
  end)

  it("differ by what our client asks, if it was granted", function()
    local body = { type = "application/json", empty = false, cut = false, json = { size = "3", odd = 1 } }
    local function asked(agent, status, answered)
      return exchange("POST", "/api/things", status, answered, { agent = agent, request = body, query = "x=1" })
    end
    local refusal = { path = "", timestamp = thing.made, statusCode = 422, error = "", message = "" }
    assert.same({}, compare(asked("curl/7", 201, thing), asked("sdk-lua/1", 422, refusal)))
    assert.same({
      "api GET /things/{id} 200: request: lacks the query deep",
      "api POST /things 201: request: . has odd, which the document does not",
      "api POST /things 201: request: .size is string, the document says integer",
      "api POST /things 201: request: query x is not in the document",
    }, (compare(asked("sdk-lua/1", 201, thing),
      exchange("GET", "/api/things/1", 200, { thing }, { agent = "sdk-lua/1" }))))
  end)
end)
