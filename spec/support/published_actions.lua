-- The published inputs (! means required); those behind a star are the
-- program's, and no model sees them.
return {
  daytona_create_sandbox = {
    "snapshot string", "name string", "target string", "user string", "env object", "labels object", "cpu number",
    "memory number", "disk number", "autoStopInterval number", "autoArchiveInterval number",
    "autoDeleteInterval number", "public boolean",
  },
  daytona_list_sandboxes = { "limit number", "name string", "labels object", "cursor string" },
  daytona_get_sandbox = { "sandboxId! string" },
  daytona_start_sandbox = { "sandboxId! string" },
  daytona_stop_sandbox = { "sandboxId! string" },
  daytona_delete_sandbox = { "sandboxId! string" },
  daytona_execute_command = {
    "sandboxId! string", "command! string", "cwd string", "env object", "timeout number",
  },
  daytona_run_code = { "sandboxId! string", "code! string", "language! string", "env object", "timeout number" },
  daytona_upload_file = {
    "sandboxId! string", "destinationPath! string", "file any", "*fileContent string", "fileName string",
  },
  daytona_download_file = { "sandboxId! string", "filePath! string" },
  daytona_list_files = { "sandboxId! string", "path string" },
  daytona_git_clone = {
    "sandboxId! string", "url! string", "path! string", "branch string", "commitId string", "*username string",
    "*password string",
  },
}
