-- Misuse raises, before anything is sent, with a message that says what to
-- change and with the position of the caller.

local daytona = require "daytona"
local support = require "spec.support"
local misuse = require "spec.support.misuse_cases"

local CASES, NO_ARGUMENTS, NONE = misuse.cases, misuse.no_arguments, misuse.none

describe("misuse of", function()
  local server, client, sandbox

  support.serve_faults(function(...)
    server, client = ...
    sandbox = support.sandbox(client, server, "ok-json")
  end, {})

  local function find(name)
    local area, method = name:match "^(%w+)[.:]([%w_]+)$"
    local objects = {
      daytona = daytona, client = client, sandbox = sandbox,
      process = sandbox.process, fs = sandbox.fs, git = sandbox.git,
    }
    local object = objects[area]
    return object[method], object, name:find(":", 1, true) ~= nil
  end

  local unpack = table.unpack or unpack -- luacheck: ignore

  for name, cases in pairs(CASES) do
    it(name, function()
      local fn, object, is_method = find(name)
      local operation = cases.as or name:gsub(":", ".")
      assert.equal("function", type(fn), name)
      for i, case in ipairs(cases) do
        local n = #case
        local arguments, shift = {}, 0
        if is_method then
          arguments[1], shift = object, 1
        end
        for k = 1, n - 1 do
          if case[k] ~= NONE then
            arguments[k + shift] = case[k]
          end
        end
        local ok, message = pcall(function()
          return fn(unpack(arguments, 1, n - 1 + shift))
        end)
        local label = name .. ", case " .. i
        assert.is_false(ok, label .. ": nothing was raised")
        assert.equal("string", type(message), label)
        local expected = case[n]
        if not expected:find "^%l+%.[%l_]+: " then
          expected = operation .. ": " .. expected
        end
        assert.equal(expected, support.strip_position(message), label)
        assert.truthy(message:find "misuse_spec%.lua:%d+: ", label .. ": " .. message)
      end
      assert.equal(0, #server:requests(), "something was sent")
    end)
  end

  -- Those that rows make are tried by rows_spec.lua, too, one and all.
  it("every public method written by hand has its cases", function()
    local class = require "daytona.call.class"
    local public, missing = { ["daytona.new"] = true }, {}
    for _, object in ipairs { "client", "sandbox", "sandbox.process", "sandbox.fs", "sandbox.git" } do
      for method in pairs(class.signatures(object)) do
        public[object:match "[^.]*$" .. ":" .. method] = true
      end
    end
    for file, area in pairs {
      client = "client", sandbox = "sandbox", ["sandbox/links"] = "sandbox", process = "process", fs = "fs",
    } do
      local source = support.read_file("lua/daytona/" .. file .. ".lua")
      for _, pattern in ipairs { "\nfunction [%w_]+:(%l[%l_]*)", "\n%u%l+%.(%l[%l_]*) =",
        "\nsandbox_methods%.(%l[%l_]*) =" } do
        for method in source:gmatch(pattern) do
          local name = area .. ":" .. method
          if not CASES[name] and not NO_ARGUMENTS[name] then
            missing[#missing + 1] = name
          end
        end
      end
    end
    table.sort(missing)
    assert.same({}, missing)
    for name in pairs(CASES) do
      assert.is_true(public[name], name .. " is not public")
    end
  end)

  it("a closed client", function()
    local closed = support.client(server)
    local handle = support.sandbox(closed, server, "ok-json")
    closed:close()
    closed:close()
    for _, call in ipairs {
      function() return closed:get "x" end,
      function() return closed:create {} end,
      function() return closed:list_page() end,
      function() return closed:request("GET", "/x") end,
      function() return handle.process:exec "true" end,
      function() return handle:refresh() end,
    } do
      assert.truthy(support.raised(call):find("client is closed", 1, true))
    end
    assert.equal(0, #server:requests())
  end)

  it("a handle's fields", function()
    assert.truthy(support.raised(function()
      sandbox.state = "started"
    end):find("read-only", 1, true))
    assert.is_nil(sandbox.no_such_field)
  end)

  it("a method called with a dot", function()
    for _, call in ipairs {
      function() return client.get "x" end,
      function() return sandbox.process.exec "ls" end,
      function() return sandbox.refresh() end,
      function() return sandbox.fs.list_files() end,
    } do
      assert.is_true(#support.raised(call) > 0)
    end
    assert.equal(0, #server:requests())
  end)

  it("a table that contains itself", function()
    local loop = {}
    loop.loop = loop
    assert.truthy(support.raised(client.request, client, "POST", "/x", { body = loop })
      :find("nested too deep (is there a cycle?)", 1, true))
  end)
end)
