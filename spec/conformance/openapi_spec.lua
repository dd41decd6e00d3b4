-- The operations table against the published API documents, both ways. They
-- are not part of this project: DAYTONA_OPENAPI names the directory that holds
-- api.json (OpenAPI 3) and toolbox.json (Swagger 2).

local compare = require "spec.conformance.compare"
local differences = require "spec.conformance.differences"
local openapi = require "spec.conformance.openapi"
local unbound = require "spec.conformance.unbound"

local directory = os.getenv "DAYTONA_OPENAPI"

-- Lists of { reason, text, ... } as one map from text to reason.
local function reasons(lists)
  local found = {}
  for _, list in ipairs(lists) do
    for _, text in ipairs(list) do
      found[text] = assert(list.reason, "an entry without a reason: " .. text)
    end
  end
  return found
end

-- Takes away what stands in `known`, by itself or for any row ("* ..."), and
-- notes in `used` what was needed.
local function unexpected(found, known, used)
  local rest = {}
  for _, text in ipairs(found) do
    local any = text:gsub("^%S+", "*", 1)
    local entry = known[text] and text or known[any] and any
    if entry then
      used[entry] = true
    else
      rest[#rest + 1] = text
    end
  end
  return rest
end

local function unused(known, used)
  local rest = {}
  for text in pairs(known) do
    if not used[text] then
      rest[#rest + 1] = text
    end
  end
  table.sort(rest)
  return rest
end

-- Does "METHOD PATH", "PATH" or one with "*" at its end take the operation?
local function takes(pattern, operation)
  local method, path = pattern:match "^(%u+) (.*)$"
  path = path or pattern
  if method and method ~= operation.method then
    return false
  end
  local prefix = path:match "^(.*)%*$"
  return prefix and operation.path:sub(1, #prefix) == prefix or operation.path == path
end

describe("the operations table and the published documents", function()
  if not directory then
    pending "not compared: DAYTONA_OPENAPI does not name a directory with api.json and toolbox.json"
    return
  end

  local documents = {
    api = openapi.read(directory .. "/api.json"),
    toolbox = openapi.read(directory .. "/toolbox.json"),
  }
  local rows = require("daytona.core").operations()
  local known, used = reasons(differences), {}
  local left_out, seen = reasons(unbound.fields), {}

  for _, row in ipairs(rows) do
    it("agree about " .. row.name, function()
      assert.same({}, unexpected(compare.row(row, documents[row.plane]), known, used))
    end)

    it("offer the same fields in " .. row.name .. ", or say why not", function()
      assert.same({}, unexpected(compare.not_offered(row, documents[row.plane]), left_out, seen))
    end)
  end

  it("need every listed difference", function()
    assert.same({}, unused(known, used))
  end)

  it("need every field listed as left out", function()
    assert.same({}, unused(left_out, seen))
  end)

  local function bound_operations()
    local bound = {}
    for _, row in ipairs(rows) do
      local operation = compare.operation(row, documents[row.plane])
      if operation then
        bound[operation] = row.name
      end
    end
    return bound
  end

  local function patterns_taking(plane, operation)
    local found = {}
    for _, list in ipairs(unbound.operations) do
      for _, pattern in ipairs(list.plane == plane and list or {}) do
        if takes(pattern, operation) then
          found[#found + 1] = pattern
        end
      end
    end
    return found
  end

  local function each_operation(visit)
    for plane, document in pairs(documents) do
      for _, operation in pairs(document.operations) do
        visit(plane, operation, plane .. " " .. operation.method .. " " .. operation.path)
      end
    end
  end

  it("have each operation bound, or left out for one reason", function()
    local bound, wrong = bound_operations(), {}
    each_operation(function(plane, operation, name)
      local patterns = patterns_taking(plane, operation)
      if bound[operation] and #patterns > 0 then
        wrong[name] = "bound by " .. bound[operation] .. " and left out by " .. patterns[1]
      elseif not bound[operation] and #patterns == 0 then
        wrong[name] = "neither bound nor left out"
      elseif #patterns > 1 then
        wrong[name] = "left out by " .. table.concat(patterns, " and ")
      end
    end)
    assert.same({}, wrong)
  end)

  it("need every operation listed as left out", function()
    local needed, rest = {}, {}
    each_operation(function(plane, operation)
      for _, pattern in ipairs(patterns_taking(plane, operation)) do
        needed[plane .. " " .. pattern] = true
      end
    end)
    for _, list in ipairs(unbound.operations) do
      assert(list.reason and list.plane, "an entry without plane or reason")
      for _, pattern in ipairs(list) do
        if not needed[list.plane .. " " .. pattern] then
          rest[#rest + 1] = list.plane .. " " .. pattern
        end
      end
    end
    assert.same({}, rest)
  end)
end)
