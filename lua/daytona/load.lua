--- Gives daytona.core, or raises one sentence that says what was looked for and
--- what to install.

local version = _VERSION:match "%d+%.%d+"

-- Debian's packages of the libraries that daytona.core is linked with.
local PACKAGES = { libcurl = "libcurl4", libwslay = "libwslay1" }

local function other_lua(path)
  return ("%s was built for another Lua than this one, Lua %s: build it for this one "
    .. "(make LUAS=%s, or luarocks --lua-version %s)"):format(path or "its C module", version, version, version)
end

local function bad_library(library, problem)
  local name = library:match "^[%w_%-]+"
  return ("its C module needs the library %s, which cannot be loaded (%s): install %s"):format(
    library, problem, PACKAGES[name] or name)
end

--- What the error of require means.
local function sentence(problem)
  local first = problem:match "^error loading module '[^']*' from file '[^']*':%s*([^\n]*)" or problem:match "^[^\n]*"
  local path = problem:match "from file '([^']*)'"
  if first:find "^module 'daytona%.core' not found" then
    return ("its C module for Lua %s, daytona/core.so, is nowhere in package.cpath: build it "
      .. "(make; eval \"$(make -s env)\") or install the rock (luarocks --lua-version %s)"):format(version, version)
  elseif first:find "module 'cjson' not found" then
    return ("the Lua module cjson was not found for Lua %s: install lua-cjson (Debian's package and the "
      .. "rock have that name)"):format(version)
  elseif first:find "undefined symbol: luaL?_" or first:find "version mismatch" then
    return other_lua(path)
  elseif first:find "undefined symbol: curl_" then
    return "libcurl is too old: install libcurl 7.85.0 or newer"
  end
  local library, why = first:match "(lib[%w_%-]+%.so[%.%d]*): (.*)$"
  if library then
    return bad_library(library, why)
  end
  return "its C module cannot be loaded: " .. first
end

local ok, core = pcall(require, "daytona.core")
if not ok then
  error("daytona: " .. sentence(tostring(core)), 0)
end

-- Misuse names the line of the caller, which is the first outside of the library.
core.set_library(debug.getinfo(1, "S").source:match "^(.*)load%.lua$" or "@daytona/")

return core
