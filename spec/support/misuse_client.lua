-- Bad arguments of the client's functions; misuse_cases.lua says how a case is written.

local NONE = require "spec.support.misuse_none"

local function noop() end

return {
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

  ["client:get_config"] = {
    { 5, "options: table expected, got number" },
    { { tiemout = 1 }, "unknown option 'tiemout' (did you mean 'timeout'?)" },
  },
}
