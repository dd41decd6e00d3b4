-- Running, following, terminals and the interpreter in hosts with tasks.

local e2e = require "spec.support.e2e"
local support = require "spec.support" -- before luv
local loop = require "daytona.host.loop"
local luv = require "luv"
local protect = require "daytona.call.protected"
local uv = require "daytona.host.uv"

local check, fails = e2e.check, e2e.fails

-- What differs between the hosts: how tasks are run, started and cancelled.
local HOSTS = {
  { name = "loop", host = loop, run = loop.run },
  {
    name = "uv", host = uv,
    run = function(fn)
      local ok, problem
      uv.run(function()
        ok, problem = protect.pcall(fn)
      end)
      luv.run()
      if not ok then
        error(problem, 0)
      end
    end,
  },
}

for _, kind in ipairs(HOSTS) do
  local host = kind.host

  describe("in host " .. kind.name, function()
    local server, client, id

    setup(function()
      server = e2e.start()
      local plain = check(server:client())
      id = check(plain:create()).id
      plain:close()
    end)

    teardown(function()
      server:stop()
      support.cleanup()
    end)

    before_each(function()
      client = check(server:client { host = host })
    end)

    after_each(function()
      client:close()
    end)

    local function within(fn)
      kind.run(function()
        local sandbox = client:sandbox(id)
        check(sandbox:refresh())
        fn(sandbox, sandbox.process)
      end)
    end

    -- Waits for another task by looking.
    local function eventually(condition)
      for _ = 1, 500 do
        local value = condition()
        if value then
          return value
        end
        host.sleep(0.01)
      end
      error "did not happen in time"
    end

    it("many commands run at once", function()
      within(function(_, process)
        local done = 0
        for i = 1, 10 do
          host.spawn(function()
            local result = check(process:run("echo " .. i .. "; sleep 0.3; echo err >&2; exit " .. i))
            assert.same({ i .. "\n", "err\n", i }, { result.stdout, result.stderr, result.exit_code })
            done = done + 1
          end)
        end
        eventually(function() return done == 10 end)
        assert.same({}, check(process:list_sessions()))
      end)
    end)

    it("a command is followed while another task feeds it", function()
      within(function(_, process)
        local job = check(process:start("while read x; do echo got $x; done", { stdin = true }))
        host.spawn(function()
          for i = 1, 5 do
            check(job:input(tostring(i)))
          end
        end)
        local stream, text = check(job:follow()), ""
        while text ~= "got 1\ngot 2\ngot 3\ngot 4\ngot 5\n" do
          local name, chunk = stream:read()
          assert.equal("stdout", name)
          text = text .. chunk
        end
        stream:close()
        check(job:kill())
      end)
    end)

    it("a callback that is slow leaves turns to others, however many lines come at once", function()
      within(function(_, process)
        local calls, ended = 0, false
        local task = host.spawn(function()
          process:run("yes", { max_output = 1000, on_stdout = function()
            local till = support.now() + 0.001
            while support.now() < till do end -- luacheck: ignore
            calls = calls + 1
          end })
          ended = true
        end)
        eventually(function() return calls > 0 end)
        local begun = calls
        for _ = 1, 5 do
          host.sleep(0.001)
        end
        assert.is_true(calls - begun < 1000, calls - begun)
        task:cancel()
        eventually(function() return ended end)
      end)
    end)

    it("who waits for a command in a session that is deleted is told", function()
      within(function(_, process)
        local session = check(process:create_session())
        local value, err, ended
        host.spawn(function()
          value, err = session:exec "sleep 60"
          ended = true
        end)
        eventually(function() return #check(process:get_session(session.id)).commands == 1 end)
        check(process:delete_session(session.id))
        eventually(function() return ended end)
        fails({ kind = "gone", operation = "session.exec", outcome = "unknown" }, value, err)
      end)
    end)

    it("a cancelled task ends its command", function()
      within(function(_, process)
        local value, err, ended
        local task = host.spawn(function()
          value, err = process:run("sleep 60", { on_stdout = function() end })
          ended = true
        end)
        eventually(function() return #check(process:list_sessions()) == 1 end)
        host.sleep(0.1)
        task:cancel()
        eventually(function() return ended end)
        fails({ kind = "cancelled", operation = "process.run" }, value, err)
        assert.same({}, check(process:list_sessions()))
      end)
    end)

    it("a terminal is read by one task and written by another", function()
      within(function(_, process)
        local pty = check(process:create_pty())
        local text, exit = "", nil
        host.spawn(function()
          while true do
            local chunk, err = pty:read()
            if not chunk then
              assert.is_nil(err)
              break
            end
            text = text .. chunk
          end
          exit = pty.exit_code
        end)
        check(pty:write "stty -echo; echo rea''dy\n")
        eventually(function() return text:find("ready\r\n", 1, true) end)
        check(pty:write "echo so''me; exit 3\n")
        eventually(function() return exit end)
        assert.equal(3, exit)
        assert.truthy(text:find("some\r\n", 1, true))
      end)
    end)

    it("who waits for a terminal is told when another task leaves it", function()
      within(function(_, process)
        local pty = check(process:create_pty())
        local ended, last, err
        host.spawn(function()
          repeat
            last, err = pty:read()
          until not last
          ended = true
        end)
        eventually(function() return pty:is_connected() end)
        host.sleep(0.1)
        pty:disconnect()
        eventually(function() return ended end)
        assert.is_nil(last)
        assert.is_nil(err)
        check(process:kill_pty_session(pty.id))

        local job = check(process:start "sleep 60")
        local stream = job:follow()
        ended = false
        host.spawn(function()
          last, err = stream:read()
          ended = true
        end)
        host.sleep(0.2)
        stream:close()
        eventually(function() return ended end)
        assert.is_nil(last)
        assert.is_nil(err)
        check(job:kill())
      end)
    end)

    it("tasks may write to a terminal at the same time", function()
      within(function(_, process)
        local pty = check(process:create_pty())
        check(pty:write "stty raw -echo; echo rea''dy; head -c 3000000 | tr -d y | wc -c; exit\n")
        local text = ""
        while not text:find("ready", 1, true) do
          text = text .. check(pty:read())
        end
        for i = 1, 3 do
          host.spawn(function()
            check(pty:write((i == 2 and "x" or "y"):rep(1000000)))
          end)
        end
        text = ""
        for _ = 1, 100 do
          text = text .. (pty:read() or "")
          if text:find("1000000", 1, true) then
            break
          end
        end
        assert.truthy(text:find("1000000", 1, true))
        check(pty:kill())
      end)
    end)

    it("a wait for a terminal can be cancelled and has an end", function()
      within(function(_, process)
        local pty = check(process:create_pty())
        -- A prompt may come late; what this shell becomes says nothing.
        check(pty:write "printf rea''dy; exec sleep 60\n")
        local text = ""
        while not text:find("ready", 1, true) do
          text = text .. check(pty:read())
        end
        fails({ kind = "timeout" }, pty:read { timeout = 0.05 })
        local value, err, ended
        local task = host.spawn(function()
          repeat
            value, err = pty:read()
          until not value
          ended = true
        end)
        host.sleep(0.05)
        task:cancel()
        eventually(function() return ended end)
        fails({ kind = "cancelled", operation = "pty.read" }, value, err)
        check(process:kill_pty_session(pty.id))
      end)
    end)

    it("runs of the interpreter go side by side in contexts", function()
      within(function(sandbox)
        local interpreter = sandbox.code_interpreter
        local sum, done = 0, 0
        for i = 1, 3 do
          host.spawn(function()
            local context = check(interpreter:create_context())
            check(interpreter:run_code("v = " .. i, { context = context }))
            local v = check(interpreter:run_code("print(v)", { context = context })).stdout
            sum = sum + tonumber(v)
            check(interpreter:delete_context(context))
            done = done + 1
          end)
        end
        eventually(function() return done == 3 end)
        assert.equal(6, sum)
      end)
    end)

    if protect.native then
      it("a for may be over a stream", function()
        within(function(_, process)
          local job, seen = check(process:start "echo a; sleep 0.1; echo b"), {}
          for _, chunk in job:follow() do
            seen[#seen + 1] = chunk
          end
          assert.same({ "a\n", "b\n" }, seen)
          check(job:kill())
        end)
      end)
    end
  end)
end
