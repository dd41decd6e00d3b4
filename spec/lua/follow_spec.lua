-- command:follow: nothing lost, nothing twice, whatever becomes of connections.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails

describe("command:follow", function()
  local server, client, sandbox, session

  e2e.serve(function(...)
    sandbox, client, server = ...
    session = check(sandbox.process:create_session "spec")
  end)

  local function start(text, options)
    local params = { async = true, suppress_input_echo = true }
    for name, value in pairs(options or {}) do
      params[name] = value
    end
    return check(session:exec(text, params))
  end

  -- Both streams as strings, and how it ended.
  local function read_all(stream)
    local parts = { stdout = {}, stderr = {} }
    while true do
      local name, chunk = stream:read()
      if not name then
        return table.concat(parts.stdout), table.concat(parts.stderr), chunk
      end
      table.insert(parts[name], chunk)
    end
  end

  -- The command, its sandbox reached through a relay.
  local function through(relay, command)
    local port = relay.toolbox_port
    local url = sandbox.toolbox_proxy_url:gsub("^(http://[^/:]+:)%d+", "%1" .. port)
    local other = client:sandbox { id = sandbox.id, state = "started", toolbox_proxy_url = url }
    local handle = check(other.process:get_session(command.session_id)).commands
    for _, candidate in ipairs(handle) do
      if candidate.id == command.id then
        return candidate
      end
    end
  end

  local function toolbox_port()
    return tonumber(sandbox.toolbox_proxy_url:match "^http://[^/:]+:(%d+)")
  end

  it("gives the streams as they come, then the exit code", function()
    local command = start "echo one; read x; echo two >&2; exit_code() { return 4; }; exit_code"
    local stream = command:follow()
    assert.same({ "stdout", "one\n" }, { stream:read() })
    assert.is_nil(stream.exit_code)
    check(command:input "go")
    assert.same({ "stderr", "two\n" }, { stream:read() })
    assert.same({}, { stream:read() })
    assert.same({ 4, 4 }, { stream.exit_code, command.exit_code })
    assert.same({}, { stream:read() })
  end)

  it("shows a prompt at once", function()
    local command = start "printf '$ '; read x"
    local stream = command:follow { timeout = e2e.due(nil, 0.4) }
    if support.as then -- it keeps lines: the prompt comes with the end of its line
      fails({ kind = "timeout" }, stream:read())
      stream = command:follow()
      check(command:input "go")
      assert.same({ "stdout", "$ \n" }, { stream:read() })
    else
      assert.same({ "stdout", "$ " }, { stream:read() })
      check(command:input "go")
    end
    assert.same({}, { stream:read() })
  end)

  it("works in a for, and can be left", function()
    local command = start "for i in 1 2 3; do echo $i; done; read x"
    local text = ""
    for name, chunk in command:follow() do
      assert.equal("stdout", name)
      text = text .. chunk
      if text == "1\n2\n3\n" then
        break
      end
    end
    check(command:input "go")
    assert.equal("1\n2\n3\n", (read_all(command:follow())))
  end)

  it("calls back", function()
    local command, out, err = start "echo out; echo err >&2; (exit 5)", "", ""
    assert.equal(5, check(command:follow {
      on_stdout = function(chunk) out = out .. chunk end,
      on_stderr = function(chunk) err = err .. chunk end,
    }))
    assert.same({ "out\n", "err\n" }, { out, err })
    assert.equal(5, check(command:follow { on_stderr = function() end }))
    assert.equal("mine", support.raised(command.follow, command, {
      on_stdout = function() error("mine", 0) end,
    }))
  end)

  it("never splits a character if that is asked", function()
    local command = start [[printf 'a\303'; sleep 0.1; printf '\244\342'; sleep 0.1; printf '\202\254\360\237';
      sleep 0.1;
      printf '\230\200\377'; printf '\303']]
    local stream = command:follow { utf8 = true }
    local text = ""
    for name, chunk in stream.read, stream do
      assert.equal("stdout", name)
      text = text .. chunk
      if #text < 11 then -- until the bytes that are no character
        assert.is_nil(chunk:find "^[\128-\191]")
        assert.is_nil(chunk:find "[\194-\244]$")
      end
    end
    assert.equal(e2e.kept "a\195\164\226\130\172\240\159\152\128\255\195", text)
  end)

  it("ends at its timeout; the command runs on", function()
    local command = start "echo one; read x"
    local stream = command:follow { timeout = 0.4 }
    assert.same({ "stdout", "one\n" }, { stream:read() })
    fails({ kind = "timeout", operation = "command.follow" }, stream:read())
    assert.is_nil(check(command:status()).exit_code)
    check(command:input "go")
  end)

  it("keeps both streams of a flood", function()
    local command = start "(seq 1 60000 & seq 100001 160000 >&2; wait)"
    local out, err = read_all(command:follow())
    local wanted_out, wanted_err = {}, {}
    for i = 1, 60000 do
      wanted_out[i], wanted_err[i] = i, 100000 + i
    end
    assert.is_true(out == table.concat(wanted_out, "\n") .. "\n")
    assert.is_true(err == table.concat(wanted_err, "\n") .. "\n")
  end)

  -- In a process of its own, whose memory is not that of the specs.
  it("gives tens of MiB byte for byte and keeps next to nothing", function()
    -- A server of lines sends each line by itself, and so each is a string of its own.
    local most = e2e.due(4096, 16384) -- KiB
    local lines = e2e.due(2500000, 5000000) -- in each stream: nine and four times as much
    local text, status = support.run(support.lua_command(([[
      local daytona, core = require "daytona", require "daytona.core"
      local client = daytona.new { api_url = %q, api_key = %q }
      local process = client:sandbox(%q).process
      local commands = { stdout = "seq 1000001 %d", stderr = "seq 2000001 %d" }
      local job = process:start("(" .. commands.stdout .. " & " .. commands.stderr .. " >&2; wait)")
      local wanted, bytes = {}, { stdout = 0, stderr = 0 }
      for name, command in pairs(commands) do
        wanted[name] = io.popen(command)
      end
      local function memory(field)
        local file = io.open "/proc/self/status"
        local kib = file:read("*a"):match(field .. ":%%s*(%%d+)")
        file:close()
        return tonumber(kib)
      end
      process:list_sessions()
      collectgarbage()
      collectgarbage()
      local refs = io.open("/proc/self/clear_refs", "w")
      refs:write "5"
      refs:close()
      local idle = memory "VmRSS"
      local stream = job:follow()
      while true do
        local name, chunk = stream:read()
        if not name then
          print(chunk or stream.exit_code)
          break
        elseif wanted[name]:read(#chunk) ~= chunk then
          print(name .. " differs after byte " .. bytes[name])
        end
        bytes[name] = bytes[name] + #chunk
      end
      print(bytes.stdout, bytes.stderr, memory "VmHWM" - idle)
      job:kill()
    ]]):format(server.api_url, server.api_key, sandbox.id, 1000000 + lines, 2000000 + lines)))
    assert.equal(0, status, text)
    local exit_code, out, err, kib = text:match "^(%S+)\n(%d+)\t(%d+)\t(%-?%d+)\n$"
    assert.same({ "0", tostring(8 * lines), tostring(8 * lines) }, { exit_code, out, err }, text)
    assert.is_true(support.is_sanitized() or tonumber(kib) <= most, kib .. " KiB over idle")
  end)

  it("goes on after each of a hundred drops", function()
    local lines = 7500
    local command = start(("(seq 1 %d & seq 100001 %d >&2; wait); read x; echo end"):format(lines, 100000 + lines))
    local logs
    support.eventually(function()
      logs = check(command:logs())
      return select(2, logs.stdout:gsub("\n", "")) == lines and select(2, logs.stderr:gsub("\n", "")) == lines
    end)
    math.randomseed(os.time())
    -- What is read beside the sockets ends before the first drop. Each connection
    -- gives a byte that the one before did not: the bytes between two drops are
    -- more than a frame and a marker need.
    local offsets, seen, apart = {}, {}, 32
    local first, places = math.floor(66000 / apart), math.floor((#logs.stdout + #logs.stderr) / apart)
    while #offsets < 100 do
      local place = math.random(first, places)
      if not seen[place] then
        seen[place] = true
        offsets[#offsets + 1] = place * apart - place % 2
      end
    end
    table.sort(offsets)
    local relay = support.relay { ports = { toolbox = toolbox_port() }, websockets = "cut", offsets = offsets }
    local stream = through(relay, command):follow()
    local parts = { stdout = {}, stderr = {} }
    local bytes = 0
    while bytes < #logs.stdout + #logs.stderr do
      local name, chunk = stream:read()
      assert.is_not_nil(name, tostring(chunk))
      table.insert(parts[name], chunk)
      bytes = bytes + #chunk
    end
    check(command:input "go")
    local out, err, problem = read_all(stream)
    local count = relay:stats().failed
    relay:close()
    assert.is_nil(problem)
    assert.is_true(table.concat(parts.stdout) .. out == logs.stdout .. "end\n", "the standard output differs")
    assert.is_true(table.concat(parts.stderr) .. err == logs.stderr, "the standard error differs")
    assert.equal(0, stream.exit_code)
    assert.equal(100, count)
  end)

  it("reads the log again and again where WebSockets are refused", function()
    local relay = support.relay { ports = { toolbox = toolbox_port() }, websockets = "refuse" }
    local command = start "echo one; echo two >&2; read x; echo three; (exit 6)"
    local stream = through(relay, command):follow()
    local out, err = "", ""
    while #out + #err < 8 do
      local name, chunk = stream:read()
      if name == "stdout" then out = out .. chunk else err = err .. chunk end
    end
    assert.same({ "one\n", "two\n" }, { out, err })
    check(command:input "go")
    assert.equal("three\n", (read_all(stream)))
    assert.equal(6, stream.exit_code)
    assert.equal(1, relay:stats().failed)
    relay:close()
  end)

  it("says what is not there", function()
    local command = start "true"
    local process = sandbox.process
    for session_id, command_id in pairs { ["no-such"] = command.id, spec = "no-such" } do
      local stream = process:attach { session_id = session_id, command_id = command_id }:follow()
      fails({ kind = "not_found" }, stream:read())
    end
  end)

  it("notices a sandbox that is stopped", function()
    local other = check(client:create())
    local command = check(check(other.process:create_session "s"):exec("echo one; sleep 60", { async = true }))
    local stream = command:follow()
    assert.same({ "stdout", "one\n" }, { stream:read() })
    check(client:stop(other.id))
    local _, err = fails({ kind = "state", state = "stopped", operation = "command.follow",
      message = "the sandbox is in state stopped" }, stream:read()), nil
    assert.is_nil(err)
    fails({ kind = "state" }, command:follow():read())
    check(other:delete())
    fails({ kind = "not_found" }, command:follow():read())
  end)

  it("raises in a for", function()
    local handle = sandbox.process:attach { session_id = "no-such", command_id = "x" }
    local ok, err = pcall(function()
      for _ in handle:follow() do end
    end)
    assert.is_false(ok)
    assert.equal("not_found", err.kind)
  end)
end)
