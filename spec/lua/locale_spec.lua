-- What belongs to the process and can change at any time: its locale and its
-- working directory.

local lfs = require "lfs"
local support = require "spec.support"

describe("while the program goes on", function()
  local server, directory

  support.serve_faults(function(...)
    server = ...
    directory = support.temp_dir()
  end)

  before_each(function()
    server:reset()
  end)

  local function run(code, env, place)
    local output, status = support.run("cd " .. (place or ".") .. " && " .. support.lua_command(([[
      local base = %q
      local function client(options)
        options = options or {}
        options.api_url, options.api_key = base .. "/api", "k"
        return assert(require("daytona").new(options))
      end
      local function box(c, path)
        return c:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = base .. (path or "/box"),
          labels = { ["code-toolbox-language"] = "python" } }
      end
    ]]):format(server:url()) .. code, env))
    assert.equal(0, status, output)
    return output
  end

  describe("the locale", function()
    setup(function()
      -- One with a comma for a point, made here, for machines have different ones.
      support.write_file(directory .. "/source", "LC_NUMERIC\ndecimal_point \",\"\nthousands_sep \".\"\n"
        .. "grouping 3;3\nEND LC_NUMERIC\n")
      support.run(("localedef -c -i %s/source %s/xx_XX"):format(directory, directory))
      assert(lfs.attributes(directory .. "/xx_XX/LC_NUMERIC"))
    end)

    for name, place in pairs { before = "%s", after = 'require "daytona" %s', between = "client():close() %s" } do
      it("changes nothing in and out, set " .. name, function()
        server:script({}, { { body = '{"one": 1.5, "list": [1,5,2.25], "big": 1e3}', times = 0 } })
        run(place:format [[assert(os.setlocale "xx_XX")]] .. [[
          local c = client()
          for _ = 1, 2 do
            local config = assert(c:request("GET", "/config", { query = { limit = 2.5 }, timeout = 1.5 }))
            assert(config.one == 3 / 2 and #config.list == 3 and config.list[3] == 9 / 4 and config.big == 1000)
            assert(c:request("POST", "/x", { body = { value = 3 / 2 } }))
            os.setlocale "C"
            assert(c:get_config().one == 3 / 2)
            require("cjson").new() -- somebody else
            os.setlocale "xx_XX"
            assert(c:get_config().one == 3 / 2)
            require("cjson").new()
            os.setlocale "C"
            assert(#c:get_config().list == 3)
            os.setlocale "xx_XX"
          end
        ]], { LOCPATH = directory })
        local seen = {}
        for _, request in ipairs(server:requests()) do
          seen[request.path .. " " .. request.body] = request.target or request.head:match "^%S+ (%S+)"
        end
        assert.truthy(seen["/api/config "]:find "config", seen["/api/config "])
        local heads = {}
        for _, request in ipairs(server:requests()) do
          heads[#heads + 1] = request.head:match "^[^\r\n]+" .. request.body
        end
        assert.truthy(table.concat(heads, "\n"):find("limit=2.5", 1, true))
        assert.truthy(table.concat(heads, "\n"):find('{"value":1.5}', 1, true))
      end)
    end

    it("changes nothing in headers and messages", function()
      server:script({}, { { status = 429, headers = { ["Retry-After"] = "1.5" }, times = 0 } })
      local output = run([[
        os.setlocale "xx_XX"
        local _, err = client { max_retries = 0 }:get_config()
        assert(err.retry_after == 3 / 2, err.retry_after)
        local decimal = require "daytona.text.decimal"
        io.write(decimal("%.1f", 3 / 2), " ", decimal("%g", 2), " ", decimal("%g", 1e-7))
      ]], { LOCPATH = directory })
      assert.equal("1.5 2 1e-07", output)
    end)
  end)

  describe("the working directory", function()
    it("is that of the call for files that are opened later", function()
      local place = support.temp_dir()
      support.write_file(place .. "/up", "content")
      server:script({ path = "/box/sb-1/files/bulk-upload" }, { { status = 503 }, { body = { files = {
        { path = "x", bytes = 7 } } } }, { status = 503 }, { body = { files = { { path = "x", bytes = 7 } } } } })
      server:script({ path = "/box/sb-1/files/download" }, { { status = 503 }, { body = "content",
        headers = { ["Content-Type"] = "application/octet-stream" } } })
      local output = run([[
        local lfs, here = require "lfs", nil
        local c = client { on_response = function() lfs.chdir "/" end, max_retries = 3 }
        here = lfs.currentdir()
        local sandbox = box(c)
        local up = assert(sandbox.fs:upload_file("up", "x"))
        lfs.chdir(here)
        local results = assert(sandbox.fs:upload_files { { source = "up", destination = "x" } })
        assert(results[1].error == nil, tostring(results[1].error))
        lfs.chdir(here)
        local down = assert(sandbox.fs:download_file("x", "down"))
        assert(down.path == "down")
        io.write(up.bytes)
      ]], {}, place)
      assert.equal("7", output)
      assert.equal("content", support.read_file(place .. "/down"))
    end)

    it("is that of daytona.new for authorities, and of require for what is loaded later", function()
      local place = support.temp_dir()
      assert(os.execute(("cp -r %s/lua %s/lua && cp %s %s/ca.pem"):format(support.root, place, server.ca_file, place)))
      local core = package.cpath
      local output = run(([[
        package.path = "./lua/?.lua;./lua/?/init.lua"
        package.preload = package.preload
        for name in pairs(package.preload) do
          if name:find "^daytona" then package.preload[name] = nil end
        end
        package.loaded["daytona.preload"] = true
        local daytona = require "daytona"
        local c = assert(daytona.new { api_url = %q, api_key = "k", ca_file = "ca.pem", max_retries = 0 })
        require("daytona.core") -- with its own path
        io.popen("true"):close()
        local ok, lfs = pcall(function()
          package.path, package.cpath = package.path, %q
          return require "lfs"
        end)
        assert(ok, lfs)
        lfs.chdir "/"
        local value, err = c:get_config()
        assert(value == nil and err.kind == "not_found", tostring(err))
        assert(require "daytona.host.loop")
        local fine, message = pcall(c.get, c, 7)
        io.write(tostring(fine), " ", tostring(message):match ":%%d+: (.*)" or tostring(message))
      ]]):format(server:tls_url("tls", "/api"), core), { CURL_CA_BUNDLE = false, SSL_CERT_FILE = false }, place)
      assert.equal("false sandbox.get: field 'sandbox_id': string expected, got number", output)
    end)
  end)
end)
