-- Each operation, cancelled after 0, 1, 2 ... turns of the loop until it has
-- ended by itself before: it gives an error of kind "cancelled" or its result,
-- and nothing is left of it.

local support = require "spec.support" -- first: it looks after luv
local loop = require "daytona.host.loop"
local luv = require "luv"
local uv = require "daytona.host.uv"

local IN_A_ROW = 5 -- ends by itself: once may be a thread that had to stand aside
local LONGEST = 20 -- seconds for one operation; it takes less than one

local hosts = {
  { name = "loop", host = loop, run = loop.run, begin = function() loop.sleep(0) end },
  { name = "uv", host = uv, begin = function() end, run = function(fn)
    uv.run(fn)
    luv.run()
  end },
}

local CHUNK = ("x"):rep(20000)
local PARTS = table.concat({
  "--B", 'Content-Disposition: form-data; name="file"; filename="a"', "", "A",
  "--B", 'Content-Disposition: form-data; name="file"; filename="b"', "", "B", "--B--", "",
}, "\r\n")

-- By name: the scenario that is the toolbox (or the path of answers below), and
-- the call.
local operations = {
  create = { "json", function(kit) return kit.client:create { timeout = 10 } end },
  get = { "json", function(kit) return kit.client:get "sb-1" end },
  list = { "json", function(kit) return kit.client:list_page() end },
  start = { "json", function(kit) return kit.client:sandbox "sb-1":start() end },
  stop = { "json", function(kit) return kit.client:sandbox "sb-stopped":stop() end },
  delete = { "json", function(kit) return kit.client:sandbox "sb-gone":delete() end },
  exec = { "json;body=%7B%22exitCode%22%3A0%7D", function(kit) return kit.sandbox.process:exec "true" end },
  code_run = { "json;body=%7B%22exitCode%22%3A0%7D", function(kit)
    return kit.sandbox.process:code_run("1", { language = "python" })
  end },
  list_files = { "json;body=%5B%5D", function(kit) return kit.sandbox.fs:list_files "." end },
  clone = { "json", function(kit) return kit.sandbox.git:clone("https://example.org/x", "x") end },
  upload = { "sink", function(kit) return kit.sandbox.fs:upload_file(kit.up, "x") end },
  upload_chunks = { "sink", function(kit)
    local left = 5
    return kit.sandbox.fs:upload_file(function()
      left = left - 1
      return left >= 0 and CHUNK or nil
    end, "x")
  end },
  upload_files = { "json;body=%7B%22files%22%3A%5B%5D%7D", function(kit)
    return kit.sandbox.fs:upload_files {
      { source = kit.up, destination = "x" }, { source = { content = "c" }, destination = "y" },
    }
  end },
  download = { "download;n=120000", function(kit)
    local path = kit.directory .. "/down"
    local file, err = kit.sandbox.fs:download_file("x", path)
    os.remove(path)
    return file, err
  end },
  download_content = { "download;n=120000", function(kit) return kit.sandbox.fs:download_file "x" end },
  download_progress = { "download;n=120000", function(kit)
    return kit.sandbox.fs:download_file("x", nil, { on_progress = function() end })
  end },
  download_files = { "/parts", function(kit)
    local path = kit.directory .. "/part"
    local results, err = kit.sandbox.fs:download_files { "a", { source = "b", destination = path } }
    os.remove(path)
    return results, err
  end },
  read_file = { "download;n=120000", function(kit)
    local reader, bytes = kit.sandbox.fs:read_file("x", { chunk_size = 20000 }), 0
    local chunk, err = reader:read()
    while chunk do
      bytes = bytes + #chunk
      chunk, err = reader:read()
    end
    return not err and bytes or nil, err
  end },
  request = { "json", function(kit) return kit.client:request("GET", "/sandbox/sb-1") end },
}

local function answers(server)
  local function sandbox(id, state)
    return ('{"id": "%s", "state": "%s"}'):format(id, state)
  end
  server:script({ method = "GET", path_prefix = "/api/sandbox/sb-gone" }, {
    { status = 404, body = '{"statusCode": 404}', times = 0 },
  })
  for id, state in pairs { ["sb-1"] = "started", ["sb-stopped"] = "stopped", ["sb-gone"] = "destroying" } do
    server:script({ path_prefix = "/api/sandbox/" .. id }, { { body = sandbox(id, state), times = 0 } })
  end
  server:script({ method = "POST", path = "/api/sandbox" }, { { body = sandbox("sb-1", "started"), times = 0 } })
  server:script({ path_prefix = "/api/sandbox" }, { { body = '{"items": [], "nextCursor": null}', times = 0 } })
  server:script({ path_prefix = "/parts" }, { { times = 0, body = PARTS,
    headers = { ["Content-Type"] = "multipart/form-data; boundary=B" } } })
end

for _, case in ipairs(hosts) do
  describe("cancelled after any turn of " .. case.name .. ", nothing is left of", function()
    local server, kit, fds_before
    local all_cancelled = 0 -- a single operation may be too quick

    setup(function()
      server = support.fault_server()
      local first = support.client(server)
      first:request("GET", "/x") -- what a first use opens for good is no leak
      first:close()
      fds_before = select(2, support.open_fds())
    end)

    teardown(function()
      assert.is_true(all_cancelled > 100, all_cancelled)
      server:close()
      support.cleanup()
    end)

    before_each(function()
      server:reset()
      answers(server)
      local directory = support.temp_dir()
      support.write_file(directory .. "/up", ("u"):rep(100000))
      kit = {
        client = support.client(server, { host = case.host, timeout = 10, max_retries = 0 }),
        server = server, directory = directory, up = directory .. "/up",
      }
    end)

    after_each(function()
      assert.equal(0, kit.client._core:live())
      kit.client:close()
      assert.same({ "up" }, support.files_under(kit.directory))
      kit = nil
      support.check_fds(fds_before)
    end)

    -- Runs the operation as a task that is cancelled after `turns` turns; gives
    -- whether it had ended before.
    local function try(operation, turns)
      local value, err, has_ended
      local task = case.host.spawn(function()
        value, err = operation(kit)
        has_ended = true
      end)
      case.begin() -- a task of loop that is cancelled before never begins
      for turn = 1, turns do
        if has_ended then
          break
        end
        case.host.sleep(turn > 60 and 0.0005 or 0) -- by then it waits for the server
      end
      local was_over = has_ended
      if not was_over then
        task:cancel()
      end
      local deadline = support.now() + LONGEST
      while not has_ended do
        assert(support.now() < deadline, "it does not end after " .. turns)
        case.host.sleep(0)
      end
      if value == nil then
        assert.equal("cancelled", support.sound_error(err).kind, tostring(err))
      end
      assert(value ~= nil or not was_over, "it was cancelled by itself")
      return was_over, value == nil
    end

    for name, row in pairs(operations) do
      it(name, function()
        kit.sandbox = kit.client:sandbox {
          id = "sb-1", state = "started",
          toolbox_proxy_url = server:url(row[1]:sub(1, 1) == "/" and row[1] or "/fault/" .. row[1]),
        }
        local turns, cancelled, over = 0, 0, 0
        local memory = support.memory "VmRSS"
        case.run(function()
          local deadline = support.now() + LONGEST
          while over < IN_A_ROW and support.now() < deadline do
            local is_over, was_cancelled = try(row[2], turns)
            over = is_over and over + 1 or 0
            cancelled = cancelled + (was_cancelled and 1 or 0)
            turns = turns + 1
          end
          -- and the client works on
          assert(support.sandbox(kit.client, server, "json").fs:get_file_info "x")
        end)
        assert.equal(IN_A_ROW, over)
        all_cancelled = all_cancelled + cancelled
        if not support.is_sanitized() then
          collectgarbage()
          assert.is_true(support.memory "VmRSS" - memory < 24576, "it grew")
        end
      end)
    end
  end)
end
