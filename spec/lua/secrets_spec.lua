-- The API key is seen by the server it is meant for and by nobody else.

local daytona = require "daytona"
local lfs = require "lfs"
local support = require "spec.support"

local KEY = support.api_key

describe("the API key", function()
  local server, client

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
    client = support.client(server, { timeout = 2, max_retries = 0 })
  end)

  after_each(function()
    client:close()
  end)

  local function absent(text, where)
    assert.is_nil(tostring(text):find(KEY, 1, true), "the key is in " .. where)
  end

  -- Every string that can be reached from `value` by ordinary means.
  local function sweep(value, where, seen)
    seen = seen or {}
    absent(value, where)
    if type(value) == "table" and not seen[value] then
      seen[value] = true
      for key, item in pairs(value) do
        absent(key, where)
        sweep(item, where .. "." .. tostring(key), seen)
      end
      sweep(getmetatable(value), where .. ":metatable", seen)
    end
  end

  it("reaches the server", function()
    client:get "x"
    assert.equal("Bearer " .. KEY, server:last().headers.authorization)
  end)

  it("is in no object", function()
    local sandbox = support.sandbox(client, server, "ok-json")
    for name, object in pairs { client = client, sandbox = sandbox, daytona = daytona } do
      sweep(object, name)
    end
    absent(tostring(client), "tostring(client)")
    absent(tostring(sandbox), "tostring(sandbox)")
    sweep(sandbox:to_table(), "to_table")
  end)

  it("is not in what a hostile server sends back as an error", function()
    for _, status in ipairs { 400, 401, 403, 404, 409, 422, 429, 500, 502, 503 } do
      for _, kind in ipairs { "application/json", "text/plain", "text/html" } do
        -- A client of its own: 429 slows down all that follows.
        local other = support.client(server, { timeout = 2, max_retries = 0 })
        local sandbox = support.sandbox(other, server, "echo-error",
          { status = status, type = kind })
        for _, call in ipairs {
          function() return sandbox.process:exec "true" end,
          function() return sandbox.fs:list_files "." end,
          function() return sandbox.fs:download_file "x" end,
          function() return sandbox.fs:upload_file({ content = "c" }, "x") end,
        } do
          local value, err = call()
          assert.is_nil(value)
          sweep(support.sound_error(err), "an error")
        end
        other:close()
      end
    end
  end)

  it("is not in an error about a broken answer", function()
    for _, case in ipairs {
      { "invalid-json", { body = '"' .. KEY } },
      { "wrong-content-type", { body = KEY } },
      { "redirect", { to = "http://" .. KEY .. "/" .. KEY } },
      { "http-version", { version = KEY } },
      { "error", { body = '{"message": "' .. KEY:gsub("^.", "\\u0064") .. '"}' } },
      { "error", { header = "Retry-After: " .. KEY } },
      { "reset-in-body" },
      { "stall-after-headers" },
    } do
      local sandbox = support.sandbox(client, server, case[1], case[2])
      local value, err = sandbox.fs:list_files(".", { timeout = 0.3 })
      assert.is_nil(value)
      sweep(support.sound_error(err), case[1])
    end
  end)

  it("is not there in part where an answer is cut short", function()
    local long = KEY:rep(10)
    local other = support.client(server, {
      api_key = false, jwt_token = long, organization_id = "o", max_retries = 0,
    })
    local part = KEY:sub(1, 12)
    for _, size in ipairs { 1024, 2048, 4096, 8192, 65536 } do
      for before = 20, #long, 150 do
        local body = (" "):rep(size - before) .. long .. (" "):rep(500)
        for _, kind in ipairs { "text/plain", "text/html", "application/json" } do
          if kind == "application/json" then
            body = '{"message": "' .. body .. '"}'
          end
          server:script({ path_prefix = "/api" }, { { status = 500, body = body,
            headers = { ["Content-Type"] = kind, ["X-Request-Id"] = "Bearer " .. long } } })
          local _, err = other:request("GET", "/x")
          for name, value in pairs(support.sound_error(err)) do
            assert.is_nil(tostring(value):find(part, 1, true), name .. ": " .. tostring(value))
          end
        end
      end
    end
    other:close()
  end)

  it("is not in an error about the network", function()
    for _, url in ipairs { ("http://127.0.0.1:%d/api"):format(server.refused_port),
      server:tls_url("self_signed", "/api"), "https://no-such-host.invalid/api" } do
      local other = support.client(server, { api_url = url, max_retries = 1, timeout = 3 })
      local value, err = other:get "x"
      assert.is_nil(value)
      sweep(support.sound_error(err), url)
      other:close()
    end
  end)

  it("is not in a message about misuse", function()
    absent(support.raised(daytona.new, { api_key = KEY, api_kee = KEY }), "an unknown option")
    absent(support.raised(daytona.new, { api_key = KEY .. "\n" }), "a bad key")
    absent(support.raised(client.get, client, {}), "a bad argument")
    client:close()
    local ok, message = pcall(client.get, client, "x")
    assert.is_false(ok)
    absent(message, "use after close")
  end)

  it("goes to no host but the API's and its toolbox's", function()
    local other = support.fault_server()
    local sandbox = support.sandbox(client, server, "redirect",
      { status = 307, to = other:url "/fault/ok-json" })
    sandbox.process:exec "true"
    assert.equal(0, #other:requests())
    other:close()
  end)

  it("of a redirect is not told: no user, query or fragment", function()
    for to, told in pairs {
      ["https://u:pw@login.example/in/to?state=SECRET#f?x"] = "https://login.example/in/to",
      ["https://login.example?state=SECRET"] = "https://login.example/",
      ["/login?to=http://u:pw@x/"] = "/login",
      ["https://login.example/@here/"] = "https://login.example/@here/",
    } do
      local _, err = support.sandbox(client, server, "redirect", { to = to }).process:exec "true"
      assert.truthy(err.message:find(told .. ", which is not followed", 1, true), err.message)
      assert.is_nil(tostring(err):find("SECRET", 1, true) or tostring(err):find("pw", 1, true))
    end
  end)

  it("does not go to a password in the URL's place", function()
    -- Credentials in a URL would replace or join ours; both are surprises.
    local ok, made, err = pcall(daytona.new, {
      api_key = KEY, api_url = server:url("/api"):gsub("//", "//user:pw@"),
    })
    if ok and made then
      made:get "x"
      made:close()
      for _, request in ipairs(server:requests()) do
        assert.equal("Bearer " .. KEY, request.headers.authorization)
      end
    elseif ok then
      absent(err, "a refused URL")
    else
      absent(made, "a refused URL")
    end
  end)

  it("is on no command line", function()
    local sandbox = support.sandbox(client, server, "ok-json")
    sandbox.fs:get_file_info "x"
    for pid in lfs.dir "/proc" do
      local file = pid:match "^%d+$" and io.open("/proc/" .. pid .. "/cmdline", "rb")
      local line = file and file:read "*a"
      if file then
        file:close()
      end
      absent(line or "", "the command line of " .. pid)
    end
  end)

  it("may come from the environment, which is read by new and only then", function()
    local output = support.run(support.lua_command(([[
      local daytona = require "daytona"
      local client = assert(daytona.new())
      print(tostring(client))
      print(select(2, client:get "x"))
      client:close()
    ]]), { DAYTONA_API_KEY = KEY, DAYTONA_API_URL = server:url "/fault/echo-error" }))
    absent(output, "the output")
    assert.equal("Bearer " .. KEY, server:last().headers.authorization)
  end)
end)
