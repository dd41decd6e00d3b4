-- Methods that rows of the operations table make: each is there, in its area, and
-- explains misuse before anything is sent.

local class = require "daytona.call.class"
local core = require "daytona.core"
local support = require "spec.support"

local unpack = table.unpack or unpack -- luacheck: ignore

describe("a method that a row makes", function()
  local server, client, sandbox

  support.serve_faults(function(...)
    server, client = ...
    sandbox = support.sandbox(client, server, "ok-json")
  end, {})

  -- Object, its name and the method's name of a row.
  local function find(row)
    local area, method = row.name:match "^(.*)%.([^.]*)$"
    local first = area:match "^[^.]*"
    if area == "client" then
      return client, "client", method
    elseif area == "sandbox" then
      return sandbox, "sandbox", method
    end
    if row.held then
      return sandbox:create_lsp_server("python", "p"), area, method
    end
    local owner = row.plane == "toolbox" and sandbox or client
    local object = owner[first]
    for inner in area:sub(#first + 1):gmatch "[^.]+" do
      object = object[inner]
    end
    return object, (owner == sandbox and "sandbox." or "client.") .. area, method
  end

  local function raised(label, expected, fn, ...)
    local arguments, count = { ... }, select("#", ...)
    local ok, message = pcall(function()
      return fn(unpack(arguments, 1, count))
    end)
    assert.is_false(ok, label .. ": nothing was raised")
    assert.equal(expected, support.strip_position(message), label)
    assert.truthy(message:find "rows_spec%.lua:%d+: ", label .. ": " .. message)
  end

  -- Something that the field takes.
  local function sample(field)
    local one = { integer = field.min or 1, number = field.min or 1, boolean = true, object = {} }
    for _, part in ipairs(field.fields or {}) do
      one.object[part.name] = part.required and (part.min or 1) or nil
    end
    if field.many then
      return {}
    end
    return one[field.type] or "x"
  end

  local function positional(row)
    local values, by_name = {}, {}
    for _, field in ipairs(row.params) do
      by_name[field.name] = field
    end
    for index, name in ipairs(row.arguments) do
      values[index] = sample(by_name[name])
    end
    return values, by_name
  end

  local count = 0
  for _, row in ipairs(core.operations()) do
    if row.makes_method then
      count = count + 1
      it("is there and explains misuse: " .. row.name, function()
        local object, object_name, method = find(row)
        local fn, full = object[method], object_name .. "." .. method
        assert.equal("function", type(fn), full)
        assert.equal(#row.arguments + 1, class.signatures(object_name)[method], full)
        raised(full, ("%s: call methods with a colon, %s:%s(...)"):format(full, object_name, method), fn, "x")
        local values, by_name = positional(row)
        local most = #values
        values[most + 1] = 5
        raised(full, row.name .. ": options: table expected, got number", fn, object, unpack(values))
        values[most + 1], values[most + 2] = {}, "more"
        raised(full, ("%s: at most %d argument%s expected, got %d (options are one table, the last)"):format(
          full, most + 1, most == 0 and "" or "s", most + 2), fn, object, unpack(values))
        values[most + 1], values[most + 2] = { tiemout = 5 }, nil
        raised(full, row.name .. ": unknown option 'tiemout' (did you mean 'timeout'?)", fn, object, unpack(values))
        for index, name in ipairs(row.arguments) do
          local field, given = by_name[name], unpack(values, index, index)
          values[most + 1], values[index] = nil, nil
          if index == 1 or most == index then -- unpack needs the rest
            raised(full, ("%s: field '%s': required"):format(row.name, name), fn, object, unpack(values, 1, most))
          end
          if field.type == "string" and not field.many then
            values[index] = 5
            raised(full, ("%s: field '%s': string expected, got number"):format(row.name, name), fn, object,
              unpack(values, 1, most))
          end
          values[index] = given
        end
        assert.equal(0, #server:requests(), "something was sent")
      end)
    end
  end

  it("is found by its name, however many there are", function()
    assert.is_true(count > 20)
    local seen = {}
    for _, row in ipairs((core.operations(true))) do
      assert.is_nil(seen[row.name], row.name)
      seen[row.name] = true
      assert.equal("table", type(core.method(row.name)), row.name)
    end
    assert.is_nil(core.method "git.nonsense")
  end)

  it("is no area's that is not there", function()
    assert.is_nil(sandbox.nonsense)
    assert.is_nil(client.nonsense)
    assert.same({}, core.methods "nonsense")
    assert.same({}, core.areas "nonsense")
  end)
end)
