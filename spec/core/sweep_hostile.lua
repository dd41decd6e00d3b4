-- What the allocation-failure sweep does with arguments that nobody should give
-- and with finalizers; sweep_scenarios.lua runs it with the others.

local support = ...
local must, open, stalled = support.must, support.open, support.stalled

--- Calls `f` when the collector takes what is not kept.
local function at_collection(f)
  if newproxy then
    getmetatable(newproxy(true)).__gc = f
  else
    setmetatable({}, { __gc = f })
  end
end

--- Arguments that nobody should give, as a function for each.
local function hostile_values(context)
  local nested, cycle = {}, {}
  cycle.cycle = cycle
  local inner = nested
  for _ = 1, 300 do
    inner[1] = {}
    inner = inner[1]
  end
  return {
    true, 0 / 0, 1 / 0, -1, 2 ^ 63, 1.5, "", "\0", "\r\n", "\255", "process.exec", "daytona.new", "%s%n", nested, cycle,
    { [{}] = 1 }, { 1, nil, 3 }, { command = nested }, { path = "/" }, { sandbox_id = 1 / 0 }, print, io.stdout,
    context.core.null, context.core.array {}, context.client, context.client._core, context.sandbox,
    setmetatable({}, { __index = error, __len = error, __tostring = error }),
    coroutine.create(function() end), stalled(context), stalled(context),
  }
end

local UNTOUCHED = { terminal = true, sandbox_methods = true, set_library = true, error_metatable = true, pause = true }

--- Every function of the core and every method of its objects.
local function core_functions(context)
  local functions = {}
  for name, f in pairs(context.core) do
    if type(f) == "function" and not UNTOUCHED[name] then
      functions[#functions + 1] = f
    end
  end
  for _, object in ipairs { context.client._core, context.sandbox, stalled(context) } do
    for name, f in pairs(debug.getmetatable(object)) do
      if type(f) == "function" and name ~= "__gc" then
        functions[#functions + 1] = f
      elseif type(f) == "table" then
        for _, method in pairs(f) do
          functions[#functions + 1] = method
        end
      end
    end
  end
  return functions
end

return {
  {
    name = "hostile arguments",
    stride = 29989,
    setup = function(url, directory)
      local context = open(url, directory, "stall/")
      context.values, context.functions = hostile_values(context), core_functions(context)
      return context
    end,
    run = function(context)
      local values, count = context.values, #context.values
      for f = 1, #context.functions do
        for i = 1, count do
          pcall(context.functions[f], values[i], values[(i * 7 + f) % count + 1], values[(i * 3 + f) % count + 1])
        end
      end
    end,
  },
  {
    name = "finalizers that use the client",
    stride = 5,
    setup = function(url, directory)
      local context = open(url, directory)
      context.env = {}
      for i = 1, 20 do
        context.env["name" .. i] = ("v"):rep(i * 10)
      end
      return context
    end,
    run = function(context)
      local client = context.client._core
      collectgarbage("setpause", 0)
      collectgarbage("setstepmul", 5000)
      local function act()
        local sent, request = pcall(client.send, client, "sandbox.create", { env = context.env })
        if sent then
          request:close()
        end
      end
      for _ = 1, 3 do
        for _ = 1, 3 do
          at_collection(act)
        end
        local result = must(context.sandbox.process:exec("x", { env = context.env }))
        assert(result.result == "h\195\169llo\n", "another request was sent")
      end
      at_collection(function()
        context.client:close()
      end)
      pcall(client.send, client, "process.exec", { command = "x", env = context.env }, context.sandbox)
    end,
  },
}
