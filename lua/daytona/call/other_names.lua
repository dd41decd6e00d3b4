--- What the official SDKs call a method, or what people try first: by object, then by
--- the method that is meant.  Loaded with the first name that an object does not have.

local NAMES = {
  client = {
    ["client:list"] = "find find_one list_sandboxes",
    ["client:get"] = "get_sandbox find_sandbox get_current_sandbox",
    ["client:create"] = "create_sandbox new_sandbox", ["client:delete"] = "delete_sandbox remove",
    ["client:stop"] = "stop_sandbox", ["client:start"] = "start_sandbox",
  },
  sandbox = {
    ["sandbox.process:exec"] = "exec execute execute_command", ["sandbox.process:run"] = "run run_command command",
    ["sandbox.process:code_run"] = "code_run run_code", ["sandbox.process:start"] = "spawn",
    ["sandbox.fs:upload_file"] = "upload upload_file write_file", ["sandbox.fs:upload_dir"] = "upload_dir",
    ["sandbox.fs:download_file"] = "download download_file", ["sandbox.fs:download_dir"] = "download_dir",
    ["sandbox.fs:read_file"] = "read_file", ["sandbox.fs:list_files"] = "list_files",
    ["sandbox.fs"] = "files filesystem file_system", ["sandbox.git:clone"] = "clone",
    ["sandbox.code_interpreter"] = "interpreter", ["sandbox:refresh"] = "refresh_data reload",
    ["sandbox:delete"] = "remove destroy kill close", ["sandbox:get_preview_link"] = "get_preview_url",
    ["sandbox:create_signed_preview_url"] = "signed_preview_url get_signed_preview_url get_signed_preview_link",
    ["sandbox:get_user_home_dir"] = "get_user_root_dir",
    ["sandbox:set_auto_stop_interval"] = "set_autostop_interval",
    ["sandbox:set_auto_archive_interval"] = "set_autoarchive_interval",
    ["sandbox:set_auto_delete_interval"] = "set_autodelete_interval",
    ["sandbox:wait_until_started"] = "wait_for_sandbox_start wait",
    ["sandbox:wait_until_stopped"] = "wait_for_sandbox_stop", ["sandbox:create_lsp_server"] = "lsp lsp_server",
    ["sandbox.computer_use"] = "computer desktop",
    ["sandbox.computer_use.screenshot:take_full_screen"] = "take_screenshot",
  },
  ["sandbox.process"] = {
    ["sandbox.process:exec"] = "execute execute_command", ["sandbox.process:run"] = "run_command",
    ["sandbox.process:code_run"] = "run_code", ["sandbox.process:start"] = "spawn",
    ["session:exec"] = "execute_session_command", ["command:status"] = "get_session_command",
    ["command:logs"] = "get_session_command_logs get_entrypoint_logs",
    ["command:follow"] = "get_session_command_logs_async", ["command:input"] = "send_session_command_input",
    ["sandbox.process:connect_pty"] = "connect_pty_session",
  },
  ["sandbox.fs"] = {
    ["sandbox.fs:upload_file"] = "upload write write_file upload_file_stream",
    ["sandbox.fs:download_file"] = "download", ["sandbox.fs:read_file"] = "read download_file_stream",
    ["sandbox.fs:list_files"] = "list ls", ["sandbox.fs:delete_file"] = "remove rm delete",
    ["sandbox.fs:create_folder"] = "mkdir make_dir", ["sandbox.fs:move_file"] = "move rename",
    ["sandbox.fs:get_file_info"] = "stat", ["sandbox.fs:set_permissions"] = "set_file_permissions chmod",
    ["sandbox.fs:upload_dir"] = "upload_folder", ["sandbox.fs:download_dir"] = "download_folder",
  },
  ["sandbox.code_interpreter"] = { ["sandbox.code_interpreter:run_code"] = "run exec" },
  ["sandbox.computer_use"] = {
    ["sandbox.computer_use:get_status"] = "status", ["sandbox.computer_use.mouse:click"] = "click",
    ["sandbox.computer_use.keyboard:type"] = "type",
    ["sandbox.computer_use.screenshot:take_full_screen"] = "take_screenshot take_full_screen",
    ["sandbox.computer_use.accessibility"] = "a11y", ["sandbox.computer_use.recording"] = "recordings",
  },
  lsp = {
    ["lsp:sandbox_symbols"] = "workspace_symbols", ["lsp:did_open"] = "open", ["lsp:did_close"] = "close",
    ["lsp:document_symbols"] = "symbols", ["lsp:completions"] = "complete",
  },
  session = { ["session:exec"] = "execute run", ["session:delete"] = "close" },
  command = { ["job:wait, or command:follow"] = "wait", ["session:delete"] = "kill" },
  job = { ["job:kill"] = "stop close", ["job:logs"] = "status" },
  pty = {
    ["pty:write"] = "send_input send", ["pty:disconnect"] = "close", ["pty:is_connected"] = "wait_for_connection",
  },
  reader = { ["reader:read"] = "next lines", ["reader:close"] = "cancel", ["reader:total"] = "size" },
  stream = { ["stream:read"] = "next lines wait", ["stream:close"] = "cancel" },
  server = { ["server:stop"] = "close", ["server:client"] = "new" },
}

local by_name = {}
for object, methods in pairs(NAMES) do
  by_name[object] = {}
  for method, names in pairs(methods) do
    for name in names:gmatch "%S+" do
      by_name[object][name] = method
    end
  end
end

return by_name
