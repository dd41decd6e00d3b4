-- sandbox.fs:read_file: a file in chunks, as it comes.

local core = require "daytona.core"
local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails, shell = e2e.check, e2e.fails, e2e.shell

describe("fs:read_file", function()
  local sandbox

  e2e.serve(function(...)
    sandbox = ...
  end)

  before_each(function()
    shell(sandbox, "find . -mindepth 1 -delete")
  end)

  local function sizes(path, options)
    local list, parts = {}, {}
    for chunk in sandbox.fs:read_file(path, options) do
      list[#list + 1], parts[#parts + 1] = #chunk, chunk
    end
    return list, table.concat(parts)
  end

  it("leaves no more than one connection to the collector, when loops are left", function()
    shell(sandbox, "truncate -s 20M big")
    for _ in sandbox.fs:read_file "big" do break end -- luacheck: ignore
    collectgarbage()
    local before = select(2, support.open_fds())
    for _ = 1, 15 do
      for _ in sandbox.fs:read_file "big" do break end -- luacheck: ignore
    end
    assert.is_true(select(2, support.open_fds()) <= before + 2)
  end)

  it("gives chunks of the size asked for", function()
    check(sandbox.fs:upload_file({ content = "0123456789" }, "digits"))
    local list, content = sizes("digits", { chunk_size = 4 })
    assert.same({ 4, 4, 2 }, list)
    assert.equal("0123456789", content)
    assert.same({ 5, 5 }, (sizes("digits", { chunk_size = 5 })))
    assert.same({ 10 }, (sizes "digits"))
    assert.same({ 3, 1 }, (sizes("digits", { chunk_size = 3, offset = 6 })))
    assert.same({ 2 }, (sizes("digits", { offset = 6, length = 2 })))
    shell(sandbox, ": > empty")
    assert.same({}, (sizes "empty"))
  end)

  it("takes a name that is not UTF-8", function()
    check(sandbox.fs:upload_file({ content = "0123456789" }, "latin-\252"))
    assert.same({ 4, 4, 2 }, (sizes("latin-\252", { chunk_size = 4 })))
    fails({ kind = "not_found" }, sandbox.fs:read_file("none-\252"):read())
    assert.equal("", shell(sandbox, "ls -A /tmp | grep daytona- || true"))
  end)

  it("keeps every byte of a large file", function()
    local bytes = e2e.all_bytes():rep(20000)
    check(sandbox.fs:upload_file({ content = bytes }, "large"))
    for _, size in ipairs { 1000, 262144, 700000, 1000000, 100000000 } do
      local list, content = sizes("large", { chunk_size = size })
      assert.is_true(content == bytes)
      for i = 1, #list - 1 do
        assert.equal(size, list[i])
      end
    end
  end)

  it("keeps no more than it must", function()
    if support.is_sanitized() then
      return
    end
    shell(sandbox, "truncate -s 128M sparse")
    collectgarbage()
    local before, total = support.memory "VmRSS", 0
    for chunk in sandbox.fs:read_file("sparse") do
      total = total + #chunk
      if total % 2 ^ 24 == 0 then
        collectgarbage()
      end
    end
    assert.equal(2 ^ 27, total)
    assert.is_true(support.memory "VmRSS" - before < 64 * 1024)
  end)

  it("ends the transfer when the loop is left", function()
    shell(sandbox, "truncate -s 256M sparse")
    local reader = sandbox.fs:read_file "sparse"
    local _, before = support.open_fds()
    assert.equal(262144, #reader:read())
    reader:close()
    assert.is_nil(reader:read())
    local _, after = support.open_fds()
    assert.is_true(after <= before)
  end)

  if _VERSION == "Lua 5.4" then
    it("is closed by a break", function()
      shell(sandbox, "truncate -s 256M sparse")
      local reader, state, control, closing = sandbox.fs:read_file "sparse"
      for chunk in reader, state, control, closing do
        if #chunk > 0 then
          break
        end
      end
      assert.is_nil(reader:read())
    end)
  end

  it("feeds an upload", function()
    local bytes = e2e.all_bytes():rep(10000)
    check(sandbox.fs:upload_file({ content = bytes }, "from"))
    local reader = sandbox.fs:read_file("from", { chunk_size = 100000 })
    local result = check(sandbox.fs:upload_file(function() return reader:read() end, "to", { checksum = true }))
    assert.equal(core.sha256(bytes), result.sha256)
    assert.is_true(check(sandbox.fs:download_file "to") == bytes)
  end)

  it("raises what fails in a loop, and gives it from read", function()
    local ok, err = pcall(sizes, "missing")
    assert.is_false(ok)
    fails({ kind = "not_found", status = 404, operation = "fs.read_file", attempts = 1,
      sandbox_id = sandbox.id }, nil, err)
    local reader = sandbox.fs:read_file "missing"
    fails({ kind = "not_found" }, reader:read())
    assert.is_nil(reader:read())
    reader:close()
  end)

  it("names what is wrong with its arguments", function()
    local function raises(message, ...)
      assert.equal("fs.read_file: " .. message, support.raised(sandbox.fs.read_file, sandbox.fs, ...))
    end
    raises "field 'path': required"
    raises("field 'chunk_size': out of range (1 to 1073741824)", "a", { chunk_size = 0 })
    raises("unknown option 'chunksize' (did you mean 'chunk_size'?)", "a", { chunksize = 1 })
  end)

  it("tells of a transfer that breaks off", function()
    local faulty = support.fault_server()
    local other = support.client(faulty, { max_retries = 0 })
    local reader = support.sandbox(other, faulty, "truncated-body").fs:read_file("a", { chunk_size = 1 })
    local chunk, err
    repeat
      chunk, err = reader:read()
    until not chunk
    fails({ operation = "fs.read_file", kind = "connection", sandbox_id = "sb-1" }, nil, err)
    other:close()
    faulty:close()
  end)
end)
