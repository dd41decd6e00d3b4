-- What waits in sequence on a long way, by what passes there.

local fronts = require "spec.support.front"
local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check = e2e.check

describe("over a long way", function()
  local server

  setup(function()
    server = e2e.start()
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  local function with_front(options, body)
    options.server = server
    options.rtt = options.rtt or 0.02
    local front = fronts.start(options)
    local client = front:client()
    local ok, problem = pcall(body, front, client)
    client:close()
    front:close()
    assert(ok, problem)
  end

  local function by_method(front, method)
    local found = {}
    for _, request in ipairs(front:requests()) do
      if request.method == method then
        found[#found + 1] = request
      end
    end
    return found
  end

  it("the toolbox's server is connected to while a sandbox starts", function()
    with_front({ separate = true }, function(front, client)
      local sandbox = check(client:create())
      check(sandbox.process:exec "true")
      local heads = by_method(front, "HEAD")
      assert.equal(1, #heads)
      assert.equal("toolbox", heads[1].on)
      assert.equal("/", heads[1].path)
      assert.equal(2, front:connections())
      check(sandbox:stop())
      check(sandbox:start())
      assert.equal(1, #by_method(front, "HEAD"))
      check(sandbox:delete())
    end)
  end)

  it("what is held up for longer than an answer is waited for is not lost", function()
    with_front({ rtt = 0.06 }, function(front, client)
      local sandbox = check(client:create())
      local session = check(sandbox.process:create_session())
      check(session:exec "x=one")
      local function hold_up()
        local group = ("%d $(pgrep -P %d)"):format(front.nginx_pid, front.nginx_pid)
        os.execute(("kill -STOP %s; (sleep 2; kill -CONT %s) >/dev/null 2>&1 &"):format(group, group))
      end
      hold_up()
      local command = check(session:exec "echo $x; (exit 3)")
      assert.same({ "one\n", 3 }, { command.stdout, command.exit_code })
      local before = #front:requests "/exec"
      local watched = check(front:client { on_request = function(request)
        if request.operation == "session.exec" then
          hold_up()
        end
      end })
      assert.equal("here\n", check(check(watched:get(sandbox.id)).process:run "echo here").stdout)
      watched:close()
      assert.equal(before + 1, #front:requests "/exec")
    end)
  end)

  it("a new directory whose modes are as they come takes two requests", function()
    local count = 0
    local client = check(server:client { on_request = function() count = count + 1 end })
    local sandbox = check(client:create())
    local function upload(name, change)
      local tree = support.temp_dir() .. "/tree"
      assert(os.execute(("mkdir -p %s/a/b && touch %s/f %s/a/b/g && chmod -R u=rwX,go=rX %s && cd %s && %s"):format(
        tree, tree, tree, tree, tree, change)))
      count = 0
      check(sandbox.fs:upload_dir(tree, name))
      local requests = count
      local listed = check(sandbox.process:exec(("cd %s && stat -c %%a . a a/b f a/b/g"):format(name))).result
      return requests, (listed:gsub("%s+", " "))
    end
    local function is(requests, modes, ...)
      local count_of, modes_of = upload(...)
      assert.equal(modes, modes_of)
      assert.equal(requests, count_of)
    end
    is(2, "755 755 755 644 644 ", "one", "true")
    is(3, "755 755 755 644 644 ", "one", "true") -- it is there: its modes are not known
    is(3, "755 755 755 600 755 ", "two", "chmod 600 f; chmod 755 a/b/g")
    is(3, "755 755 700 644 644 ", "three", "chmod 700 a/b")
    is(3, "700 755 755 644 644 ", "four", "chmod 700 .")
    check(sandbox:delete())
    client:close()
  end)

  it("nothing is connected to ahead where it does not pay", function()
    for _, options in ipairs { {}, { separate = true, tls = false } } do
      with_front(options, function(front, client)
        local sandbox = check(client:create())
        check(sandbox.process:exec "true")
        check(sandbox:delete())
        assert.equal(0, #by_method(front, "HEAD"))
      end)
    end
  end)

  it("a toolbox over HTTP/1.1 does not wait for what was connected ahead", function()
    with_front({ separate = true, http = 1 }, function(front, client)
      local sandbox = check(client:create())
      check(sandbox.process:exec "true")
      check(sandbox.process:exec "true")
      assert.is_true(front:connections() <= 3)
      check(sandbox:delete())
    end)
  end)
end)
