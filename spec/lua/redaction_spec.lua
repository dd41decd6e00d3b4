-- What a server repeats of the secrets that it was given comes into no error, whatever the
-- row: its parameters say which of them are secret.

local core = require "daytona.core"
local support = require "spec.support"

local SECRET = "hunter'22 of us"

describe("a secret that a server repeats", function()
  local server, client, sandbox

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
    client = support.client(server, { max_retries = 0 })
    sandbox = client:sandbox { id = "sb-1", state = "started", labels = {}, toolbox_proxy_url = server:url "/box" }
  end)

  after_each(function()
    client:close()
  end)

  -- Every answer is that text, as the message of an error.
  local function say(text)
    server:reset()
    server:script({ path_prefix = "/" }, { { status = 400, body = { message = text }, times = 0 } })
  end

  -- All that an error and the events of its call tell.
  local function told(err)
    local parts = { tostring(err) }
    for _, value in pairs(err) do
      parts[#parts + 1] = tostring(value)
    end
    return table.concat(parts, "\n")
  end

  local function hides(call, text)
    say(text or ("refused: " .. SECRET .. "; refused: " .. SECRET:gsub("[' ]", { ["'"] = "'\\''" })))
    local value, err = call()
    assert.is_nil(value)
    assert.truthy(err.message:find("***", 1, true), tostring(err))
    assert.is_nil(told(err):find("hunter", 1, true), told(err))
    return err
  end

  it("is hidden as a token, in the path of the URL, too", function()
    local token = "tok_hunter22"
    local text = "no " .. token
    hides(function() return sandbox:expire_signed_preview_url(3000, token) end, text)
    hides(function() return sandbox:revoke_ssh_access(token) end, text)
    hides(function() return sandbox:validate_ssh_access(token) end, text)
    local paths = {}
    local watched = support.client(server, { max_retries = 0, on_response = function(event)
      paths[#paths + 1] = event.path
    end })
    local other = watched:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/box" }
    hides(function() return other:expire_signed_preview_url(3000, token) end, text)
    support.eq({ "/sandbox/sb-1/ports/3000/signed-preview-url/***/expire" }, paths)
    watched:close()
  end)

  it("is hidden as the value of an environment variable", function()
    local env = { TOKEN = SECRET, MODE = "1" }
    local process = sandbox.process
    for _, call in ipairs {
      function() return client:create { env = env } end,
      function() return process:exec("x", { env = env }) end,
      function() return process:code_run("x", { env = env }) end,
      function() return process:run("x", { env = env }) end,
      function() return process:start("x", { env = env }) end,
      function() return process:create_session(nil, { env = env }) end,
      function() return process:create_pty("x", { env = env }) end,
      function() return process:create_pty_session("x", { env = env }) end,
      function() return sandbox:update_env(env) end,
      function() return sandbox.code_interpreter:run_code("x", { env = env }) end,
    } do
      hides(call)
    end
  end)

  it("is hidden where a command with it was refused after its session was made", function()
    local function refuse()
      server:reset()
      local path = "/box/sb-1/process/session"
      server:script({ method = "POST", path = path }, { { body = "{}", status = 201, times = 0 } })
      server:script({ method = "DELETE", path_prefix = path }, { { status = 204, times = 0 } })
      server:script({ method = "POST", path_prefix = path .. "/" },
        { { status = 400, body = { message = "no such command: export T='hunter'\\''22 of us'" }, times = 0 } })
    end
    for _, call in ipairs {
      function() return sandbox.process:run("x", { env = { T = SECRET } }) end,
      function() return sandbox.process:start("x", { env = { T = SECRET } }) end,
      function() return sandbox.process:create_session("x", { env = { T = SECRET } }) end,
    } do
      refuse()
      local value, err = call()
      assert.is_nil(value)
      assert.truthy(err.message:find("export T='***'", 1, true), err.message)
      assert.is_nil(told(err):find("hunter", 1, true), told(err))
    end
  end)

  it("is hidden as the password of a URL", function()
    local text = "cannot reach https://me:hunter22@host/x"
    local err = hides(function() return sandbox.git:remote_add("r", "o", "https://me:hunter22@host/x") end, text)
    assert.equal("cannot reach https://me:***@host/x", err.message)
    hides(function() return client:create { outbound_proxy_url = "http://me:hunter22@proxy" } end, text)
    hides(function() return client:create { otel_endpoint_override = "http://me:hunter22@proxy" } end, text)
    hides(function() return sandbox.git:clone("https://me:hunter22@host/x", "x") end, text)
  end)

  it("is hidden where it is a part of another one", function()
    local env = { A = "hunter", B = "hunter-and-more" }
    hides(function() return sandbox.process:exec("x", { env = env }) end, "hunter-and-more")
  end)

  it("is none where it is a word of JSON, or short", function()
    say "4200 of 123, true or not"
    for _, env in ipairs { { A = "true" }, { A = "123" }, { A = "4200" }, {} } do
      local _, err = sandbox.process:exec("x", { env = env })
      assert.equal("4200 of 123, true or not", err.message)
      assert.truthy(err.body:find "^{")
    end
  end)

  it("is known by the row", function()
    local secret = {}
    for _, row in ipairs((core.operations(true))) do
      for _, field in ipairs(row.params) do
        if field.secret then
          secret[#secret + 1] = row.name .. " " .. field.name
        end
      end
    end
    local all = table.concat(secret, "\n")
    for _, name in ipairs { "git.clone password", "secret.create value", "process.run env", "daytona.new api_key" } do
      assert.truthy(all:find(name, 1, true), name)
    end
    assert.is_nil(all:find("git.set_config", 1, true))
  end)
end)
