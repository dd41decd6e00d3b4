-- Bad arguments of a sandbox's own methods; misuse_cases.lua says how a case is written.

local NONE = require "spec.support.misuse_none"

return {
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
    { { state = "running" }, "field 'state': no state is called 'running' (did you mean 'started'?)" },
    { { state = "Running" }, "field 'state': no state is called 'Running' (did you mean 'started'?)" },
    { { state = "active" }, "field 'state': no state is called 'active' (did you mean 'started'?)" },
    { { state = "terminated" }, "field 'state': no state is called 'terminated' (did you mean 'destroyed'?)" },
    { { state = "deleting" }, "field 'state': no state is called 'deleting' (did you mean 'destroying'?)" },
    { { state = "suspended" }, "field 'state': no state is called 'suspended' (did you mean 'paused'?)" },
    { { state = "exited" }, "field 'state': no state is called 'exited' (did you mean 'stopped'?)" },
    { { state = "failed" }, "field 'state': no state is called 'failed' (did you mean 'error'?)" },
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
}
