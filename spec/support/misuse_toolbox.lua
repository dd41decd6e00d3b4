-- Bad arguments of what runs inside a sandbox: process, fs and git;
-- misuse_cases.lua says how a case is written.

local NONE = require "spec.support.misuse_none"

local NO_HOST = "field 'host': the name of a host expected, perhaps with a port"

return {
  ["process:exec"] = {
    { NONE, "field 'command': required" },
    { "", "field 'command': must not be blank" },
    { 5, "field 'command': string expected, got number" },
    { "\255", "field 'command': not valid UTF-8" },
    { "ls", 5, "options: table expected, got number" },
    { "ls", { tiemout = 5 }, "unknown option 'tiemout' (did you mean 'timeout'?)" },
    { "ls", { timeout = "5" }, "field 'timeout': integer expected, got string" },
    { "ls", { timeout = 0.5 }, "field 'timeout': integer expected, got 0.5" },
    { "ls", { timeout = -1 }, "field 'timeout': out of range (0 to 4294967295)" },
    { "ls", { cwd = {} }, "field 'cwd': string expected, got table" },
    { "ls", { env = { A = true } }, "field 'env': key 'A': string expected, got boolean" },
  },

  ["process:code_run"] = {
    { NONE, "field 'code': required" },
    { {}, "field 'code': string expected, got table" },
    { "1", { language = "ruby" },
      "field 'language': 'python', 'javascript' or 'typescript' expected, got 'ruby'" },
    { "1", { argv = "a" }, "field 'argv': table expected, got string" },
    { "1", { argv = { 1 } }, "field 'argv': item 1: string expected, got number" },
    { "1", { argv = { [2] = "a" } }, "field 'argv': list expected, got a table with other keys" },
  },

  ["fs:upload_file"] = {
    { NONE, "x", "field 'source': path, open file, function or { content = ... } expected, got nil" },
    { 5, "x", "field 'source': path, open file, function or { content = ... } expected, got number" },
    { { content = 5 }, "x", "field 'content': string expected, got number" },
    { { content = "c" }, NONE, "field 'destination': required" },
    { { content = "c" }, "", "field 'destination': must not be blank" },
    { { content = "c" }, "a\0b", "field 'destination': contains NUL" },
    { { content = "c" }, "d/", "field 'destination': it ends in a slash and the source "
      .. "has no name (give option 'name')" },
    { { content = "c" }, "x", { timeot = 1 },
      "unknown option 'timeot' (did you mean 'timeout'?)" },
  },

  ["fs:download_file"] = {
    { NONE, "field 'path': required" },
    { "", "field 'path': must not be blank" },
    { "a\0b", "field 'path': contains NUL" },
    { "x", "a\0b", "field 'destination': contains NUL" },
    { "x", 5, "field 'destination': string expected, got number" },
    { "x", NONE, { tiemout = 1 }, "unknown option 'tiemout' (did you mean 'timeout'?)" },
  },

  ["fs:list_files"] = {
    { 5, "field 'path': string expected, got number" },
    { "a", { depth = 0 }, "field 'depth': out of range (1 to 1000000)" },
    { "a", { dept = 1 }, "unknown option 'dept' (did you mean 'depth'?)" },
  },

  ["fs:get_file_info"] = {
    { NONE, "field 'path': required" },
    { " ", "field 'path': must not be blank" },
  },

  ["fs:create_folder"] = {
    { NONE, "field 'path': required" },
    { "a", { mode = 755 }, "field 'mode': string expected, got number" },
  },

  ["fs:delete_file"] = {
    { NONE, "field 'path': required" },
    { "a", { recursive = 1 }, "field 'recursive': boolean expected, got number" },
  },

  ["fs:move_file"] = {
    { NONE, "b", "field 'source': required" },
    { "a", NONE, "field 'destination': required" },
  },

  ["fs:set_permissions"] = {
    { NONE, "field 'path': required" },
    { "a", { mode = 7 }, "field 'mode': string expected, got number" },
  },

  ["fs:find_files"] = {
    { NONE, "p", "field 'path': required" },
    { "a", NONE, "field 'pattern': required" },
  },

  ["fs:search_files"] = {
    { "a", NONE, "field 'pattern': required" },
  },

  ["fs:replace_in_files"] = {
    { NONE, "a", "b", "field 'files': required" },
    { "x", "a", "b", "field 'files': table expected, got string" },
    { { "x" }, NONE, "b", "field 'pattern': required" },
    { { "x" }, "a", NONE, "field 'new_value': required" },
  },

  ["git:remote_get"] = {
    as = "git.remotes",
    { NONE, "x", "field 'path': required" },
    { "p", "x", 5, "options: table expected, got number" },
  },

  ["git:clone"] = {
    { NONE, "p", "field 'url': required" },
    { "u", NONE, "field 'path': required" },
    { "", "p", "field 'url': must not be blank" },
    { "u", "p", { brunch = "b" }, "unknown option 'brunch' (did you mean 'branch'?)" },
    { "u", "p", { depth = 0 }, "field 'depth': out of range (1 to 2147483647)" },
    { "u", "p", { password = 5 }, "field 'password': string expected, got number" },
  },

  ["git:dangerously_authenticate"] = {
    { NONE, "p", "field 'username': required" },
    { "u", "p", { protocol = "ssh" }, "field 'protocol': 'https' or 'http' expected, got 'ssh'" },
    { "u", "p", { protocol = "https\nhost=evil" }, "field 'protocol': 'https' or 'http' expected, got "
      .. "'https\nhost=evil'" },
    { "u", "p", { host = " " }, "field 'host': must not be blank" },
    { "u", "p", { host = "a/b" }, NO_HOST },
    { "u", "p", { host = "me@a" }, NO_HOST },
    { "u", "p", { host = "a b" }, NO_HOST },
    { "u", "p", { host = "a\nusername=x" }, NO_HOST },
    { "u", "p", { host = "a\0" }, NO_HOST },
    { "u", "p", { host = "a?b" }, NO_HOST },
    { "u", "p", { host = "a#b" }, NO_HOST },
    { "u", "p", { host = "a\127" }, NO_HOST },
  },
}
