-- 128 MiB up and down, 32 times what memory may grow by: every byte arrives.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local shell = e2e.shell

local LARGE = 128 * 1024 * 1024
-- What a process may need above its idle state; a sanitizer's shadow and
-- quarantine count, too.
local ALLOWED = os.getenv "DAYTONA_SANITIZED" == "1" and 16384 or 4096 -- KiB

-- What a child does: it idles (a small transfer each way, so that everything
-- that is needed once is there), notes its memory, then transfers.
local PROGRAM = [[
  local daytona = require "daytona"
  local function check(value, err)
    return value or error(tostring(err), 2)
  end
  local function peak()
    local file = check(io.open "/proc/self/status")
    local text = file:read "*a"
    file:close()
    return tonumber(text:match "VmHWM:%%s*(%%d+)")
  end
  local client = check(daytona.new { api_url = %q, api_key = %q })
  local fs = client:sandbox(%q).fs
  local big, back, small = %q, %q, %q
  local source, destination = %q, %q
  check(fs:upload_file(small, "small"))
  check(fs:download_file("small", small .. ".back"))
  local idle = peak()
  local up = check(fs:upload_file(big, source)).bytes
  local after_up = peak()
  local down = check(fs:download_file(destination, back)).bytes
  print(("%%.0f %%.0f %%d %%d"):format(up, down, after_up - idle, peak() - idle))
  client:close()
]]

describe("a large file", function()
  local server, sandbox, directory

  e2e.serve(function(made, _, its_server)
    sandbox, server = made, its_server
    directory = support.temp_dir()
  end)

  it("goes up and comes back, and memory stays where it is", function()
    -- Sparse, but not only zeros: markers at the start, around buffer ends, in
    -- the middle and at the end, and a length that is no round number.
    local size = LARGE + 12345
    local path = directory .. "/big"
    local file = assert(io.open(path, "wb"))
    for index, at in ipairs { 0, 65535, 1048576, LARGE / 2, LARGE - 1, size - 9 } do
      assert(file:seek("set", at))
      assert(file:write(("mark%05d"):format(index)))
    end
    assert(file:close())
    support.write_file(directory .. "/small", ("x"):rep(300000))

    local code = PROGRAM:format(server.api_url, server.api_key, sandbox.id, path, directory .. "/back",
      directory .. "/small", "work/big", "work/big")
    local output, status = support.run(support.lua_command(code, {}))
    assert.equal(0, status, output)
    local up, down, after_up, after_down = output:match "(%d+) (%d+) (%-?%d+) (%-?%d+)"
    assert.equal(size, tonumber(up))
    assert.equal(size, tonumber(down))

    -- Both ends hold the same bytes.
    local outside = io.popen("cksum < " .. support.quote(path))
    local inside = shell(sandbox, "cksum < work/big")
    assert.equal(outside:read "*l" .. "\n", inside)
    outside:close()
    output, status = support.run(("cmp %s %s"):format(support.quote(path), support.quote(directory .. "/back")))
    assert.equal(0, status, output)

    assert.is_true(tonumber(after_up) <= ALLOWED, "the upload took " .. after_up .. " KiB")
    assert.is_true(tonumber(after_down) <= ALLOWED, "both took " .. after_down .. " KiB")
  end)
end)
