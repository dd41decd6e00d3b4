-- The features of the official SDKs, for doc/coverage.lua: their ids and short
-- names are facts about those; the rest is about us.
--   what    methods and options that do it, "sandbox.git:push", "client:create{image}";
--           whether they are there is looked up
--   state   where there is nothing to look up: "bound", "partly", "by design" (left out on purpose)
--   served  by daytona-local: true, false (it is no matter of a server), or what it answers instead
--   spec    a file, and a text in the name of its test
--   note    why not, or what is missing

return {
  {
    id = "CFG-1", name = "Construct client", what = "daytona.new", served = false,
    spec = { "spec/lua/sandbox_waits_spec.lua", "names the variables" },
  },
  {
    id = "CFG-2", name = "API-key auth", what = "daytona.new{api_key}", served = true,
    spec = { "spec/lua/sandbox_spec.lua", "by a client with a wrong key" },
  },
  {
    id = "CFG-3", name = "JWT + organization auth", what = "daytona.new{jwt_token}, daytona.new{organization_id}",
    served = false, spec = { "spec/lua/sandbox_waits_spec.lua", "names the variables" },
  },
  {
    id = "CFG-4", name = "API URL / target region", what = "daytona.new{api_url}, daytona.new{target}",
    served = true, spec = { "spec/lua/sandbox_spec.lua", "in a target, that of the client by default" },
  },
  { id = "CFG-5", name = "Deprecated server URL", state = "by design", served = false, note = "deprecated" },
  {
    id = "CFG-6", name = ".env loading", state = "by design", served = false,
    note = "a library does not read files that it was not given",
  },
  {
    id = "CFG-7", name = "OpenTelemetry switch", served = false,
    note = "no telemetry of its own; hooks see every attempt",
  },
  {
    id = "CFG-8", name = "Polling-only switch (deprecated)", state = "by design", served = false,
    note = "deprecated; there is only polling",
  },
  {
    id = "CFG-9", name = "Global HTTP deadline", what = "daytona.new{timeout}", served = false,
    spec = { "spec/lua/retry_spec.lua", "leaves the attempts after it only the time that is left" },
  },
  {
    id = "CFG-10", name = "Per-call HTTP deadline", what = "client:get{timeout}", served = false,
    spec = { "spec/lua/retry_spec.lua", "is the end when the wait would pass the deadline" },
  },
  {
    id = "CFG-11", name = "Connection pool size", served = false,
    note = "libcurl keeps 256 connections, and calls share them",
  },
  {
    id = "CFG-12", name = "Custom HTTP client/transport", served = false,
    note = "the transport is libcurl; a host says how to wait",
  },
  {
    id = "CFG-13", name = "Explicit close / scope exit", what = "client:close", served = false,
    spec = { "spec/lua/scopes_spec.lua", "of a closed client raises" },
  },
  {
    id = "CFG-14", name = "Sub-services on client", what = "client.volume, client.snapshot, client.secret",
    served = false, spec = { "spec/lua/catalog_spec.lua", "gives what the server gave" },
  },
  { id = "CFG-15", name = "Happy-eyeballs tuning", served = false, note = "libcurl does it by itself" },
  {
    id = "CRE-1", name = "Create from default/named snapshot", what = "client:create", served = true,
    spec = { "spec/lua/sandbox_spec.lua", "with everything that can be said" },
  },
  {
    id = "CRE-2", name = "Create from image (string)", what = "client:create{image}", served = "501",
    spec = { "spec/lua/build_log_spec.lua", "is asked for by an image or the text of a Dockerfile" },
  },
  {
    id = "CRE-3", name = "Create from declarative Image", what = "client:create{dockerfile}, daytona.image",
    served = "501",
    spec = { "spec/lua/build_log_spec.lua", "is asked for by an image or the text of a Dockerfile" },
    note = "as the text of a Dockerfile; no builder",
  },
  {
    id = "CRE-4", name = "Stream build logs while creating", what = "client:create{on_build_log}",
    served = "with --images host, what was not built; else 501",
    spec = { "spec/lua/build_log_spec.lua", "gives its log as it comes, while the state is looked at" },
  },
  {
    id = "CRE-5", name = "Create without waiting", what = "client:create{wait}", served = true,
    spec = { "spec/lua/sandbox_spec.lua", "without waiting" },
  },
  {
    id = "CRE-6", name = "Get by id or name", what = "client:get", served = true,
    spec = { "spec/lua/sandbox_spec.lua", "by id and by name" },
  },
  {
    id = "CRE-7", name = "List (lazy, auto-paged)", what = "client:list", served = true,
    spec = { "spec/lua/list_spec.lua", "goes over all pages, each as large as asked" },
  },
  {
    id = "CRE-8", name = "List filters", what = "client:list{labels}, client:list{min_gpu}", served = true,
    spec = { "spec/lua/list_spec.lua", "has only what is asked for" },
  },
  {
    id = "CRE-9", name = "List sort", what = "client:list{sort}", served = true,
    spec = { "spec/lua/list_spec.lua", "is in the order asked for" },
  },
  {
    id = "LIF-1", name = "Start", what = "sandbox:start", served = true,
    spec = { "spec/lua/lifecycle_spec.lua", "goes on after a stop and a start, with its files" },
  },
  {
    id = "LIF-2", name = "Stop / force stop", what = "sandbox:stop{force}", served = true,
    spec = { "spec/lua/lifecycle_spec.lua", "ends processes when it stops" },
  },
  {
    id = "LIF-3", name = "Pause (keeps memory)", what = "sandbox:pause", served = true,
    spec = { "spec/lua/catalog_spec.lua", "is waited for until it has come to its goal" },
  },
  {
    id = "LIF-4", name = "Recover from recoverable error", what = "sandbox:recover", served = true,
    spec = { "spec/lua/lifecycle_spec.lua", "can be recovered when everything in it was killed" },
  },
  {
    id = "LIF-5", name = "Archive", what = "sandbox:archive", served = true,
    spec = { "spec/lua/lifecycle_spec.lua", "from another handle" },
  },
  {
    id = "LIF-6", name = "Delete", what = "sandbox:delete", served = true,
    spec = { "spec/lua/lifecycle_spec.lua", "ends from every state" },
  },
  {
    id = "LIF-7", name = "Resize", what = "sandbox:resize", served = true,
    spec = { "spec/lua/catalog_spec.lua", "is waited for until it has come to its goal" },
  },
  {
    id = "LIF-8", name = "Fork", what = "sandbox:fork", served = true,
    spec = { "spec/lua/organization_spec.lua", "has snapshots and forks of sandboxes, which know each other" },
  },
  {
    id = "LIF-9", name = "Snapshot a running sandbox", what = "sandbox:create_snapshot", served = true,
    spec = { "spec/lua/organization_spec.lua", "has snapshots and forks of sandboxes, which know each other" },
  },
  {
    id = "LIF-10", name = "Refresh state", what = "sandbox:refresh", served = true,
    spec = { "spec/lua/sandbox_spec.lua", "again, into the same handle" },
  },
  {
    id = "LIF-11", name = "Bump activity timer", what = "sandbox:refresh_activity", served = true,
    spec = { "spec/lua/sandbox_spec.lua", "and counts activity" },
  },
  {
    id = "LIF-12", name = "Deprecated _experimental_fork, _experimental_create_snapshot aliases",
    state = "by design", served = false, note = "deprecated aliases",
  },
  {
    id = "WAI-1", name = "Wait until started", what = "sandbox:wait_until_started", served = true,
    spec = { "spec/lua/lifecycle_spec.lua", "no longer than the timeout" },
  },
  {
    id = "WAI-2", name = "Wait until stopped", what = "sandbox:wait_until_stopped", served = true,
    spec = { "spec/lua/lifecycle_spec.lua", "from another handle" },
  },
  {
    id = "WAI-3", name = "Wait until resize completes", what = "sandbox:resize{wait}", served = false,
    spec = { "spec/lua/catalog_spec.lua", "is waited for until it has come to its goal" },
  },
  {
    id = "WAI-4", name = "Live state via server events", served = "501 (/api/socket.io)",
    note = "a handle changes by refresh and by waits; see decision 18",
  },
  {
    id = "WAI-5", name = "Wait for volume ready", what = "client.volume:create{wait}", served = false,
    spec = { "spec/lua/organization_spec.lua", "is waited for by tasks, which can be cancelled" },
  },
  {
    id = "SET-1", name = "Replace labels", what = "sandbox:set_labels", served = true,
    spec = { "spec/lua/sandbox_spec.lua", "that are replaced, and keep the language" },
  },
  {
    id = "SET-2", name = "Auto-stop interval", what = "sandbox:set_auto_stop_interval", served = true,
    spec = { "spec/lua/sandbox_spec.lua", "that can be changed" },
  },
  {
    id = "SET-3", name = "Auto-pause interval", what = "sandbox:set_auto_pause_interval", served = true,
    spec = { "spec/lua/settings_spec.lua", "has intervals and a time to live" },
  },
  {
    id = "SET-4", name = "Auto-archive interval", what = "sandbox:set_auto_archive_interval", served = true,
    spec = { "spec/lua/sandbox_spec.lua", "that can be changed" },
  },
  {
    id = "SET-5", name = "Auto-delete interval", what = "sandbox:set_auto_delete_interval", served = true,
    spec = { "spec/lua/sandbox_spec.lua", "that can be changed" },
  },
  {
    id = "SET-6", name = "TTL", what = "sandbox:set_ttl", served = true,
    spec = { "spec/lua/settings_spec.lua", "has intervals and a time to live" },
  },
  {
    id = "SET-7", name = "Network settings at run time", what = "sandbox:update_network_settings",
    served = "partly: networkBlockAll of a stopped one; lists 501",
    spec = { "spec/lua/settings_spec.lua", "blocks its network" },
  },
  {
    id = "SET-8", name = "Replace mounted secrets", what = "sandbox:update_secrets", served = "{} 200, else 501",
    spec = { "spec/lua/catalog_spec.lua", "gives what the server gave" },
  },
  {
    id = "SET-9", name = "Daemon environment", what = "sandbox:update_env", served = true,
    spec = { "spec/lua/settings_spec.lua", "has variables for what is started from then on" },
  },
  {
    id = "SET-10", name = "Home directory", what = "sandbox:get_user_home_dir", served = true,
    spec = { "spec/lua/sandbox_spec.lua", "says where it works" },
  },
  {
    id = "SET-11", name = "Working directory", what = "sandbox:get_work_dir", served = true,
    spec = { "spec/lua/sandbox_spec.lua", "says where it works" },
  },
  { id = "SET-12", name = "Deprecated root dir", state = "by design", served = false, note = "deprecated" },
  {
    id = "SET-13", name = "Read-only attributes", what = "sandbox:to_table", served = true,
    spec = { "spec/lua/sandbox_spec.lua", "with nothing said, and has every field" },
  },
  {
    id = "MET-1", name = "Latest resource use", what = "sandbox:get_metrics_latest", served = true,
    spec = { "spec/lua/settings_spec.lua", "tells what it uses, its ports and its version" },
  },
  {
    id = "MET-2", name = "Historical series", what = "sandbox:get_metrics", served = true,
    spec = { "spec/lua/settings_spec.lua", "tells what it uses, its ports and its version" },
  },
  {
    id = "PRE-1", name = "Preview link", what = "sandbox:get_preview_link", served = true,
    spec = { "spec/lua/sandbox_spec.lua", "says where its ports are" },
  },
  {
    id = "PRE-2", name = "Signed preview URL", what = "sandbox:create_signed_preview_url", served = true,
    spec = { "spec/lua/links_spec.lua", "to ports need no credential, for a while" },
  },
  {
    id = "PRE-3", name = "Expire signed preview URL", what = "sandbox:expire_signed_preview_url", served = true,
    spec = { "spec/lua/links_spec.lua", "to ports need no credential, for a while" },
  },
  {
    id = "PRE-4", name = "Signed file download URL", what = "sandbox:download_url", served = true,
    spec = { "spec/lua/links_spec.lua", "to files read and write one of them" },
  },
  {
    id = "PRE-5", name = "Signed file upload URL", what = "sandbox:upload_url", served = true,
    spec = { "spec/lua/links_spec.lua", "to files read and write one of them" },
  },
  {
    id = "PRE-6", name = "Rotate signing key", what = "sandbox:rotate_signing_key", served = true,
    spec = { "spec/lua/links_spec.lua", "to files are void when the key is rotated" },
  },
  {
    id = "SSH-1", name = "Create", what = "sandbox:create_ssh_access", served = "501",
    spec = { "spec/lua/settings_spec.lua", "says what this server has not" },
  },
  {
    id = "SSH-2", name = "Revoke", what = "sandbox:revoke_ssh_access", served = "501",
    spec = { "spec/lua/settings_spec.lua", "says what this server has not" },
  },
  {
    id = "SSH-3", name = "Validate", what = "sandbox:validate_ssh_access", served = "501",
    spec = { "spec/lua/settings_spec.lua", "says what this server has not" },
  },
  {
    id = "EXE-1", name = "Run shell command", what = "sandbox.process:exec", served = true,
    spec = { "spec/lua/process_spec.lua", "gives the exit code and what was printed" },
  },
  {
    id = "EXE-2", name = "Run code in sandbox language", what = "sandbox.process:code_run", served = true,
    spec = { "spec/lua/code_run_spec.lua", "runs many lines, and ones that are long" },
  },
  {
    id = "EXE-3", name = "Override language per call", what = "sandbox.process:code_run{language}", served = true,
    spec = { "spec/lua/code_run_spec.lua", "asks the server for the language" },
  },
  {
    id = "EXE-4", name = "Chart extraction (matplotlib)", what = "sandbox.process:code_run", served = true,
    spec = { "spec/lua/code_run_spec.lua", "gives charts with their pictures" },
  },
  {
    id = "SES-1", name = "Create session", what = "sandbox.process:create_session", served = true,
    spec = { "spec/lua/session_spec.lua", "are made, listed, read and deleted" },
  },
  {
    id = "SES-2", name = "Get session", what = "sandbox.process:get_session", served = true,
    spec = { "spec/lua/session_spec.lua", "are made, listed, read and deleted" },
  },
  {
    id = "SES-3", name = "List sessions", what = "sandbox.process:list_sessions", served = true,
    spec = { "spec/lua/session_spec.lua", "are made, listed, read and deleted" },
  },
  {
    id = "SES-4", name = "Delete session", what = "sandbox.process:delete_session", served = true,
    spec = { "spec/lua/session_spec.lua", "are made, listed, read and deleted" },
  },
  {
    id = "SES-5", name = "Run command in session", what = "session:exec", served = true,
    spec = { "spec/lua/session_spec.lua", "keep both streams apart" },
  },
  {
    id = "SES-6", name = "Get command", what = "command:status", served = true,
    spec = { "spec/lua/session_spec.lua", "tell whether a command runs, and take its input" },
  },
  {
    id = "SES-7", name = "Get logs so far", what = "command:logs", served = true,
    spec = { "spec/lua/session_spec.lua", "read a log from where they were" },
  },
  {
    id = "SES-8", name = "Follow logs", what = "command:follow", served = true,
    spec = { "spec/lua/follow_spec.lua", "gives the streams as they come, then the exit code" },
  },
  {
    id = "SES-9", name = "Send stdin", what = "command:input", served = true,
    spec = { "spec/lua/session_spec.lua", "tell whether a command runs, and take its input" },
  },
  {
    id = "SES-10", name = "Entrypoint session", what = "sandbox.process:get_entrypoint_session", served = true,
    spec = { "spec/lua/session_spec.lua", "have none for the sandbox's own program where there is none" },
  },
  {
    id = "SES-11", name = "Entrypoint logs", what = "command:logs", served = true,
    spec = { "spec/local/toolbox_follow_spec.lua", "with an entrypoint shows it" },
  },
  {
    id = "SES-12", name = "Follow entrypoint logs", what = "command:follow", served = true,
    spec = { "spec/local/toolbox_follow_spec.lua", "with an entrypoint shows it" },
  },
  {
    id = "PTY-1", name = "Create + connect", what = "sandbox.process:create_pty", served = true,
    spec = { "spec/lua/pty_spec.lua", "run a shell of the size, directory and environment they are given" },
  },
  {
    id = "PTY-2", name = "Create without connecting", what = "sandbox.process:create_pty_session", served = true,
    spec = { "spec/lua/pty_spec.lua", "can be made without a connection" },
  },
  {
    id = "PTY-3", name = "Connect to existing", what = "sandbox.process:connect_pty", served = true,
    spec = { "spec/lua/pty_spec.lua", "live on when nobody is connected" },
  },
  {
    id = "PTY-4", name = "List", what = "sandbox.process:list_pty_sessions", served = true,
    spec = { "spec/lua/pty_spec.lua", "can be made without a connection" },
  },
  {
    id = "PTY-5", name = "Info", what = "sandbox.process:get_pty_session_info", served = true,
    spec = { "spec/lua/pty_spec.lua", "can be made without a connection" },
  },
  {
    id = "PTY-6", name = "Resize", what = "pty:resize", served = true,
    spec = { "spec/lua/pty_spec.lua", "change their size" },
  },
  { id = "PTY-7", name = "Kill", what = "pty:kill", served = true, spec = { "spec/lua/pty_spec.lua", "are killed" } },
  {
    id = "PTY-8", name = "Send input", what = "pty:write", served = true,
    spec = { "spec/lua/pty_spec.lua", "take and give much" },
  },
  {
    id = "PTY-9", name = "Receive output", what = "pty:read", served = true,
    spec = { "spec/lua/pty_spec.lua", "take and give much" },
  },
  {
    id = "PTY-10", name = "Wait for exit", what = "pty:wait", served = true,
    spec = { "spec/lua/pty_spec.lua", "end with the exit code of the shell, all output read before" },
  },
  {
    id = "PTY-11", name = "Wait for connection", what = "pty:is_connected", served = true,
    spec = { "spec/lua/pty_spec.lua", "live on when nobody is connected" },
  },
  {
    id = "PTY-12", name = "Disconnect (keep process)", what = "pty:disconnect", served = true,
    spec = { "spec/lua/pty_spec.lua", "live on when nobody is connected" },
  },
  {
    id = "PTY-13", name = "Handle properties", what = "pty:is_connected", served = true,
    spec = { "spec/lua/pty_spec.lua", "live on when nobody is connected" },
  },
  {
    id = "INT-1", name = "Run code, streaming callbacks", what = "sandbox.code_interpreter:run_code", served = true,
    spec = { "spec/lua/interpreter_spec.lua", "calls back as things happen" },
  },
  {
    id = "INT-2", name = "Create context", what = "sandbox.code_interpreter:create_context", served = true,
    spec = { "spec/lua/interpreter_spec.lua", "has contexts apart from each other" },
  },
  {
    id = "INT-3", name = "List contexts", what = "sandbox.code_interpreter:list_contexts", served = true,
    spec = { "spec/lua/interpreter_spec.lua", "has contexts apart from each other" },
  },
  {
    id = "INT-4", name = "Delete context", what = "sandbox.code_interpreter:delete_context", served = true,
    spec = { "spec/lua/interpreter_spec.lua", "has contexts apart from each other" },
  },
  {
    id = "FS-1", name = "Make directory", what = "sandbox.fs:create_folder", served = true,
    spec = { "spec/lua/files_spec.lua", "makes it with its parents, once and again" },
  },
  {
    id = "FS-2", name = "Delete", what = "sandbox.fs:delete_file", served = true,
    spec = { "spec/lua/files_spec.lua", "deletes a directory only when told so" },
  },
  {
    id = "FS-3", name = "List directory", what = "sandbox.fs:list_files", served = true,
    spec = { "spec/lua/files_spec.lua", "is sorted by name and has hidden files" },
  },
  {
    id = "FS-4", name = "Stat", what = "sandbox.fs:get_file_info", served = true,
    spec = { "spec/lua/files_spec.lua", "tells of a file and a directory" },
  },
  {
    id = "FS-5", name = "Move/rename", what = "sandbox.fs:move_file", served = true,
    spec = { "spec/lua/files_spec.lua", "renames files and directories" },
  },
  {
    id = "FS-6", name = "Permissions/owner", what = "sandbox.fs:set_permissions", served = true,
    spec = { "spec/lua/files_spec.lua", "sets the owner, where that is allowed" },
  },
  {
    id = "FS-7", name = "Grep content", what = "sandbox.fs:find_files", served = true,
    spec = { "spec/lua/files_spec.lua", "finds lines" },
  },
  {
    id = "FS-8", name = "Glob names", what = "sandbox.fs:search_files", served = true,
    spec = { "spec/lua/files_spec.lua", "finds names" },
  },
  {
    id = "FS-9", name = "Replace in files", what = "sandbox.fs:replace_in_files", served = true,
    spec = { "spec/lua/files_spec.lua", "replaces a text, and tells of each file" },
  },
  {
    id = "FS-10", name = "Upload one (bytes)", what = "sandbox.fs:upload_file", served = true,
    spec = { "spec/lua/upload_spec.lua", "a string" },
  },
  {
    id = "FS-11", name = "Upload one (local path)", what = "sandbox.fs:upload_file", served = true,
    spec = { "spec/lua/upload_spec.lua", "a path" },
  },
  {
    id = "FS-12", name = "Upload many", what = "sandbox.fs:upload_files", served = true,
    spec = { "spec/lua/upload_files_spec.lua", "writes contents and files" },
  },
  {
    id = "FS-13", name = "Upload stream with progress/cancel", what = "sandbox.fs:upload_file{on_progress}",
    served = true, spec = { "spec/lua/transfer_spec.lua", "tells how much was uploaded" },
  },
  {
    id = "FS-14", name = "Download to memory", what = "sandbox.fs:download_file", served = true,
    spec = { "spec/lua/download_spec.lua", "gives the content" },
  },
  {
    id = "FS-15", name = "Download to local file", what = "sandbox.fs:download_file", served = true,
    spec = { "spec/lua/download_spec.lua", "writes it to a path" },
  },
  {
    id = "FS-16", name = "Download many with per-file errors", what = "sandbox.fs:download_files", served = true,
    spec = { "spec/lua/download_files_spec.lua", "gives each failure its error" },
  },
  {
    id = "FS-17", name = "Download stream with progress/cancel", what = "sandbox.fs:read_file, reader:total",
    served = true, spec = { "spec/host/transfer_spec.lua", "tells its progress" },
  },
  {
    id = "GIT-1", name = "Clone", what = "sandbox.git:clone", served = true,
    spec = { "spec/lua/git_spec.lua", "clones the branch that the remote prefers" },
  },
  {
    id = "GIT-2", name = "Stage", what = "sandbox.git:add", served = true,
    spec = { "spec/lua/git_rows_spec.lua", "commits what is staged" },
  },
  {
    id = "GIT-3", name = "Commit", what = "sandbox.git:commit", served = true,
    spec = { "spec/lua/git_rows_spec.lua", "commits what is staged" },
  },
  {
    id = "GIT-4", name = "Push", what = "sandbox.git:push", served = true,
    spec = { "spec/lua/git_rows_spec.lua", "pulls and pushes" },
  },
  {
    id = "GIT-5", name = "Pull", what = "sandbox.git:pull", served = true,
    spec = { "spec/lua/git_rows_spec.lua", "pulls and pushes" },
  },
  {
    id = "GIT-6", name = "Status", what = "sandbox.git:status", served = true,
    spec = { "spec/lua/git_rows_spec.lua", "tells the status of branch and files" },
  },
  {
    id = "GIT-7", name = "List branches", what = "sandbox.git:branches", served = true,
    spec = { "spec/lua/git_rows_spec.lua", "makes, checks out, lists and deletes branches" },
  },
  {
    id = "GIT-8", name = "Create branch", what = "sandbox.git:create_branch", served = true,
    spec = { "spec/lua/git_rows_spec.lua", "makes, checks out, lists and deletes branches" },
  },
  {
    id = "GIT-9", name = "Delete branch", what = "sandbox.git:delete_branch", served = true,
    spec = { "spec/lua/git_rows_spec.lua", "makes, checks out, lists and deletes branches" },
  },
  {
    id = "GIT-10", name = "Checkout", what = "sandbox.git:checkout_branch", served = true,
    spec = { "spec/lua/git_rows_spec.lua", "makes, checks out, lists and deletes branches" },
  },
  {
    id = "GIT-11", name = "Init", what = "sandbox.git:init", served = true,
    spec = { "spec/lua/git_rows_spec.lua", "makes repositories, also bare ones" },
  },
  {
    id = "GIT-12", name = "Reset", what = "sandbox.git:reset", served = true,
    spec = { "spec/lua/git_rows_spec.lua", "resets and restores" },
  },
  {
    id = "GIT-13", name = "Restore", what = "sandbox.git:restore", served = true,
    spec = { "spec/lua/git_rows_spec.lua", "resets and restores" },
  },
  {
    id = "GIT-14", name = "Add remote", what = "sandbox.git:remote_add", served = true,
    spec = { "spec/lua/git_rows_spec.lua", "knows remotes" },
  },
  {
    id = "GIT-15", name = "List remotes", what = "sandbox.git:remotes", served = true,
    spec = { "spec/lua/git_rows_spec.lua", "knows remotes" },
  },
  {
    id = "GIT-16", name = "Get one remote URL", what = "sandbox.git:remotes", served = true,
    spec = { "spec/lua/git_rows_spec.lua", "knows remotes" },
  },
  {
    id = "GIT-17", name = "Set config", what = "sandbox.git:set_config", served = true,
    spec = { "spec/lua/git_rows_spec.lua", "reads and writes settings" },
  },
  {
    id = "GIT-18", name = "Get config", what = "sandbox.git:get_config", served = true,
    spec = { "spec/lua/git_rows_spec.lua", "reads and writes settings" },
  },
  {
    id = "GIT-19", name = "Configure user", what = "sandbox.git:configure_user", served = true,
    spec = { "spec/lua/git_rows_spec.lua", "reads and writes settings" },
  },
  {
    id = "GIT-20", name = "Store credentials (plain)", what = "sandbox.git:dangerously_authenticate", served = true,
    spec = { "spec/lua/git_rows_spec.lua", "stores credentials for a server" },
  },
  {
    id = "LSP-1", name = "Obtain client", what = "sandbox:create_lsp_server", served = false,
    spec = { "spec/lua/lsp_spec.lua", "is made for a language and a project" },
  },
  {
    id = "LSP-2", name = "Start", what = "lsp:start", served = true,
    spec = { "spec/lua/lsp_spec.lua", "does what the official SDKs do with one" },
  },
  {
    id = "LSP-3", name = "Stop", what = "lsp:stop", served = true,
    spec = { "spec/lua/lsp_spec.lua", "does what the official SDKs do with one" },
  },
  {
    id = "LSP-4", name = "Open document", what = "lsp:did_open", served = true,
    spec = { "spec/lua/lsp_spec.lua", "does what the official SDKs do with one" },
  },
  {
    id = "LSP-5", name = "Close document", what = "lsp:did_close", served = true,
    spec = { "spec/lua/lsp_spec.lua", "does what the official SDKs do with one" },
  },
  {
    id = "LSP-6", name = "Document symbols", what = "lsp:document_symbols", served = true,
    spec = { "spec/lua/lsp_spec.lua", "does what the official SDKs do with one" },
  },
  {
    id = "LSP-7", name = "Project symbols", what = "lsp:sandbox_symbols", served = true,
    spec = { "spec/lua/lsp_spec.lua", "does what the official SDKs do with one" },
  },
  {
    id = "LSP-8", name = "Completions", what = "lsp:completions", served = true,
    spec = { "spec/lua/lsp_spec.lua", "does what the official SDKs do with one" },
  },
  {
    id = "CU-1", name = "Start desktop",
    what = "sandbox.computer_use:start", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-2", name = "Stop desktop",
    what = "sandbox.computer_use:stop", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-3", name = "Overall status",
    what = "sandbox.computer_use:get_status", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-4", name = "One process status",
    what = "sandbox.computer_use:get_process_status", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-5", name = "Restart process",
    what = "sandbox.computer_use:restart_process", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-6", name = "Process logs",
    what = "sandbox.computer_use:get_process_logs", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-7", name = "Process errors",
    what = "sandbox.computer_use:get_process_errors", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-8", name = "Mouse position",
    what = "sandbox.computer_use.mouse:get_position", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-9", name = "Move",
    what = "sandbox.computer_use.mouse:move", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-10", name = "Click",
    what = "sandbox.computer_use.mouse:click", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-11", name = "Drag",
    what = "sandbox.computer_use.mouse:drag", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-12", name = "Scroll",
    what = "sandbox.computer_use.mouse:scroll", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-13", name = "Type text",
    what = "sandbox.computer_use.keyboard:type", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-14", name = "Press key",
    what = "sandbox.computer_use.keyboard:press", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-15", name = "Hotkey",
    what = "sandbox.computer_use.keyboard:hotkey", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-16", name = "Full screenshot",
    what = "sandbox.computer_use.screenshot:take_full_screen", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-17", name = "Region screenshot",
    what = "sandbox.computer_use.screenshot:take_region", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-18", name = "Compressed full",
    what = "sandbox.computer_use.screenshot:take_compressed", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-19", name = "Compressed region",
    what = "sandbox.computer_use.screenshot:take_compressed_region", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-20", name = "Display info",
    what = "sandbox.computer_use.display:get_info", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-21", name = "Windows",
    what = "sandbox.computer_use.display:get_windows", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-22", name = "Start recording",
    what = "sandbox.computer_use.recording:start", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-23", name = "Stop recording",
    what = "sandbox.computer_use.recording:stop", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-24", name = "List",
    what = "sandbox.computer_use.recording:list", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-25", name = "Get",
    what = "sandbox.computer_use.recording:get", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-26", name = "Delete",
    what = "sandbox.computer_use.recording:delete", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-27", name = "Download",
    what = "sandbox.computer_use.recording:download", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "downloads a recording, whole or not at all" },
  },
  {
    id = "CU-28", name = "Accessibility tree",
    what = "sandbox.computer_use.accessibility:get_tree", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-29", name = "Find nodes",
    what = "sandbox.computer_use.accessibility:find_nodes", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-30", name = "Focus node",
    what = "sandbox.computer_use.accessibility:focus_node", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-31", name = "Invoke node",
    what = "sandbox.computer_use.accessibility:invoke_node", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "CU-32", name = "Set node value",
    what = "sandbox.computer_use.accessibility:set_node_value", served = "501",
    spec = { "spec/lua/desktop_spec.lua", "gives what the server gave" },
  },
  {
    id = "SNP-1", name = "List (page based)", what = "client.snapshot:list", served = true,
    spec = { "spec/lua/organization_spec.lua", "has snapshots on more than one page, made, changed and deleted" },
  },
  {
    id = "SNP-2", name = "Get", what = "client.snapshot:get", served = true,
    spec = { "spec/lua/organization_spec.lua", "has snapshots on more than one page, made, changed and deleted" },
  },
  {
    id = "SNP-3", name = "Create from image string", what = "client.snapshot:create",
    served = "with --images host; else 501",
    spec = { "spec/lua/organization_spec.lua", "has snapshots on more than one page, made, changed and deleted" },
  },
  { id = "SNP-4", name = "Create from declarative Image", what = "client.snapshot:create{image}", served = "501" },
  {
    id = "SNP-5", name = "Stream build logs", what = "client.snapshot:build_logs",
    served = "404, as without a build",
    spec = { "spec/lua/build_log_spec.lua", "of a snapshot is read whole, or as it grows" },
  },
  {
    id = "SNP-6", name = "Delete", what = "client.snapshot:delete", served = true,
    spec = { "spec/lua/organization_spec.lua", "has snapshots on more than one page, made, changed and deleted" },
  },
  {
    id = "SNP-7", name = "Activate", what = "client.snapshot:activate", served = true,
    spec = { "spec/lua/organization_spec.lua", "has snapshots on more than one page, made, changed and deleted" },
  },
  {
    id = "SNP-8", name = "GPU / sandbox class / region on create", what = "client.snapshot:create{gpu}",
    served = "501", spec = { "spec/lua/catalog_spec.lua", "gives what the server gave" },
  },
  { id = "IMG-1", name = "Base image", what = "daytona.image", served = false },
  { id = "IMG-2", name = "Debian slim + Python", what = "daytona.image", served = false },
  {
    id = "IMG-3", name = "From Dockerfile", what = "client:create{dockerfile}", served = "501 at create",
    spec = { "spec/lua/build_log_spec.lua", "is asked for by an image or the text of a Dockerfile" },
    note = "no contexts",
  },
  { id = "IMG-4", name = "pip install", what = "daytona.image", served = false },
  { id = "IMG-5", name = "requirements.txt", what = "daytona.image", served = false },
  { id = "IMG-6", name = "pyproject.toml", what = "daytona.image", served = false },
  { id = "IMG-7", name = "Add local file", what = "daytona.image", served = false },
  { id = "IMG-8", name = "Add local dir", what = "daytona.image", served = false },
  { id = "IMG-9", name = "Run commands", what = "daytona.image", served = false },
  { id = "IMG-10", name = "Environment", what = "daytona.image", served = false },
  { id = "IMG-11", name = "Workdir", what = "daytona.image", served = false },
  { id = "IMG-12", name = "Entrypoint", what = "daytona.image", served = false },
  { id = "IMG-13", name = "Cmd", what = "daytona.image", served = false },
  { id = "IMG-14", name = "Raw Dockerfile lines + context dir", what = "daytona.image", served = false },
  { id = "IMG-15", name = "Read result", what = "daytona.image", served = false },
  { id = "IMG-16", name = "apt-get", what = "daytona.image", served = false },
  { id = "IMG-17", name = "User", what = "daytona.image", served = false },
  { id = "IMG-18", name = "Copy", what = "daytona.image", served = false },
  { id = "IMG-19", name = "Add", what = "daytona.image", served = false },
  { id = "IMG-20", name = "Expose", what = "daytona.image", served = false },
  { id = "IMG-21", name = "Label", what = "daytona.image", served = false },
  { id = "IMG-22", name = "Volume", what = "daytona.image", served = false },
  {
    id = "OBJ-1", name = "Get push credentials", what = "client.object_storage:get_push_access",
    served = "503 \"not configured\"", spec = { "spec/lua/catalog_spec.lua", "gives what the server gave" },
  },
  {
    id = "OBJ-2", name = "Upload build context (dedupe by md5)", served = false,
    note = "the image builder that needs it is not there",
  },
  {
    id = "VOL-1", name = "List", what = "client.volume:list", served = true,
    spec = { "spec/lua/organization_spec.lua", "has volumes: made ready, found, in use, deleted" },
  },
  {
    id = "VOL-2", name = "Get by name, optional create", what = "client.volume:get", served = true,
    spec = { "spec/lua/organization_spec.lua", "has volumes: made ready, found, in use, deleted" },
  },
  {
    id = "VOL-3", name = "Create", what = "client.volume:create", served = true,
    spec = { "spec/lua/organization_spec.lua", "has volumes: made ready, found, in use, deleted" },
  },
  {
    id = "VOL-4", name = "Delete", what = "client.volume:delete", served = true,
    spec = { "spec/lua/organization_spec.lua", "has volumes: made ready, found, in use, deleted" },
  },
  {
    id = "VOL-5", name = "Mount with subpath at create", what = "client:create{volumes}", served = true,
    spec = { "spec/lua/sandbox_spec.lua", "with everything that can be said" },
  },
  {
    id = "SEC-1", name = "List (cursor, filter, sort)", what = "client.secret:list", served = true,
    spec = { "spec/lua/organization_spec.lua", "has secrets on more than one page, without their values" },
  },
  {
    id = "SEC-2", name = "Get", what = "client.secret:get", served = true,
    spec = { "spec/lua/organization_spec.lua", "has secrets on more than one page, without their values" },
  },
  {
    id = "SEC-3", name = "Create", what = "client.secret:create", served = true,
    spec = { "spec/lua/organization_spec.lua", "has secrets on more than one page, without their values" },
  },
  {
    id = "SEC-4", name = "Update", what = "client.secret:update", served = true,
    spec = { "spec/lua/organization_spec.lua", "has secrets on more than one page, without their values" },
  },
  {
    id = "SEC-5", name = "Delete", what = "client.secret:delete", served = true,
    spec = { "spec/lua/organization_spec.lua", "has secrets on more than one page, without their values" },
  },
  {
    id = "WRM-1", name = "List", what = "client.warm_pool:list", served = true,
    spec = { "spec/lua/organization_spec.lua", "has warm pools" },
  },
  {
    id = "WRM-2", name = "Create", what = "client.warm_pool:create", served = true,
    spec = { "spec/lua/organization_spec.lua", "has warm pools" },
  },
  {
    id = "WRM-3", name = "Resize", what = "client.warm_pool:update", served = true,
    spec = { "spec/lua/organization_spec.lua", "has warm pools" },
  },
  {
    id = "WRM-4", name = "Delete", what = "client.warm_pool:delete", served = true,
    spec = { "spec/lua/organization_spec.lua", "has warm pools" },
  },
  {
    id = "EVT-1", name = "Background socket.io connection per client", served = "501",
    note = "waits poll; see decision 18",
  },
  {
    id = "EVT-2", name = "Per-sandbox subscription with 300 s TTL", served = "501",
    note = "waits poll; see decision 18",
  },
  { id = "EVT-3", name = "Public event API for users", served = "501", note = "waits poll; see decision 18" },
  {
    id = "EVT-4", name = "Silent fallback to polling", state = "by design", served = "501",
    note = "waits poll; see decision 18",
  },
  {
    id = "TEL-1", name = "Span per public method, Class.method", what = "daytona.new{on_request}", state = "partly",
    served = false, spec = { "spec/lua/hooks_spec.lua", "tells every attempt, its outcome and every wait" },
    note = "hooks tell operation, attempt, status and time of each attempt",
  },
  {
    id = "TEL-2", name = "Duration histogram class_method_duration (ms, status attribute)",
    what = "daytona.new{on_response}", state = "partly", served = false,
    spec = { "spec/lua/hooks_spec.lua", "tells every attempt, its outcome and every wait" },
    note = "hooks tell operation, attempt, status and time of each attempt",
  },
  {
    id = "TEL-3", name = "traceparent injected into outgoing HTTP", served = false,
    note = "hooks tell operation, attempt, status and time of each attempt",
  },
  {
    id = "TEL-4", name = "OTLP/HTTP exporter configured by standard OTEL_* variables", served = false,
    note = "hooks tell operation, attempt, status and time of each attempt",
  },
  {
    id = "ERR-1", name = "Base error with message, status, headers, code, source", state = "partly", served = true,
    spec = { "spec/lua/faults_spec.lua", "with an envelope gives every field of it" },
    note = "no headers in the error",
  },
  {
    id = "ERR-2", name = "12 status classes", state = "bound", served = true,
    spec = { "spec/lua/faults_spec.lua", "with an envelope gives every field of it" },
  },
  {
    id = "ERR-3", name = "21 domain classes (daemon codes)", state = "bound", served = true,
    spec = { "spec/lua/faults_spec.lua", "with an envelope gives every field of it" },
  },
  {
    id = "ERR-4", name = "Client-side classes", state = "bound", served = false,
    spec = { "spec/lua/tls_spec.lua", "a self-signed certificate is refused" },
  },
  { id = "ERR-5", name = "Legacy typed errors", state = "by design", served = false, note = "deprecated" },
  {
    id = "ERR-6", name = "Full async duplicate of the API", what = "loop.map, uv.run", served = false,
    spec = { "spec/host/loop_spec.lua", "map keeps the order and the limit" },
  },
  {
    id = "ERR-7", name = "Cancellation of any call", what = "loop.cancel", served = false,
    spec = { "spec/host/transfer_spec.lua", "ends when its task is cancelled" },
  },
}
