-- How the control plane writes what it has stored: any text, any moment, the same in each answer.

local control = require "spec.local.control_support"
local support = require "spec.support"

describe("what is stored", function()
  local server

  setup(function()
    server = control.serve()
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  local function restart()
    server:stop()
    server = control.serve { data = server.data }
  end

  -- Every way in which a sandbox is answered.
  local function each_view(id, judge)
    local lists = { "/sandbox?limit=200", "/sandbox/paginated?limit=200" }
    judge(server:get("/sandbox/" .. id), "get")
    for _, path in ipairs(lists) do
      local found
      for _, item in ipairs(server:get(path).items) do
        found = item.id == id and item or found
      end
      judge(assert(found, "it is not in " .. path), path)
    end
  end

  -- Each byte that JSON escapes, and characters of each length.
  local function texts()
    local controls = {}
    for byte = 1, 0x1f do -- NUL is refused
      controls[#controls + 1] = string.char(byte)
    end
    return table.concat(controls) .. "\"\\/\127 caf\195\169 \226\130\172 \240\159\152\128 <&> \\u0041"
  end

  it("comes back as it was, whatever characters it has, and after a restart too", function()
    local labels = { [texts()] = texts(), plain = "1", empty = "" }
    local created = assert(server:call("POST", "/sandbox", { labels = labels, env = { QUOTED = "\"\\\n" } }))
    support.eq(labels, created.labels)
    support.eq({ QUOTED = "\"\\\n" }, created.env)
    local function judge(view, where)
      support.eq(labels, view.labels)
      assert.equal(where == "/sandbox?limit=200" and "nil" or "table", type(view.env))
    end
    each_view(created.id, judge)
    assert(server:call("POST", "/sandbox/" .. created.id .. "/stop"))
    server:await(created.id, "stopped")
    restart()
    each_view(created.id, judge)
    assert.equal("stopped", server:get("/sandbox/" .. created.id).state)
    local set = { [""] = "a\1b", other = "x" }
    support.eq(set, assert(server:call("PUT", "/sandbox/" .. created.id .. "/labels", { labels = set })).labels)
    each_view(created.id, function(view)
      support.eq(set, view.labels)
    end)
  end)

  it("has texts and moments that only the database can have", function()
    local id = server:create({ name = "Odd" }).id
    assert(server:call("POST", "/sandbox/" .. id .. "/stop"))
    server:await(id, "stopped")
    for ms, expected in pairs {
      ["1"] = "1970-01-01T00:00:00.001Z",
      ["-1"] = "1969-12-31T23:59:59.999Z",
      ["951827696042"] = "2000-02-29T12:34:56.042Z",
      ["253402300799999"] = "9999-12-31T23:59:59.999Z",
      ["253402300800000"] = "9999-12-31T23:59:59.999Z",
      ["-62167219200000"] = "0000-01-01T00:00:00.000Z",
      ["-62167219200001"] = "0000-01-01T00:00:00.000Z",
    } do
      server:stop()
      control.sql(server.data, ([[UPDATE sandboxes SET created_at = %s, error_reason = '%s', cpu = 0,
        labels = '{ "spaced" : "1" , "u" : "\u00e9" }' WHERE id = '%s']]):format(ms, "\"\\\n\1\127\195\169\"", id))
      server = control.serve { data = server.data }
      each_view(id, function(view)
        assert.equal(expected, view.createdAt)
        assert.equal("\"\\\n\1\127\195\169\"", view.errorReason)
        assert.equal(0, view.cpu)
        support.eq({ spaced = "1", u = "\195\169" }, view.labels)
      end)
    end
  end)

  it("is in a list what it is alone", function()
    local id = server:create({ name = "Same", labels = { a = "1" }, public = true }).id
    for _, item in ipairs(server:get("/sandbox?limit=200").items) do
      if item.id == id then
        local alone = server:get("/sandbox/" .. id)
        for name, value in pairs(item) do
          support.eq(value, alone[name])
        end
        return
      end
    end
    error "it is not in the list"
  end)
end)
