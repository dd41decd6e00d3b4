-- Methods that rows make, against scripted answers: what is asked on the wire,
-- what is given, and how each fails.
--   { arguments, "METHOD TARGET", body or nil, answer ("": an empty one),
--     function that says whether what is given is right }   by the row's name
-- `it` is busted's; `call(name, arguments)` and `server()` are of the spec, which may
-- name further kinds by their status.

local assert = require "luassert"
local cjson = require "cjson"
local support = require "spec.support"

local unpack = table.unpack or unpack -- luacheck: ignore

return function(it, cases, server, call, more_kinds)
  local function script(answers)
    server():script({ path_prefix = "/" }, answers)
  end

  for name, case in pairs(cases) do
    local arguments, asked, body, answer, is_right = unpack(case, 1, 5)

    it("gives " .. name, function()
      script { { body = answer == "" and "" or cjson.encode(answer), times = 0 } }
      local value, err = call(name, arguments)
      assert.is_nil(err)
      assert.is_true(is_right(value) and true)
      local request = server():requests()[1]
      assert.equal(asked, request.method .. " " .. request.target:gsub("^/api", ""))
      if body then
        assert.same(body, cjson.decode(request.body))
      else
        assert.equal("", request.body or "")
      end
    end)

    it("fails " .. name, function()
      local kinds = { [404] = "not_found", [409] = "conflict", [501] = "server" }
      for status, kind in pairs(more_kinds or {}) do
        kinds[status] = kind
      end
      for status, kind in pairs(kinds) do
        server():reset()
        script { { status = status, body = cjson.encode { statusCode = status, message = "no, because" }, times = 0 } }
        local ok, value, err = pcall(call, name, arguments)
        if ok and type(value) == "function" then -- pages: the first one fails
          ok, err = pcall(value)
          assert.is_false(ok)
        end
        support.sound_error(err)
        assert.equal(name, err.operation)
        assert.equal(kind, err.kind)
        assert.equal(status, err.status)
        assert.truthy(tostring(err):find("no, because", 1, true))
        assert.is_nil(tostring(err):find("s3cret", 1, true))
      end
    end)
  end
end
