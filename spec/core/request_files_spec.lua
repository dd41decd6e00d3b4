-- The C core by itself: what a request sends from files and chunks, and receives into files.

local support = require "spec.support"

describe("daytona.core", function()
  local server, client, sandbox

  support.serve_faults(function(...)
    server = ...
    require "daytona" -- gives handles their methods
  end)

  before_each(function()
    server:reset()
    client, sandbox = support.core_client(server)
  end)

  after_each(function()
    client:close()
  end)

  local function finish(request)
    while not request:step(0.25) do end -- luacheck: ignore
    return request
  end

  describe("an upload by chunks", function()
    local function upload(scenario, chunks, size)
      local request = assert(client:send("fs.upload_raw",
        { destination = "x", chunks = true, size = size }, sandbox(scenario), 5))
      local next_chunk = 1
      while not request:step(0.25) do
        if request:hungry() then
          request:feed(chunks[next_chunk])
          next_chunk = next_chunk + 1
        end
      end
      return request
    end

    it("sends every byte, with or without a size", function()
      local chunks, whole = {}, {}
      for i = 1, 40 do
        chunks[i] = string.char(i):rep(i * 997)
        whole[i] = chunks[i]
      end
      whole = table.concat(whole)
      for _, size in ipairs { #whole, false } do
        server:reset()
        local request = upload("sink", chunks, size or nil)
        assert(request:result())
        assert.equal(#whole, server:last().body_size)
        assert.equal(whole:sub(1, 200000), server:last().body:sub(1, 200000))
        request:close()
      end
    end)

    it("may be empty", function()
      local request = upload("sink", {})
      assert(request:result())
      assert.equal(0, server:last().body_size)
      request:close()
    end)

    it("ends when the server breaks it off", function()
      local chunks = {}
      for i = 1, 200 do
        chunks[i] = ("x"):rep(100000)
      end
      local request = upload("sink;half=1;end=reset", chunks)
      local value, err = request:result()
      assert.is_nil(value)
      assert.equal("connection", err.kind)
      request:close()
    end)
  end)

  describe("a file being sent", function()
    it("that shrinks on the way is an error, and no half file counts as whole", function()
      local directory = support.temp_dir()
      local path = support.write_file(directory .. "/up", ("u"):rep(8000000))
      local request = assert(client:send("fs.upload_file", { destination = "x", file = path },
        sandbox "stall", 5))
      request:step(0.05)
      support.write_file(path, "short")
      server:reset()
      request:close()
      -- From the start, with a size that no longer holds:
      local again = assert(client:send("fs.upload_file", { destination = "x", file = path },
        sandbox "sink", 5))
      support.write_file(path, "")
      local value, err = finish(again):result()
      assert.is_nil(value)
      assert.equal("file", err.kind)
      again:close()
    end)

    it("must be a regular file", function()
      local directory = support.temp_dir()
      os.execute("mkfifo " .. support.quote(directory .. "/fifo"))
      for _, path in ipairs { directory, directory .. "/fifo", "/dev/null", "/none", "" } do
        local seconds, request, err = support.timed(client.send, client, "fs.upload_file",
          { destination = "x", file = path }, sandbox "ok-json", 5)
        assert.is_nil(request, path)
        assert.equal("file", err.kind)
        assert.is_true(seconds < 10)
      end
      assert.equal(0, server:count "ok-json")
    end)
  end)

  describe("a file being received", function()
    it("does not exist under its name before it is whole", function()
      local directory = support.temp_dir()
      local path = directory .. "/x"
      local request = assert(client:send("fs.download_file", { path = "a", destination = path },
        sandbox "stall-after-headers", 5))
      for _ = 1, 5 do
        request:step(0.01)
      end
      assert.is_nil(io.open(path))
      request:close()
      support.eq({}, support.files_under(directory))
    end)

    it("that is forgotten half-way leaves nothing", function()
      local directory = support.temp_dir()
      do
        local request = assert(client:send("fs.download_file",
          { path = "a", destination = directory .. "/x" }, sandbox "stall-after-headers", 5))
        request:step(0.05)
      end
      collectgarbage()
      collectgarbage()
      support.eq({}, support.files_under(directory))
    end)

    it("keeps the permissions that a new file would have", function()
      local lfs = require "lfs"
      local directory = support.temp_dir()
      local plain = support.write_file(directory .. "/plain", "")
      local request = finish(assert(client:send("fs.download_file",
        { path = "a", destination = directory .. "/x" }, sandbox "download;n=5", 5)))
      assert(request:result())
      request:close()
      assert.equal(lfs.attributes(plain, "permissions"),
        lfs.attributes(directory .. "/x", "permissions"))
    end)
  end)
end)
