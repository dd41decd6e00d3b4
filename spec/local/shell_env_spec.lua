-- `daytona-local env`: the variables that lead a shell's programs to the server
-- of a data directory; and the address that `serve` has by itself.

local control = require "spec.local.control_support"
local e2e = require "spec.support.e2e"
local support = require "spec.support"

local quote = support.quote
local program = quote(e2e.program)

-- What it prints on standard output, its status, and what it prints on
-- standard error.
local function env(data, arguments)
  local errors = support.temp_dir() .. "/errors"
  local output, status = support.run(("%s env --data %s --wait 0 %s 2>%s"):format(
    program, quote(data), arguments or "", quote(errors)))
  return output, status, support.read_file(errors)
end

local function none_runs(data)
  support.eq({ "", 1, ("daytona-local: no server runs on the data directory %s; "
    .. "start one by: daytona-local serve &\n"):format(data) }, { env(data) })
end

describe("daytona-local env", function()
  local server

  after_each(function()
    if server then
      server:stop()
      server = nil
    end
  end)

  teardown(support.cleanup)

  it("prints what a shell evaluates", function()
    server = control.serve()
    local output, status = support.run(([[
      eval "$(%s env --data %s)" && curl -s -H "Authorization: Bearer $DAYTONA_API_KEY" "$DAYTONA_API_URL/sandbox"
      echo " $DAYTONA_API_URL $DAYTONA_API_KEY"]]):format(program, quote(server.data)))
    assert.equal(0, status)
    assert.equal(('{"items":[],"nextCursor":null} %s %s\n'):format(server.api_url, server.api_key), output)
  end)

  it("quotes whatever a key has inside", function()
    local key = [[a'$(exit)\"`id`';&\']]
    server = control.serve { env = "DAYTONA_LOCAL_API_KEY=" .. quote(key) }
    assert.equal(key, server.api_key)
    assert.equal(key, (support.run(('eval "$(%s env --data %s)"; printf %%s "$DAYTONA_API_KEY"'):format(
      program, quote(server.data)))))
    support.eq({ ("set -gx DAYTONA_API_URL '%s'\nset -gx DAYTONA_API_KEY '%s'\n"):format(
      server.api_url, [[a\'$(exit)\\"`id`\';&\\\']]), 0, "" }, { env(server.data, "--shell fish") })
  end)

  it("knows the server's file, which nobody else may read, from one that was left behind", function()
    server = control.serve()
    local data = server.data
    assert.equal("600 1\n", (support.run("stat -c '%a %h' " .. quote(data .. "/running"))))
    server:kill()
    assert.truthy(support.read_file(data .. "/running"):find(server.api_key, 1, true))
    none_runs(data)
    server = control.serve { data = data }
    assert.truthy(env(data):find(server.api_url, 1, true))
    server:stop()
    assert.is_nil(io.open(data .. "/running"))
    none_runs(data)
    none_runs(data .. "/nowhere")
  end)

  it("waits for a server that was just started", function()
    local data = control.data()
    local output, status = support.run(([[
      %s serve --listen 127.0.0.1:0 --network none --data %s >/dev/null & pid=$!
      eval "$(%s env --wait 60 --data %s)"
      curl -s "$DAYTONA_API_URL/health"; kill $pid; wait $pid]]):format(program, quote(data), program, quote(data)))
    support.eq({ '{"status":"ok"}', 0 }, { output, status })
  end)

  it("reads nothing but a server's file", function()
    server = control.serve()
    local data = server.data
    server:stop()
    for _, command in ipairs { "mkfifo %s", "ln -s /etc/passwd %s", "mkdir %s" } do
      assert(os.execute(command:format(quote(data .. "/running"))))
      local output, status = env(data)
      support.eq({ "", 1 }, { output, status })
      assert(os.execute("rm -rf " .. quote(data .. "/running")))
    end
  end)

  it("refuses a bad command line", function()
    for arguments, message in pairs {
      ["--wat"] = "unrecognized option '--wat'",
      ["extra"] = "unexpected argument 'extra'",
      ["--shell csh"] = "--shell: sh or fish expected, got 'csh'",
      ["--wait x"] = "--wait: seconds from 0 to 3600 expected, got 'x'",
      ["--wait -1"] = "--wait: seconds from 0 to 3600 expected, got '-1'",
      ["--data ''"] = "--data: a directory expected, got ''",
    } do
      local output, status = support.run(program .. " env " .. arguments)
      assert.equal("daytona-local: " .. message .. "\nTry 'daytona-local env --help'.\n", output)
      assert.equal(2, status)
    end
    assert.truthy(support.run(program .. " env --help"):find('usage: eval "$(daytona-local env', 1, true))
  end)
end)

describe("the address of daytona-local", function()
  teardown(support.cleanup)

  it("is the same at every start, unless it is told", function()
    assert.truthy(support.run(program .. " doctor"):find("%l+ +port +127%.0%.0%.1:3986[ :]"))
  end)

  it("may be taken", function()
    local server = control.serve()
    local address = server.api_url:match "//([^/]+)"
    local output, status = control.run(("--network none --listen %s --data %s"):format(address, quote(control.data())))
    server:stop()
    support.eq({ ("daytona-local: %s is taken; another daytona-local? 'daytona-local env' tells where it is; "
      .. "give --listen 127.0.0.1:0 for any free port\n"):format(address), 1 }, { output, status })
  end)
end)
