-- What misuse_spec.lua tries: per public function a table of bad arguments with
-- the exact message.

local function noop() end

-- Per function: { arguments..., what is raised }, where NONE stands for nil. The
-- message begins with the operation's name: `as`, else the function's, unless
-- the case names another.
local NONE = setmetatable({}, { __name = "none" })

local NO_HOST = "field 'host': the name of a host expected, perhaps with a port"

local CASES = {
  ["daytona.new"] = {
    { 5, "options: table expected, got number" },
    { "key", "options: table expected, got string" },
    { { api_kee = "x" }, "unknown option 'api_kee' (did you mean 'api_key'?)" },
    { { zzz = 1 }, "unknown option 'zzz'" },
    { { api_key = 5 }, "field 'api_key': string expected, got number" },
    { { api_key = "" }, "field 'api_key': must not be blank" },
    { { api_key = " \t" }, "field 'api_key': must not be blank" },
    { { api_key = "a\nb" }, "field 'api_key': contains CR or LF" },
    { { api_key = "k", api_url = 1 }, "field 'api_url': string expected, got number" },
    { { api_key = "k", target = {} }, "field 'target': string expected, got table" },
    { { api_key = "k", timeout = "5" }, "field 'timeout': number expected, got string" },
    { { api_key = "k", timeout = -1 }, "field 'timeout': out of range (0 to 1000000000)" },
    { { api_key = "k", timeout = 1 / 0 }, "field 'timeout': out of range (0 to 1000000000)" },
    { { api_key = "k", max_retries = 1.5 }, "field 'max_retries': integer expected, got 1.5" },
    { { api_key = "k", max_retries = -1 }, "field 'max_retries': out of range (0 to 100)" },
    { { api_key = "k", ca_file = true }, "field 'ca_file': string expected, got boolean" },
    { { api_key = "k", retry_budget = -1 }, "field 'retry_budget': out of range (0 to 1000000)" },
    { { api_key = "k", on_retry = "x" }, "field 'on_retry': function expected, got string" },
    { { api_key = "k", allow_http = "yes" }, "field 'allow_http': boolean expected, got string" },
  },

  ["client:get"] = {
    as = "sandbox.get",
    { NONE, "field 'sandbox_id': required" },
    { "", "field 'sandbox_id': must not be blank" },
    { " \t\n", "field 'sandbox_id': must not be blank" },
    { 5, "field 'sandbox_id': string expected, got number" },
    { {}, "field 'sandbox_id': string expected, got table" },
    { "a\0b", "field 'sandbox_id': contains NUL" },
    { "a\nb", "field 'sandbox_id': contains CR or LF" },
    { ".", "field 'sandbox_id': '.' cannot be an id" },
    { "..", "field 'sandbox_id': '..' cannot be an id" },
    { "x", 5, "options: table expected, got number" },
    { "x", { verbos = true }, "unknown option 'verbos' (did you mean 'verbose'?)" },
    { "x", { timeout = "1" }, "field 'timeout': number expected, got string" },
    { "x", { timeout = -1 }, "field 'timeout': out of range (0 to 1000000000)" },
    { "x", { max_retries = 1000 }, "field 'max_retries': out of range (0 to 100)" },
    { "x", { [1] = "y" }, "option names must be strings, got number" },
  },

  ["client:create"] = {
    as = "sandbox.create",
    { 5, "options: table expected, got number" },
    { { langauge = "python" }, "unknown option 'langauge' (did you mean 'language'?)" },
    { { language = "ruby" },
      "field 'language': 'python', 'javascript' or 'typescript' expected, got 'ruby'" },
    { { name = 5 }, "field 'name': string expected, got number" },
    { { env = "A=1" }, "field 'env': table expected, got string" },
    { { env = { 1 } }, "field 'env': keys must be strings, got number" },
    { { env = { A = 1 } }, "field 'env': key 'A': string expected, got number" },
    { { env = { A = "\255" } }, "field 'env': key 'A': not valid UTF-8" },
    { { labels = { a = {} } }, "field 'labels': key 'a': string expected, got table" },
    { { cpu = "2" }, "field 'cpu': integer expected, got string" },
    { { cpu = 1.5 }, "field 'cpu': integer expected, got 1.5" },
    { { cpu = -1 }, "field 'cpu': out of range (0 to 1024)" },
    { { public = "true" }, "field 'public': boolean expected, got string" },
    { { auto_stop_interval = -1 }, "field 'auto_stop_interval': out of range (0 to 2147483647)" },
    { { auto_stop_interval = 2 ^ 53 },
      "field 'auto_stop_interval': out of range (0 to 2147483647)" },
    { { auto_delete_interval = 0.5 }, "field 'auto_delete_interval': integer expected, got 0.5" },
    { { volumes = { a = 1 } }, "field 'volumes': list expected, got a table with other keys" },
    { { volumes = { "x" } }, "field 'volumes': item 1: table expected, got string" },
    { { volumes = { { volume_id = "v" } } },
      "field 'volumes': item 1: field 'mount_path': required" },
    { { volumes = { { volume_id = "v", mount_path = "/m", nonsense = 1 } } },
      "field 'volumes': item 1: unknown field 'nonsense'" },
    { { wait = 1 }, "field 'wait': boolean expected, got number" },
    { { timeout = -1 }, "field 'timeout': out of range (0 to 1000000000)" },
  },

  ["client:list"] = {
    as = "sandbox.list",
    { 5, "options: table expected, got number" },
    { { limit = 0 }, "field 'limit': out of range (1 to 200)" },
    { { limit = 201 }, "field 'limit': out of range (1 to 200)" },
    { { limit = "5" }, "field 'limit': integer expected, got string" },
    { { state = "started" }, "unknown option 'state' (did you mean 'states'?)" },
    { { states = "started" }, "field 'states': table expected, got string" },
    { { states = { 1 } }, "field 'states': item 1: string expected, got number" },
    { { labels = { a = 1 } }, "field 'labels': key 'a': string expected, got number" },
  },

  ["client:list_page"] = {
    as = "sandbox.list",
    { 5, "options: table expected, got number" },
    { { limit = 0 }, "field 'limit': out of range (1 to 200)" },
    { { curser = "x" }, "unknown option 'curser' (did you mean 'cursor'?)" },
  },

  ["client:start"] = {
    as = "sandbox.start",
    { NONE, "field 'sandbox_id': required" },
    { "", "field 'sandbox_id': must not be blank" },
    { "x", { wait = 0 }, "field 'wait': boolean expected, got number" },
  },

  ["client:stop"] = {
    as = "sandbox.stop",
    { NONE, "field 'sandbox_id': required" },
    { "x", { forse = true }, "unknown option 'forse' (did you mean 'force'?)" },
  },

  ["client:delete"] = {
    as = "sandbox.delete",
    { NONE, "field 'sandbox_id': required" },
    { "  ", "field 'sandbox_id': must not be blank" },
    { "x", { timeout = {} }, "field 'timeout': number expected, got table" },
  },

  ["client:sandbox"] = {
    { NONE, "id, name or table with an id expected, got nil" },
    { {}, "id, name or table with an id expected, got table" },
    { { id = 5 }, "id, name or table with an id expected, got table" },
    { "", "sandbox.get: field 'sandbox_id': must not be blank" },
    { { id = " " }, "sandbox.get: field 'sandbox_id': must not be blank" },
  },

  ["client:get_or_create"] = {
    { NONE, "field 'name': a name is needed" },
    { { name = " " }, "field 'name': a name is needed" },
    { 5, "sandbox.create: options: table expected, got number" },
    { { name = 5 }, "sandbox.create: field 'name': string expected, got number" },
    { { name = "x", on_timeout = "remove" },
      "sandbox.create: field 'on_timeout': 'delete' or 'keep' expected, got 'remove'" },
    { { name = "x", delete_on_close = 1 },
      "sandbox.create: field 'delete_on_close': boolean expected, got number" },
  },

  ["client:reap"] = {
    { NONE, "field 'labels': required" },
    { "job", "options: table expected, got string" },
    { { labels = {} }, "field 'labels': at least one is needed" },
    { { labels = { "job" } }, "field 'labels': keys must be strings, got number" },
    { { labels = { a = "b" }, older_than = -1 },
      "field 'older_than': out of range (0 to 1000000000000)" },
    { { labels = { a = "b" }, dry_run = "no" }, "field 'dry_run': boolean expected, got string" },
    { { labels = { a = "b" }, older_thn = 5 },
      "unknown option 'older_thn' (did you mean 'older_than'?)" },
  },

  ["client:with_sandbox"] = {
    { {}, NONE, "field 'body': function expected, got nil" },
    { { langauge = "x" }, noop,
      "sandbox.create: unknown option 'langauge' (did you mean 'language'?)" },
  },

  ["client:request"] = {
    { NONE, "field 'method': required" },
    { "GET", NONE, "field 'path': required" },
    { 5, "/x", "field 'method': string expected, got number" },
    { "GET", 5, "field 'path': string expected, got number" },
    { "GET", "x", "field 'path': must start with '/'" },
    { "GET", "/a b", "field 'path': contains a character that must be escaped" },
    { "GET", "/x", { boddy = 1 }, "unknown option 'boddy' (did you mean 'body'?)" },
    { "GET", "/x", { query = "a=1" }, "field 'query': table expected, got string" },
    { "GET", "/x", { query = { a = noop } },
      "field 'query': key 'a': a function cannot be JSON" },
    { "POST", "/x", { body = { f = noop } }, "field 'body': key 'f': a function cannot be JSON" },
    { "POST", "/x", { body = { n = 0 / 0 } }, "field 'body': key 'n': not a finite number" },
    { "POST", "/x", { body = { s = "\255" } }, "field 'body': key 's': not valid UTF-8" },
    { "GET", "/x", { headers = { ["a b"] = "1" } }, "field 'headers': 'a b' is no header name" },
    { "GET", "/x", { headers = { Authorization = "1" } },
      "field 'headers': credentials belong to the client" },
  },

  ["sandbox:ensure_started"] = {
    { 5, "options: table expected, got number" },
    { { tmeout = 1 }, "unknown option 'tmeout' (did you mean 'timeout'?)" },
    { { timeout = "1" }, "field 'timeout': number expected, got string" },
  },

  ["sandbox:create_lsp_server"] = {
    { NONE, "field 'language_id': required" },
    { "python", 5, "field 'path_to_project': string expected, got number" },
    { "perl", "p", "field 'language_id': 'python', 'typescript' or 'javascript' expected, got 'perl'" },
    { "python", "p", { path = 1 }, "unknown option 'path'" },
  },

  ["sandbox:start"] = {
    { 5, "options: table expected, got number" },
    { { tiemout = 1 }, "unknown option 'tiemout' (did you mean 'timeout'?)" },
  },

  ["sandbox:stop"] = {
    { { force = "yes" }, "field 'force': boolean expected, got string" },
  },

  ["sandbox:delete"] = {
    { { wait = "no" }, "field 'wait': boolean expected, got string" },
  },

  ["sandbox:wait_until_started"] = {
    { { timeout = "1" }, "field 'timeout': number expected, got string" },
    { { tiemout = 1 }, "unknown option 'tiemout' (did you mean 'timeout'?)" },
  },

  ["sandbox:wait_for"] = {
    { NONE, "one of 'state', 'port', 'url' is needed" },
    { { state = 1 }, "field 'state': string expected, got number" },
    { { state = "startd" }, "field 'state': no state is called 'startd' (did you mean 'started'?)" },
    { { state = "STARTED" }, "field 'state': no state is called 'STARTED' (did you mean 'started'?)" },
    { { state = "stop" }, "field 'state': no state is called 'stop' (did you mean 'stopped'?)" },
    { { state = "buildFailed" }, "field 'state': no state is called 'buildFailed' (did you mean 'build_failed'?)" },
    { { state = "so long" }, "field 'state': no state is called 'so long'" },
    { { state = "a\27[2J" }, "field 'state': no state is called 'a?[2J'" },
    { { port = 0 }, "field 'port': out of range (1 to 65535)" },
    { { port = 80 }, "field 'port': the toolbox tells of 3000 to 9999 only (for an HTTP server add url = '/')" },
    { { url = "/health" }, "field 'url': a path needs 'port'" },
    { { url = "http://example.com/" },
      "field 'url': a path, or a URL as it is in the sandbox, like http://localhost:3000/, expected" },
    { { url = "http://localhost:3000@example.com/" },
      "field 'url': a path, or a URL as it is in the sandbox, like http://localhost:3000/, expected" },
    { { url = "https://localhost:3000/" },
      "field 'url': a path, or a URL as it is in the sandbox, like http://localhost:3000/, expected" },
    { { url = "http://localhost:70000/" },
      "field 'url': a path, or a URL as it is in the sandbox, like http://localhost:3000/, expected" },
    { { url = "http://localhost:3000/a b" }, "field 'url': not escaped as URLs are" },
    { { url = "http://localhost:3000/", port = 3001 }, "field 'url': contradicts 'port'" },
    { { prot = 3000 }, "unknown option 'prot' (did you mean 'port'?)" },
  },

  ["sandbox:set_labels"] = {
    { NONE, "field 'labels': required" },
    { "a", "field 'labels': table expected, got string" },
    { { a = 1 }, "field 'labels': key 'a': string expected, got number" },
  },

  ["sandbox:preview"] = {
    as = "sandbox.get_preview_link",
    { NONE, "field 'port': required" },
    { 0, "field 'port': out of range (1 to 65535)" },
  },

  ["sandbox:get_preview_link"] = {
    { NONE, "field 'port': required" },
    { "80", "field 'port': integer expected, got string" },
    { 0, "field 'port': out of range (1 to 65535)" },
    { 65536, "field 'port': out of range (1 to 65535)" },
  },

  ["sandbox:create_signed_preview_url"] = {
    { NONE, "field 'port': required" },
    { 65536, "field 'port': out of range (1 to 65535)" },
    { 80, { expires_in_seconds = 0 }, "field 'expires_in_seconds': out of range (1 to 86400)" },
    { 80, { expire_in_seconds = 1 }, "unknown option 'expire_in_seconds' (did you mean 'expires_in_seconds'?)" },
  },

  ["sandbox:expire_signed_preview_url"] = {
    { 80, "field 'token': required" },
    { 80, " ", "field 'token': must not be blank" },
  },

  ["sandbox:rotate_signing_key"] = {
    { { force = true }, "unknown option 'force'" },
  },

  ["sandbox:download_url"] = {
    { NONE, "field 'path': required" },
    { "x", { expires_in_seconds = -1 }, "field 'expires_in_seconds': out of range (0 to 2147483647)" },
    { "x", { wait = true }, "unknown option 'wait'" },
  },

  ["sandbox:upload_url"] = {
    { "", "field 'path': must not be blank" },
    { "x", { expires_in_seconds = 1.5 }, "field 'expires_in_seconds': integer expected, got 1.5" },
  },

  ["sandbox:set_auto_stop_interval"] = {
    { NONE, "field 'interval': required" },
    { -1, "field 'interval': out of range (0 to 2147483647)" },
    { 1.5, "field 'interval': integer expected, got 1.5" },
  },

  ["sandbox:wait_until_stopped"] = {
    { 5, "options: table expected, got number" },
    { { wait = false }, "unknown option 'wait'" },
  },

  ["sandbox:wait_until_deleted"] = {
    { { timeout = -1 }, "field 'timeout': out of range (0 to 1000000000)" },
  },

  ["sandbox:refresh"] = {
    as = "sandbox.get",
    { 5, "options: table expected, got number" },
    { { timeout = "1" }, "field 'timeout': number expected, got string" },
    { { sandbox_id = "other" }, "unknown option 'sandbox_id' (it is an argument)" },
  },

  ["sandbox:recover"] = {
    { { skip_start = 1 }, "field 'skip_start': boolean expected, got number" },
  },

  ["sandbox:archive"] = {
    { { timeout = {} }, "field 'timeout': number expected, got table" },
  },

  ["sandbox:set_auto_archive_interval"] = {
    { "5", "field 'interval': integer expected, got string" },
    { 2 ^ 31, "field 'interval': out of range (0 to 2147483647)" },
  },

  ["sandbox:set_auto_delete_interval"] = {
    { NONE, "field 'interval': required" },
    { -2 ^ 31 - 1, "field 'interval': out of range (-2147483648 to 2147483647)" },
  },

  ["sandbox:set_public"] = {
    { NONE, "field 'public': required" },
    { "true", "field 'public': boolean expected, got string" },
  },

  ["sandbox:refresh_activity"] = {
    { "now", "options: table expected, got string" },
  },

  ["sandbox:build_logs"] = {
    { 5, "options: table expected, got number" },
    { { folow = true }, "unknown option 'folow'" },
  },

  ["sandbox:get_work_dir"] = {
    { 5, "options: table expected, got number" },
  },

  ["sandbox:get_user_home_dir"] = {
    { { tiemout = 1 }, "unknown option 'tiemout' (did you mean 'timeout'?)" },
  },

  ["sandbox:get_version"] = {
    { { max_retries = -1 }, "field 'max_retries': out of range (0 to 100)" },
  },

  ["client:get_config"] = {
    { 5, "options: table expected, got number" },
    { { tiemout = 1 }, "unknown option 'tiemout' (did you mean 'timeout'?)" },
  },

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

-- Nothing to misuse.
local NO_ARGUMENTS = { ["client:close"] = true, ["sandbox:to_table"] = true }

return { cases = CASES, no_arguments = NO_ARGUMENTS, none = NONE }
