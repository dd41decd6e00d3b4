-- Large files come from a sandbox's disk to the client by the server's own hand:
-- the toolbox lends them open.  A toolbox is not trusted.

local control = require "spec.local.control_support"
local raw_http = require "spec.support.raw_http"
local support = require "spec.support"

local MIB = 1048576

describe("a file that is lent", function()
  local server, id

  setup(function()
    -- What a toolbox of our own making answers is in no document.
    server = control.serve { env = "DAYTONA_LOCAL_RECORD=" }
    id = server:create().id
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  local function ask(box, path, ...)
    local tcp = raw_http.connect(server.api_url)
    raw_http.ask(tcp, "GET /toolbox/" .. box .. path,
      { "Host: x", "Authorization: Bearer " .. server.api_key, ... })
    return tcp
  end

  local function get(...)
    local tcp = ask(...)
    local answer = raw_http.read(tcp)
    tcp:close()
    return answer
  end

  -- How many bytes follow until the connection ends by itself.
  local function count(tcp)
    local got = 0
    while true do
      local data, why, rest = tcp:receive(65536)
      got = got + #(data or rest)
      if not data then
        assert.is_true(why ~= "timeout")
        tcp:close()
        return got
      end
    end
  end

  local function holds(name)
    local held = support.run(("ls -l /proc/%d/fd 2>&1"):format(server.pid))
    return held:find(name, 1, true) ~= nil
  end

  it("is the file, whole and in part, and the toolbox carries none of it", function()
    server:sh(id, "yes 'a line of a large file' | head -c 3000001 > large; cp large lent-file;"
      .. " head -c 67108864 /dev/zero >> lent-file")
    local whole = get(id, "/files/download?path=large")
    assert.equal(200, whole.status)
    assert.equal(3000001, #whole.body)
    assert.equal(("a line of a large file\n"):rep(130435):sub(1, 3000001), whole.body)
    assert.is_truthy(whole.headers["content-disposition"]:find('attachment; filename="large"', 1, true))
    assert.equal("bytes", whole.headers["accept-ranges"])
    local part = get(id, "/files/download?path=large", "Range: bytes=1000003-2999999")
    assert.equal(206, part.status)
    assert.equal("bytes 1000003-2999999/3000001", part.headers["content-range"])
    assert.equal(whole.body:sub(1000004, 3000000), part.body)
    local tcp = ask(id, "/files/download?path=lent-file")
    assert(tcp:receive(1000))
    assert.is_true(holds "lent-file")
    tcp:close()
    support.eventually(function() return not holds "lent-file" end, 20, "the file to be closed")
  end)

  it("breaks off when its sandbox is stopped", function()
    local box = server:create().id
    server:sh(box, "truncate -s 1G lent-file") -- more than sockets hold
    local tcp = ask(box, "/files/download?path=lent-file")
    assert(tcp:receive(1000))
    assert(server:call("POST", "/sandbox/" .. box .. "/stop?force=true"))
    server:await(box, "stopped")
    assert.is_true(count(tcp) < 1000 * MIB)
    support.eventually(function() return not holds "lent-file" end, 20, "the file to be closed")
    assert(server:call("DELETE", "/sandbox/" .. box))
  end)

  describe("by a toolbox that means no good", function()
    local box, lender, top

    setup(function()
      box = server:create().id
      top = support.temp_dir()
      lender = support.lender(server.data .. "/run/" .. box, top)
    end)

    teardown(function()
      lender:close()
      server:call("DELETE", "/sandbox/" .. box)
    end)

    it("is taken where it is what it should be", function()
      local plain = get(box, "/plain")
      assert.equal(200, plain.status)
      assert.equal(2 * MIB, #plain.body)
      local part = get(box, "/part")
      assert.equal(206, part.status)
      assert.equal(("x"):rep(100), part.body)
      assert.equal(2 * MIB, #get(box, "/many").body)
    end)

    for _, case in ipairs { "fifo", "device", "socket", "directory", "kernel", "writable", "named", "short", "behind",
      "endless", "bodiless" } do
      it("is refused: " .. case, function()
        assert.equal(502, get(box, "/" .. case).status)
      end)
    end

    it("breaks the answer off as soon as it is shorter", function()
      local tcp = ask(box, "/shrinks")
      assert.equal("HTTP/1.1 200 OK", tcp:receive "*l")
      assert(os.execute("truncate -s 0 " .. support.quote(top .. "/shrinks")))
      assert.is_true(count(tcp) < 64 * MIB)
    end)

    it("is asked for by nobody but the door, and of nobody but the toolbox", function()
      local head = get(box, "/head", "X-Daytona-Local-Lend: 7").body
      assert.is_truthy(head:find("\r\nX-Daytona-Local-Lend: 1\r\n", 1, true))
      assert.is_nil(head:find("Lend: 7", 1, true))
      head = get(box, "/proxy/8000/head", "X-Daytona-Local-Lend: 7").body
      assert.is_nil(head:find("Lend", 1, true))
    end)

    it("leaves nothing open", function()
      support.eventually(function() return not holds(top) end, 20, "the files to be closed")
    end)
  end)
end)
