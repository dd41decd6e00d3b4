-- What `require` says where something is missing or does not fit: one sentence.

local support = require "spec.support"

describe("a library that cannot be loaded says", function()
  local version = _VERSION:match "%d+%.%d+"
  local build = assert(package.cpath:match "([^;]*)/%d%.%d/%?%.so", package.cpath)
  local ours = ("%s/%s/?.so"):format(build, version)

  -- package.cpath with another place of the C module.
  local function cpath_with(place)
    return place .. ";" .. package.cpath:gsub("[^;]*/%d%.%d/%?%.so", "", 1)
  end

  local directory

  setup(function()
    directory = support.temp_dir()
  end)

  teardown(support.cleanup)

  -- What is printed where `module` is required with that package.cpath and those
  -- variables of the environment.
  local function told(module, cpath, environment)
    local env = { LUA_CPATH = cpath }
    for name, value in pairs(environment or {}) do
      env[name] = value
    end
    local output, status = support.run(support.lua_command(
      ("local ok, problem = pcall(require, %q) print(tostring(problem)) os.exit(ok and 1 or 0)"):format(module), env))
    assert.equal(0, status, output)
    local line, rest = output:match "^([^\n]*)\n(.*)$"
    assert.equal("", rest)
    assert.truthy(line:find("^daytona: "), line)
    return line
  end

  local function has(line, ...)
    for _, part in ipairs { ... } do
      assert.truthy(line:find(part, 1, true), line)
    end
  end

  it("where the C module should be", function()
    for _, module in ipairs { "", ".host.loop", ".host.uv", ".testing", ".actions" } do
      has(told("daytona" .. module, cpath_with(directory .. "/?.so")), "daytona/core.so", "Lua " .. version,
        "package.cpath", "make", "luarocks --lua-version " .. version)
    end
  end)

  it("that it was built for another Lua", function()
    local other = version == "5.4" and "5.1" or "5.4"
    has(told("daytona", cpath_with(("%s/%s/?.so"):format(build, other))),
      ("/%s/daytona/core.so"):format(other), "another Lua", "Lua " .. version)
  end)

  it("that lua-cjson is missing", function()
    has(told("daytona", ours), "cjson", "install lua-cjson")
  end)

  it("which library is broken", function()
    for name, package_name in pairs { ["libwslay.so.1"] = "libwslay1", ["libcurl.so.4"] = "libcurl4" } do
      local path = support.write_file(directory .. "/" .. name, "no library")
      has(told("daytona", package.cpath, { LD_LIBRARY_PATH = directory }), name, "file too short", package_name)
      os.remove(path)
    end
  end)

  it("that libcurl is too old", function()
    local source = support.write_file(directory .. "/old.c", [[
      #include <curl/curl.h>
      curl_version_info_data *curl_version_info(CURLversion v) {
        static curl_version_info_data data = {
          .age = CURLVERSION_NOW, .version = "7.74.0", .version_num = 0x074a00};
        return v == CURLVERSION_NOW ? &data : 0;
      }
    ]])
    local output, status = support.run(("env -u LD_PRELOAD ${CC:-cc} -shared -fPIC -o %s/old.so %s")
      :format(directory, source))
    assert.equal(0, status, output)
    local preload = os.getenv "SPEC_PRELOAD" or ""
    has(told("daytona", package.cpath, { LD_PRELOAD = preload .. ":" .. directory .. "/old.so" }),
      "libcurl 7.74.0", "too old", "7.85.0")
  end)
end)
