---@meta
-- Made by `make doc` from the operations table; do not edit.

---@class daytona.options
---@field timeout? number deadline of the whole call in seconds, retries included; 0: none
---@field max_retries? integer how often a failed attempt may be repeated where that is safe

---@class daytona.volume_mount
---@field volume_id string id or name of the volume
---@field mount_path string absolute path in the sandbox
---@field subpath string part of the volume to mount

---@class daytona.build_info
---@field dockerfile_content string Dockerfile the sandbox was built from
---@field context_hashes string[] hashes of the build contexts

---@class daytona.options.sandbox.create
---@field name? string name; default the sandbox's id
---@field language? string python (default), javascript or typescript
---@field snapshot? string id or name of a snapshot; default the server's
---@field user? string user inside the sandbox
---@field env? table<string, string> environment variables
---@field labels? table<string, string> labels
---@field public? boolean is the HTTP preview public
---@field target? string region; default that of the client
---@field cpu? integer cores
---@field gpu? integer GPUs
---@field gpu_type? string[] kinds of GPU, best first
---@field memory? integer GiB
---@field disk? integer GiB
---@field auto_stop_interval? integer minutes of inactivity until it stops, 0: never
---@field auto_pause_interval? integer minutes of inactivity until it pauses, 0: never
---@field auto_archive_interval? integer minutes stopped until it is archived, 0: the maximum
---@field auto_delete_interval? integer minutes stopped until it is deleted, negative: never, 0: at once on stop
---@field ttl_minutes? integer minutes since creation until it is destroyed, 0: off
---@field ephemeral? boolean delete it when it stops (auto_delete_interval = 0)
---@field volumes? daytona.volume_mount[] volumes to mount
---@field secrets? table<string, string> environment variable -> name of a secret
---@field network_block_all? boolean no network at all
---@field network_allow_list? string comma-separated CIDRs
---@field domain_allow_list? string comma-separated domains
---@field outbound_proxy_url? string proxy for outbound traffic
---@field otel_endpoint_override? string OpenTelemetry endpoint
---@field spot? boolean may be evicted (GPU only)
---@field kvm? boolean with /dev/kvm inside (snapshots of virtual machines only)
---@field queue_timeout? integer minutes without a runner until it is destroyed; default that of the organization
---@field image? string image of a registry, like debian:12, instead of a snapshot
---@field dockerfile? string text of a Dockerfile to build instead of a snapshot
---@field build_info? daytona.build_info declarative build instead of a snapshot
---@field on_build_log? function function called with what the build prints, as it comes: bytes
---@field linked_sandbox? string sandbox whose runner it shares
---@field on_timeout? string delete: what is not started in time is deleted; keep: what was made stays in any case; default: it stays when it is late, and is deleted when the call is cancelled or an error is raised in it
---@field delete_on_close? boolean delete it at the end of its <close> variable (Lua 5.4)
---@field wait? boolean false: return at once instead of waiting for the state (default true)

---@class daytona.Sandbox
---@field id string unique id
---@field organization_id string organization that owns it
---@field name string name, the id if none was given
---@field target string region
---@field snapshot string snapshot it was made from
---@field user string user inside the sandbox
---@field env table<string, string> environment variables
---@field cpu number cores
---@field gpu number GPUs
---@field memory number GiB
---@field disk number GiB
---@field public boolean is the HTTP preview public
---@field network_block_all boolean no network at all
---@field labels table<string, string> labels
---@field volumes daytona.volume_mount[] mounted volumes
---@field state string creating, started, stopping, stopped, starting, destroying, destroyed, archived, error, ...
---@field desired_state string state it is on its way to
---@field error_reason string why it is in an error state
---@field recoverable boolean can recover be tried
---@field auto_stop_interval integer minutes, 0: off
---@field auto_archive_interval integer minutes, 0: the maximum
---@field auto_delete_interval integer minutes after stop, negative: off, 0: at stop
---@field auto_pause_interval integer minutes, 0: off
---@field build_info daytona.build_info declarative build
---@field created_at string ISO 8601
---@field updated_at string ISO 8601
---@field last_activity_at string ISO 8601
---@field kvm boolean is there a /dev/kvm inside
---@field queue_timeout integer minutes that it waits for a runner, nil: any time
---@field queue_timed_out_at string when it was destroyed because it had no runner for so long, ISO 8601
---@field toolbox_proxy_url string base URL of its toolbox

---@class daytona.options.sandbox.list
---@field cursor? string from an earlier page
---@field limit? integer page size, default 100
---@field id? string prefix of the id
---@field name? string prefix of the name, any case
---@field labels? table<string, string> labels that must all be there
---@field include_errored_deleted? boolean also those whose deletion failed
---@field states? string[] any of these states
---@field snapshots? string[] any of these snapshots
---@field targets? string[] any of these regions
---@field sandbox_classes? string[] any of these classes
---@field min_cpu? integer cores
---@field max_cpu? integer cores
---@field min_gpu? integer GPUs
---@field max_gpu? integer GPUs
---@field min_memory_gib? integer GiB
---@field max_memory_gib? integer GiB
---@field min_disk_gib? integer GiB
---@field max_disk_gib? integer GiB
---@field is_public? boolean preview is public
---@field is_recoverable? boolean recoverable error
---@field include_warm? boolean also members of warm pools
---@field created_at_after? string ISO 8601
---@field created_at_before? string ISO 8601
---@field last_activity_after? string ISO 8601
---@field last_activity_before? string ISO 8601
---@field auto_destroy_at_after? string ISO 8601
---@field auto_destroy_at_before? string ISO 8601
---@field sort? string name, cpu, memoryGib, diskGib, lastActivityAt (default) or createdAt
---@field order? string desc (default) or asc

---@class daytona.sandbox_page
---@field items daytona.Sandbox[] sandboxes of this page
---@field next_cursor string cursor of the next page, nil at the end

---@class daytona.options.sandbox.get
---@field sandbox_id string id or name of the sandbox
---@field verbose? boolean more detail

---@class daytona.options.sandbox.delete
---@field sandbox_id string id or name of the sandbox
---@field wait? boolean false: return at once instead of waiting for the state (default true)

---@class daytona.options.sandbox.recover
---@field sandbox_id string id or name of the sandbox
---@field skip_start? boolean leave it stopped
---@field wait? boolean false: return at once instead of waiting for the state (default true)

---@class daytona.options.sandbox.set_labels
---@field sandbox_id string id or name of the sandbox
---@field labels table<string, string> all labels; others are removed

---@class daytona.labels
---@field labels table<string, string> all labels

---@class daytona.preview_link
---@field sandbox_id string id of the sandbox
---@field url string URL of the port
---@field token string goes into the header x-daytona-preview-token

---@class daytona.signed_preview_url
---@field sandbox_id string id of the sandbox
---@field port integer port in the sandbox
---@field url string URL of the port, which needs no credential
---@field token string names the URL to expire_signed_preview_url

---@class daytona.options.sandbox.get_signing_key
---@field sandbox_id string id of the sandbox

---@class daytona.options.sandbox.download_url
---@field path string path in the sandbox
---@field expires_in_seconds? integer how long the URL is good, default 3600; 0: until the signing key is rotated

---@class daytona.options.sandbox.upload_url
---@field path string path in the sandbox
---@field expires_in_seconds? integer how long the URL is good, default 3600; 0: until the signing key is rotated

---@class daytona.options.sandbox.get_toolbox_proxy_url
---@field sandbox_id string id of the sandbox

---@class daytona.url
---@field url string base URL

---@class daytona.options.sandbox.get_build_logs_url
---@field sandbox_id string id or name of the sandbox

---@class daytona.ssh_access
---@field id string unique id
---@field sandbox_id string id of the sandbox
---@field token string names it, and is the user of SSH
---@field ssh_command string command that connects
---@field expires_at string ISO 8601
---@field created_at string ISO 8601
---@field updated_at string ISO 8601

---@class daytona.ssh_validation
---@field valid boolean is it good
---@field sandbox_id string id of the sandbox

---@class daytona.metric_point
---@field timestamp string ISO 8601
---@field value number value then

---@class daytona.metric_series
---@field metric_name string like daytona.sandbox.cpu.utilization
---@field data_points daytona.metric_point[] in order of time

---@class daytona.metrics_history
---@field series daytona.metric_series[] one for each metric

---@class daytona.config

---@class daytona.options.process.exec
---@field command string shell command
---@field cwd? string directory to run in; default the working directory
---@field env? table<string, string> environment variables
---@field timeout? integer whole seconds after which the server kills it; none: no limit
---@field keep_awake? boolean true: counts as activity of the sandbox while the call waits

---@class daytona.command_result
---@field exit_code integer exit code; -1: killed by a signal or not started
---@field code integer exit code as old servers name it
---@field result string standard output and standard error, combined

---@class daytona.options.process.code_run
---@field code string program text
---@field language string python, javascript or typescript; default the sandbox's
---@field argv? string[] arguments of the program
---@field env? table<string, string> environment variables
---@field timeout? integer whole seconds after which the server kills it; none: no limit
---@field keep_awake? boolean true: counts as activity of the sandbox while the call waits

---@class daytona.chart_element
---@field label string label
---@field points any list of {x, y}
---@field value any bar value
---@field outliers number[] outliers of a box

---@class daytona.chart
---@field type string line, scatter, bar, pie, box_and_whisker, composite_chart or unknown
---@field title string title
---@field png string picture, base64
---@field elements daytona.chart_element[] what is drawn

---@class daytona.artifacts
---@field charts daytona.chart[] charts shown by the code

---@class daytona.code_result
---@field exit_code integer exit code; -1: killed by a signal or not started
---@field code integer exit code as old servers name it
---@field result string standard output and standard error, combined
---@field artifacts daytona.artifacts what the code made besides text

---@class daytona.options.fs.list_files
---@field path? string directory; default the working directory
---@field depth? integer levels to descend, default 1

---@class daytona.file_info
---@field name string base name
---@field path string full path
---@field is_dir boolean is it a directory
---@field size integer bytes
---@field mode string like -rw-r--r--
---@field permissions string octal, like 0644
---@field owner string user id
---@field group string group id
---@field mod_time string time of the last change as text, deprecated
---@field modified_at string time of the last change, RFC 3339

---@class daytona.options.fs.create_folder
---@field path string path in the sandbox, absolute or relative to the working directory
---@field mode string octal permissions, default 755

---@class daytona.match
---@field file string path
---@field line integer line number from 1
---@field content string the line

---@class daytona.options.fs.search_files
---@field path string path in the sandbox, absolute or relative to the working directory
---@field pattern string glob for the base name

---@class daytona.search_result
---@field files string[] paths

---@class daytona.replace_result
---@field file string path
---@field success boolean was it changed or had nothing to change
---@field error string why not

---@class daytona.options.fs.upload_file
---@field destination string path in the sandbox
---@field on_progress? function function(done, total), called as bytes move; total nil: not known; false given back cancels
---@field checksum? any true: report the SHA-256 of the bytes; a SHA-256 in hexadecimal: fail unless it is that
---@field beneath? string local directory that the file is relative to; no symbolic link below it is followed
---@field name? string the file's name, for a destination that ends in a slash
---@field mode? string octal permissions, set by a request of its own
---@field content? string the bytes themselves
---@field file? string path of a local file
---@field chunks? boolean bytes are fed to the request
---@field size? integer how many bytes chunks will bring, if known

---@class daytona.uploaded_file
---@field path string path written
---@field bytes integer bytes written

---@class daytona.upload_result
---@field files daytona.uploaded_file[] files written

---@class daytona.options.fs.upload_files
---@field destinations string[] paths in the sandbox
---@field files string[] paths of local files; empty: the content is used
---@field contents string[] the bytes themselves
---@field sizes integer[] how many bytes each has
---@field on_progress? function function(done, total), called as bytes move; total nil: not known; false given back cancels
---@field beneath? string local directory that files are relative to; no symbolic link below it is followed

---@class daytona.options.fs.upload_raw
---@field destination string path in the sandbox
---@field on_progress? function function(done, total), called as bytes move; total nil: not known; false given back cancels
---@field checksum? any true: report the SHA-256 of the bytes; a SHA-256 in hexadecimal: fail unless it is that
---@field beneath? string local directory that the file is relative to; no symbolic link below it is followed
---@field name? string the file's name, for a destination that ends in a slash
---@field mode? string octal permissions, set by a request of its own
---@field content? string the bytes themselves
---@field file? string path of a local file
---@field chunks? boolean bytes are fed to the request
---@field size? integer how many bytes chunks will bring, if known

---@class daytona.upload
---@field name string base name
---@field path string path written
---@field type string kind of entry

---@class daytona.options.fs.download_file
---@field path string path in the sandbox, absolute or relative to the working directory
---@field destination? string local path; written completely or not at all
---@field offset? integer first byte wanted, from 0
---@field length? integer most bytes wanted
---@field on_progress? function function(done, total), called as bytes move; total nil: not known; false given back cancels
---@field checksum? any true: report the SHA-256 of the bytes; a SHA-256 in hexadecimal: fail unless it is that
---@field beneath? string local directory that the destination is relative to; no symbolic link below it is followed, and the file gets mode 0600

---@class daytona.options.fs.read_file
---@field path string path in the sandbox, absolute or relative to the working directory
---@field chunk_size integer bytes of each chunk but the last, default 256 KiB
---@field offset? integer first byte wanted, from 0
---@field length? integer most bytes wanted

---@class daytona.options.fs.download_files
---@field paths string[] paths in the sandbox
---@field destinations string[] local paths, each written completely or not at all; empty: memory
---@field on_progress? function function(done, total), called as bytes move; total nil: not known; false given back cancels
---@field beneath? string local directory that destinations are relative to; no symbolic link below it is followed, and files get mode 0600

---@class daytona.directory
---@field dir string absolute path

---@class daytona.port_use
---@field is_in_use boolean does something listen on it

---@class daytona.ports
---@field ports integer[] ports

---@class daytona.metrics
---@field cpu_count integer cores
---@field cpu_used_pct number percent of them in use
---@field mem_total integer bytes
---@field mem_used integer bytes
---@field mem_cache integer bytes
---@field disk_total integer bytes
---@field disk_used integer bytes
---@field disk_free integer bytes
---@field timestamp string RFC 3339
---@field timestamp_unix integer seconds since 1970

---@class daytona.version
---@field version string version of the toolbox

---@class daytona.options.process.create_session
---@field session_id string id of the new session, without a slash
---@field cwd? string directory that it begins in
---@field env? table<string, string> environment variables of its commands

---@class daytona.session_command
---@field id string id of the command
---@field command string shell text
---@field exit_code integer exit code; nil: not known yet

---@class daytona.session
---@field session_id string id of the session
---@field commands daytona.session_command[] what was run in it

---@class daytona.options.process.get_session
---@field session_id string id of the session

---@class daytona.options.session.exec
---@field session_id string id of the session
---@field command string shell text; cd, export and the like last for the commands after it
---@field async? boolean true: do not wait for its end
---@field suppress_input_echo? boolean true: what is sent to it does not show in its output
---@field keep_awake? boolean true: counts as activity of the sandbox while the call waits

---@class daytona.session_exec_result
---@field command_id string id of the command
---@field exit_code integer exit code; nil: it runs on
---@field output string both streams with their markers
---@field stdout string standard output
---@field stderr string standard error

---@class daytona.options.command.status
---@field session_id string id of the session
---@field command_id string id of the command

---@class daytona.options.command.input
---@field session_id string id of the session
---@field command_id string id of the command
---@field data string for its standard input; a missing newline is added by the server

---@class daytona.options.command.logs
---@field session_id string id of the session
---@field command_id string id of the command
---@field chunk_size? integer bytes of each chunk; none: the whole answer
---@field cursor? string where an earlier call ended
---@field max_output? integer most bytes to keep in memory, default 64 MiB (for each stream)

---@class daytona.options.command.entrypoint_logs
---@field chunk_size? integer bytes of each chunk; none: the whole answer
---@field cursor? string where an earlier call ended
---@field max_output? integer most bytes to keep in memory, default 64 MiB (for each stream)

---@class daytona.options.command.follow
---@field session_id string id of the session
---@field command_id string id of the command
---@field on_stdout? function function called with each chunk of standard output
---@field on_stderr? function function called with each chunk of standard error
---@field utf8? boolean true: no chunk ends in the middle of a character
---@field keep_awake? boolean true: counts as activity of the sandbox while the call waits
---@field cursor? string where an earlier call ended
---@field follow boolean set by the library

---@class daytona.options.command.follow_entrypoint
---@field on_stdout? function function called with each chunk of standard output
---@field on_stderr? function function called with each chunk of standard error
---@field utf8? boolean true: no chunk ends in the middle of a character
---@field keep_awake? boolean true: counts as activity of the sandbox while the call waits
---@field cursor? string where an earlier call ended
---@field follow boolean set by the library

---@class daytona.options.process.create_pty
---@field id string id of the new terminal, without a slash
---@field cols? integer cols
---@field rows? integer rows
---@field cwd? string directory to start in; default the working directory
---@field env? table<string, string> environment variables
---@field subprotocols? string[] set by the library

---@class daytona.options.process.create_pty_session
---@field id string id of the new terminal, without a slash
---@field cols? integer cols
---@field rows? integer rows
---@field cwd? string directory to start in; default the working directory
---@field env? table<string, string> environment variables
---@field lazy_start? boolean true: its shell starts with the first connection

---@class daytona.pty_created
---@field session_id string id of the terminal

---@class daytona.options.process.connect_pty
---@field session_id string id of the session
---@field subprotocols? string[] set by the library

---@class daytona.pty_info
---@field id string id of the terminal
---@field cwd string directory in which its shell was started
---@field env table<string, string> environment variables that were set
---@field cols integer columns
---@field rows integer rows
---@field created_at string RFC 3339
---@field active boolean does its shell run
---@field lazy_start boolean its shell starts with the first connection

---@class daytona.pty_list
---@field sessions daytona.pty_info[] terminals

---@class daytona.options.pty.wait
---@field on_data? function function called with each chunk of output

---@class daytona.options.code_interpreter.run_code
---@field code string Python
---@field context? any context or its id; default the sandbox's own
---@field on_stdout? function function called with what is printed
---@field on_stderr? function function called with what goes to standard error
---@field on_error? function function called with the exception that ends the code
---@field timeout? integer whole seconds after which the server interrupts the code, default 600; 0: never
---@field env? table<string, string> environment variables
---@field max_output? integer most bytes to keep in memory, default 64 MiB (for each stream)

---@class daytona.options.code_interpreter.create_context
---@field cwd? string directory to start in; default the working directory
---@field language? string python, the only one

---@class daytona.code_context
---@field id string id of the context
---@field cwd string its directory
---@field language string python
---@field active boolean can it be used
---@field created_at string RFC 3339

---@class daytona.code_contexts
---@field contexts daytona.code_context[] contexts

---@class daytona.options.code_interpreter.delete_context
---@field context_id string id of the context

---@class daytona.options.process.run
---@field cwd? string directory to run in; default the working directory
---@field env? table<string, string> environment variables; they do not show in the list of processes
---@field stdin? any string: its standard input; none: empty
---@field on_stdout? function function called with each chunk of standard output
---@field on_stderr? function function called with each chunk of standard error
---@field utf8? boolean true: no chunk ends in the middle of a character
---@field keep_awake? boolean true: counts as activity of the sandbox while the call waits
---@field max_output? integer most bytes to keep in memory, default 64 MiB (for each stream)
---@field check? boolean true: an exit code other than 0 is an error of kind "exit"
---@field leave_running? boolean true: what the command started and left runs on

---@class daytona.options.process.start
---@field cwd? string directory to run in; default the working directory
---@field env? table<string, string> environment variables; they do not show in the list of processes
---@field stdin? any string: its standard input; none: empty

---@class daytona.options.job.wait
---@field on_stdout? function function called with each chunk of standard output
---@field on_stderr? function function called with each chunk of standard error
---@field utf8? boolean true: no chunk ends in the middle of a character
---@field keep_awake? boolean true: counts as activity of the sandbox while the call waits
---@field max_output? integer most bytes to keep in memory, default 64 MiB (for each stream)
---@field check? boolean true: an exit code other than 0 is an error of kind "exit"

---@class daytona.git_file_status
---@field name string path in the repository
---@field staging string Unmodified, Modified, Added, Deleted, Renamed, Copied, Untracked or Updated but unmerged, in the index
---@field worktree string the same, in the working tree
---@field extra string of what is renamed: its former name

---@class daytona.git_status
---@field current_branch string branch
---@field file_status daytona.git_file_status[] files that differ from the last commit
---@field ahead integer commits that the upstream lacks
---@field behind integer commits of the upstream that are not here
---@field branch_published boolean has the branch an upstream
---@field detached boolean is no branch checked out, but a commit
---@field upstream string upstream, like origin/main; empty: none

---@class daytona.git_branches
---@field branches string[] names
---@field current string the one that is checked out; empty: none

---@class daytona.git_commit
---@field sha string id of the commit

---@class daytona.git_commit_info
---@field hash string id of the commit
---@field author string name
---@field email string email address
---@field message string what the commit is for
---@field timestamp string RFC 3339

---@class daytona.git_remote
---@field name string name
---@field url string where it is

---@class daytona.git_remotes
---@field remotes daytona.git_remote[] remotes

---@class daytona.git_config
---@field value string value; nil: it is not set

---@class daytona.options.sandbox.create_lsp_server
---@field language_id string python, typescript or javascript
---@field path_to_project string directory of the project

---@class daytona.lsp_position
---@field line integer line, from 0
---@field character integer character in it, from 0, in UTF-16 units

---@class daytona.lsp_range
---@field start daytona.lsp_position first character
---@field ["end"] daytona.lsp_position the one after the last; range["end"] in Lua

---@class daytona.lsp_location
---@field uri string file:// and the path
---@field range daytona.lsp_range where in it

---@class daytona.lsp_symbol
---@field name string name
---@field kind integer SymbolKind of the protocol: 5 class, 6 method, 12 function, 13 variable ...
---@field location daytona.lsp_location where it is

---@class daytona.lsp_completion
---@field label string what is shown
---@field kind integer CompletionItemKind of the protocol
---@field detail string such as the type
---@field documentation any text, or { kind, value }
---@field sort_text string order
---@field filter_text string what typed text is compared with
---@field insert_text string what to insert, if not the label

---@class daytona.lsp_completions
---@field is_incomplete boolean true: there may be more once more is typed
---@field items daytona.lsp_completion[] completions

---@class daytona.desktop_process
---@field running boolean does it run
---@field priority integer place in the order of start
---@field auto_restart boolean is it started again when it ends
---@field pid integer process id

---@class daytona.desktop_change
---@field message string what was done
---@field status table<string, daytona.desktop_process> processes by name: xvfb, xfce4, x11vnc, novnc

---@class daytona.desktop_status
---@field status string active, partial, inactive or error

---@class daytona.desktop_process_status
---@field process_name string name
---@field running boolean does it run

---@class daytona.desktop_restart
---@field process_name string name
---@field message string what was done

---@class daytona.desktop_logs
---@field process_name string name
---@field logs string what it has printed

---@class daytona.desktop_errors
---@field process_name string name
---@field errors string what it has printed to standard error

---@class daytona.point
---@field x integer pixels from the left
---@field y integer pixels from the top

---@class daytona.scroll_result
---@field success boolean was it done

---@class daytona.screenshot
---@field screenshot string|integer the picture's bytes; with destination how many were written
---@field cursor_position daytona.point where the pointer is, if it is shown
---@field size_bytes integer size of the picture, if the server says it

---@class daytona.display
---@field id integer number
---@field x integer pixels from the left
---@field y integer pixels from the top
---@field width integer pixels
---@field height integer pixels
---@field is_active boolean is it in use

---@class daytona.displays
---@field displays daytona.display[] displays

---@class daytona.window
---@field id integer number
---@field title string title
---@field x integer pixels from the left
---@field y integer pixels from the top
---@field width integer pixels
---@field height integer pixels
---@field is_active boolean has it the focus

---@class daytona.windows
---@field windows daytona.window[] windows

---@class daytona.recording
---@field id string id
---@field file_name string name
---@field file_path string path in the sandbox
---@field status string recording, completed or failed
---@field start_time string RFC 3339
---@field end_time string RFC 3339; nil: it goes on
---@field duration_seconds number seconds
---@field size_bytes integer bytes

---@class daytona.recordings
---@field recordings daytona.recording[] recordings

---@class daytona.accessibility_bounds
---@field x integer pixels from the left
---@field y integer pixels from the top
---@field width integer pixels
---@field height integer pixels

---@class daytona.accessibility_node
---@field id string id, for focus_node and its like
---@field role string role, like push button
---@field name string name
---@field description string description
---@field bounds daytona.accessibility_bounds where it is
---@field states string[] states, like focused
---@field actions string[] what invoke_node can do
---@field children daytona.accessibility_node[] what it holds

---@class daytona.accessibility_tree
---@field root daytona.accessibility_node root of the tree
---@field truncated boolean true: there is more

---@class daytona.accessibility_matches
---@field matches daytona.accessibility_node[] nodes
---@field truncated boolean true: there is more

---@class daytona.volume
---@field id string unique id
---@field name string name
---@field organization_id string organization that owns it
---@field state string pending_create, creating, ready, pending_delete, deleting, deleted or error
---@field error_reason string why it is in the state error
---@field created_at string ISO 8601
---@field updated_at string ISO 8601
---@field last_used_at string ISO 8601; nil: never

---@class daytona.snapshot_build
---@field dockerfile_content string Dockerfile it was built from
---@field context_hashes string[] hashes of the build contexts

---@class daytona.snapshot
---@field id string unique id
---@field organization_id string organization that owns it
---@field general boolean is it there for every organization
---@field name string name
---@field image_name string image it was made from
---@field state string building, pending, pulling, snapshotting, active, inactive, error, build_failed or removing
---@field size number GB
---@field entrypoint string[] program that its sandboxes start, with its arguments
---@field cpu number cores
---@field gpu number GPUs
---@field gpu_type string kind of GPU
---@field mem number GiB
---@field disk number GiB
---@field error_reason string why it is in an error state
---@field build_info daytona.snapshot_build declarative build
---@field region_ids string[] regions that have it
---@field ref string reference of its image
---@field source_sandbox_id string sandbox it was made of
---@field sandbox_class string class of its sandboxes
---@field created_at string ISO 8601
---@field updated_at string ISO 8601
---@field last_used_at string ISO 8601; nil: never

---@class daytona.snapshot_page
---@field items daytona.snapshot[] snapshots of this page
---@field total integer how many there are on all pages
---@field page integer page, from 1
---@field total_pages integer how many pages there are

---@class daytona.snapshot_url
---@field url string where the log is

---@class daytona.secret
---@field id string unique id
---@field name string name
---@field description string what it is for
---@field placeholder string what a sandbox sees of it
---@field hosts string[] hosts that it may be sent to
---@field created_at string ISO 8601
---@field updated_at string ISO 8601

---@class daytona.secret_page
---@field items daytona.secret[] secrets of this page
---@field total integer how many there are on all pages
---@field next_cursor string cursor of the next page, nil at the end

---@class daytona.warm_pool
---@field id string unique id
---@field organization_id string organization that owns it
---@field snapshot string snapshot of its sandboxes
---@field target string region
---@field pool integer how many sandboxes are held ready
---@field current_size integer how many are ready now
---@field cpu number cores
---@field mem number GiB
---@field disk number GiB
---@field os_user string user inside its sandboxes
---@field env table<string, string> environment variables
---@field error_reason string why it is not filled
---@field created_at string ISO 8601
---@field updated_at string ISO 8601

---@class daytona.storage_access
---@field access_key string key
---@field secret string secret of the key
---@field session_token string token that goes with it
---@field storage_url string where the storage is, S3
---@field organization_id string prefix of the organization's objects
---@field bucket string bucket
---@field region string region of the storage

---@class daytona.region
---@field id string unique id
---@field name string name
---@field organization_id string organization that owns it; nil: shared
---@field region_type string shared, dedicated or custom
---@field proxy_url string where its toolboxes and previews are
---@field ssh_gateway_url string where SSH goes
---@field snapshot_manager_url string where its snapshots are
---@field otel_endpoint string OpenTelemetry endpoint
---@field created_at string ISO 8601
---@field updated_at string ISO 8601

---@class daytona.api_key
---@field name string name
---@field value string the key, most of it hidden
---@field permissions string[] what it may do, like write:sandboxes
---@field user_id string user it was made by
---@field created_at string ISO 8601
---@field last_used_at string ISO 8601; nil: never
---@field expires_at string ISO 8601; nil: never

---@class daytona.organization
---@field id string unique id
---@field name string name
---@field created_by string user it was made by
---@field personal boolean is it that of one user
---@field suspended boolean may it do nothing
---@field suspension_reason string why not
---@field default_region_id string region of new sandboxes
---@field max_cpu_per_sandbox number cores
---@field max_memory_per_sandbox number GiB
---@field max_disk_per_sandbox number GiB
---@field created_at string ISO 8601
---@field updated_at string ISO 8601

---@class daytona.organization_usage
---@field total_snapshot_quota number how many snapshots there may be
---@field current_snapshot_usage number how many there are
---@field total_volume_quota number how many volumes there may be
---@field current_volume_usage number how many there are

---@class daytona.gpu_availability
---@field gpu_type string kind of GPU
---@field available_on_demand number how many a sandbox can get
---@field available_spot number how many a spot sandbox can get

---@class daytona.gpu_capacity
---@field observed_at string when that was so, ISO 8601
---@field capacity daytona.gpu_availability[] for each kind of GPU

---@class daytona.options.client.request
---@field method string HTTP method
---@field path string path below the base URL, already escaped
---@field query? table<string, any> query parameters; a list repeats its key
---@field body? any a table goes out as JSON, a string as it is
---@field headers? table<string, string> further headers
---@field raw? boolean true: the answer as a string, whatever it is
---@field sandbox? any ask the toolbox of this sandbox instead of the API

---@class daytona.options.client.connect
---@field path string path below the base URL, already escaped
---@field query? table<string, any> query parameters; a list repeats its key
---@field subprotocols? string[] what the server may choose from
---@field sandbox? any connect to the toolbox of this sandbox instead of the API

---@class daytona.options.client.reap
---@field labels table<string, string> labels that all must be there, at least one
---@field older_than? number only those made at least so many seconds ago
---@field dry_run? boolean true: delete nothing

---@class daytona.options.daytona.new
---@field api_key? string API key; default DAYTONA_API_KEY
---@field jwt_token? string JWT instead of a key; default DAYTONA_JWT_TOKEN
---@field organization_id? string needed with a JWT; default DAYTONA_ORGANIZATION_ID
---@field api_url? string base URL; default DAYTONA_API_URL, else Daytona's cloud
---@field target? string region of new sandboxes; default DAYTONA_TARGET, else the server's choice
---@field connect_timeout? number seconds to connect, default 10
---@field silence_timeout? number seconds after which a silent connection that a call waits on is given up, if nobody answers on it; default 10
---@field ca_file? string PEM file of certificate authorities to trust instead of the system's; default CURL_CA_BUNDLE or SSL_CERT_FILE
---@field max_response? integer largest answer kept in memory in bytes, default 64 MiB
---@field allow_http? boolean send the credential over plain http to other than this machine
---@field retry_budget? integer retries that the client's failures may cost, default 10; each success earns 0.1 back
---@field on_request? function function called with every attempt sent; its argument: see daytona.Event
---@field on_response? function function called with the outcome of every attempt
---@field on_retry? function function called with every attempt that is sent again; the event is that of the one before
---@field host? any how to wait; default daytona.host.plain

---@class daytona.options.daytona.progress
---@field label? string what stands before the bar
---@field stream? any open file to draw on, default standard error
---@field terminal? boolean draw or do not, whatever the stream is

---@class daytona.options.testing.start
---@field program? string daytona-local; default DAYTONA_LOCAL, else the one in the PATH
---@field as? string the older server to behave as, v0.190
---@field expose? string[] HOST:PORT of services that sandboxes reach at 127.0.0.1:PORT
---@field arguments? string[] further ones of daytona-local serve

---@class daytona.options.fs.upload_dir
---@field local_dir string local directory
---@field remote_dir string directory in the sandbox, made if it is not there
---@field concurrency? integer requests at once where the host has tasks, default 4
---@field checksum? boolean true: report the SHA-256 of every file, each of which is then a request
---@field on_progress? function function(done, total) of bytes; false given back cancels

---@class daytona.options.fs.download_dir
---@field remote_dir string directory in the sandbox
---@field local_dir string local directory, made if it is not there
---@field concurrency? integer requests at once where the host has tasks, default 4
---@field checksum? boolean true: report the SHA-256 of every file, each of which is then a request
---@field on_progress? function function(done, total) of bytes; false given back cancels

---@class daytona.options.sandbox.build_log
---@field url string where the log is
---@field follow? boolean true: the log as it grows, until the build has ended
---@field chunk_size? integer bytes of each chunk; none: the whole log

---@class daytona.options.snapshot.build_logs
---@field snapshot_id string id or name of the snapshot
---@field on_log? function function that gets the log in chunks, as it grows

---@class daytona.options.sandbox.wait_for
---@field state? string state of the sandbox, like started; deleted: it is gone
---@field port? integer port in the sandbox that takes connections
---@field url? string HTTP server in the sandbox that answers with success: as it is in there, like http://localhost:3000/health, or a path of the port

---@class daytona.options.sandbox.ask_url
---@field url string where the server is
---@field chunk_size? integer bytes of each chunk; none: the whole answer

---@class daytona.options.preview.request
---@field url string where the server is
---@field path string path in the server, already escaped
---@field query? table<string, any> query parameters; a list repeats its key
---@field headers? table<string, string> headers
---@field method string HTTP method
---@field body? any a table goes out as JSON, a string as it is
---@field chunk_size? integer bytes of each chunk; none: the whole answer

---@class daytona.options.preview.connect
---@field url string where the server is
---@field path string path in the server, already escaped
---@field query? table<string, any> query parameters; a list repeats its key
---@field headers? table<string, string> headers
---@field subprotocols? string[] what the server may choose from

---@class daytona.options.preview_socket.send
---@field data string message
---@field kind? string default text where data is UTF-8, else binary

---@class daytona.options.loop.map
---@field concurrency? integer how many at once, default 10

---@class daytona.options.sandbox.start: daytona.options
---@field wait? boolean false: return at once instead of waiting for the state (default true)

---@class daytona.options.sandbox.stop: daytona.options
---@field force? boolean kill instead of asking processes to end
---@field wait? boolean false: return at once instead of waiting for the state (default true)

---@class daytona.options.sandbox.archive: daytona.options

---@class daytona.options.sandbox.set_public: daytona.options

---@class daytona.options.sandbox.set_auto_stop_interval: daytona.options

---@class daytona.options.sandbox.set_auto_archive_interval: daytona.options

---@class daytona.options.sandbox.set_auto_delete_interval: daytona.options

---@class daytona.options.sandbox.refresh_activity: daytona.options

---@class daytona.options.sandbox.get_preview_link: daytona.options

---@class daytona.options.sandbox.create_signed_preview_url: daytona.options
---@field expires_in_seconds? integer how long the URL is good, default 60

---@class daytona.options.sandbox.expire_signed_preview_url: daytona.options

---@class daytona.options.sandbox.rotate_signing_key: daytona.options

---@class daytona.options.sandbox.pause: daytona.options
---@field wait? boolean false: return at once instead of waiting for the state (default true)

---@class daytona.options.sandbox.resize: daytona.options
---@field cpu? integer cores
---@field memory? integer GiB
---@field disk? integer GiB
---@field wait? boolean false: return at once instead of waiting for the state (default true)

---@class daytona.options.sandbox.fork: daytona.options
---@field name? string name of the new sandbox; default its id
---@field wait? boolean false: return at once instead of waiting for the state (default true)

---@class daytona.options.sandbox.create_snapshot: daytona.options
---@field include_memory? boolean also what is in memory
---@field wait? boolean false: return at once instead of waiting for the state (default true)

---@class daytona.options.sandbox.create_backup: daytona.options

---@class daytona.options.sandbox.get_forks: daytona.options
---@field include_destroyed? boolean also those that are gone

---@class daytona.options.sandbox.get_parent: daytona.options

---@class daytona.options.sandbox.get_ancestors: daytona.options

---@class daytona.options.sandbox.set_auto_pause_interval: daytona.options

---@class daytona.options.sandbox.set_ttl: daytona.options

---@class daytona.options.sandbox.update_network_settings: daytona.options
---@field network_block_all? boolean no network at all
---@field network_allow_list? string comma-separated CIDRs
---@field domain_allow_list? string comma-separated domains

---@class daytona.options.sandbox.update_secrets: daytona.options

---@class daytona.options.sandbox.create_ssh_access: daytona.options
---@field expires_in_minutes? integer how long it is good, default 60

---@class daytona.options.sandbox.revoke_ssh_access: daytona.options

---@class daytona.options.sandbox.validate_ssh_access: daytona.options

---@class daytona.options.sandbox.get_metrics: daytona.options
---@field metric_names? string[] only these; default all

---@class daytona.options.sandbox.get_work_dir: daytona.options

---@class daytona.options.sandbox.get_user_home_dir: daytona.options

---@class daytona.options.sandbox.is_port_in_use: daytona.options

---@class daytona.options.sandbox.list_ports: daytona.options

---@class daytona.options.sandbox.get_metrics_latest: daytona.options

---@class daytona.options.sandbox.update_env: daytona.options
---@field unset? string[] names of variables to take away
---@field unset_value_prefix? string take away what has a value that begins so

---@class daytona.options.sandbox.get_version: daytona.options

---@class daytona.Sandbox
---@field fs daytona.FileSystem
---@field process daytona.Process
---@field git daytona.Git
---@field computer_use daytona.ComputerUse
---@field start fun(self: daytona.Sandbox, options: daytona.options.sandbox.start?): daytona.Sandbox?, daytona.Error? Starts a stopped or archived sandbox.
---@field stop fun(self: daytona.Sandbox, options: daytona.options.sandbox.stop?): daytona.Sandbox?, daytona.Error? Stops a sandbox; its files stay.
---@field archive fun(self: daytona.Sandbox, options: daytona.options.sandbox.archive?): daytona.Sandbox?, daytona.Error? Moves a stopped sandbox to cheaper storage.
---@field set_public fun(self: daytona.Sandbox, public: boolean, options: daytona.options.sandbox.set_public?): daytona.Sandbox?, daytona.Error? Makes the HTTP preview public or private.
---@field set_auto_stop_interval fun(self: daytona.Sandbox, interval: integer, options: daytona.options.sandbox.set_auto_stop_interval?): daytona.Sandbox?, daytona.Error? Sets the minutes of inactivity after which the sandbox stops, 0: never.
---@field set_auto_archive_interval fun(self: daytona.Sandbox, interval: integer, options: daytona.options.sandbox.set_auto_archive_interval?): daytona.Sandbox?, daytona.Error? Sets the minutes after which a stopped sandbox is archived, 0: the maximum.
---@field set_auto_delete_interval fun(self: daytona.Sandbox, interval: integer, options: daytona.options.sandbox.set_auto_delete_interval?): daytona.Sandbox?, daytona.Error? Sets the minutes after which a stopped sandbox is deleted.
---@field refresh_activity fun(self: daytona.Sandbox, options: daytona.options.sandbox.refresh_activity?): boolean?, daytona.Error? Counts as activity for the auto-stop timer.
---@field get_preview_link fun(self: daytona.Sandbox, port: integer, options: daytona.options.sandbox.get_preview_link?): daytona.preview_link?, daytona.Error? URL and token of an HTTP port of the sandbox.
---@field create_signed_preview_url fun(self: daytona.Sandbox, port: integer, options: daytona.options.sandbox.create_signed_preview_url?): daytona.signed_preview_url?, daytona.Error? A URL of an HTTP port of the sandbox that needs no credential, for a while.
---@field expire_signed_preview_url fun(self: daytona.Sandbox, port: integer, token: string, options: daytona.options.sandbox.expire_signed_preview_url?): boolean?, daytona.Error? Makes a signed preview URL void.
---@field rotate_signing_key fun(self: daytona.Sandbox, options: daytona.options.sandbox.rotate_signing_key?): boolean?, daytona.Error? Makes every file URL that was signed void.
---@field pause fun(self: daytona.Sandbox, options: daytona.options.sandbox.pause?): daytona.Sandbox?, daytona.Error? Pauses a started sandbox, which keeps its memory, and waits until it is paused; start resumes it.
---@field resize fun(self: daytona.Sandbox, options: daytona.options.sandbox.resize?): daytona.Sandbox?, daytona.Error? Changes what the sandbox may use and waits until it is so; less, and the disk, only while it is stopped.
---@field fork fun(self: daytona.Sandbox, options: daytona.options.sandbox.fork?): daytona.Sandbox?, daytona.Error? Makes another sandbox of a started one, with its files and its memory, and waits until it is started.
---@field create_snapshot fun(self: daytona.Sandbox, name: string, options: daytona.options.sandbox.create_snapshot?): daytona.Sandbox?, daytona.Error? Makes a snapshot of the sandbox and waits until that is done.
---@field create_backup fun(self: daytona.Sandbox, options: daytona.options.sandbox.create_backup?): daytona.Sandbox?, daytona.Error? Starts a backup of the sandbox; its field backup_state tells what becomes of it.
---@field get_forks fun(self: daytona.Sandbox, options: daytona.options.sandbox.get_forks?): daytona.Sandbox[]?, daytona.Error? The sandboxes that were forked from it.
---@field get_parent fun(self: daytona.Sandbox, options: daytona.options.sandbox.get_parent?): daytona.Sandbox?, daytona.Error? The sandbox that it was forked from.
---@field get_ancestors fun(self: daytona.Sandbox, options: daytona.options.sandbox.get_ancestors?): daytona.Sandbox[]?, daytona.Error? The sandbox that it was forked from, the one that this was forked from, and so on; the first one first.
---@field set_auto_pause_interval fun(self: daytona.Sandbox, interval: integer, options: daytona.options.sandbox.set_auto_pause_interval?): daytona.Sandbox?, daytona.Error? Sets the minutes of inactivity after which the sandbox pauses, 0: never.
---@field set_ttl fun(self: daytona.Sandbox, ttl_minutes: integer, options: daytona.options.sandbox.set_ttl?): daytona.Sandbox?, daytona.Error? Sets the minutes after which the sandbox is destroyed, whatever it does, 0: never.
---@field update_network_settings fun(self: daytona.Sandbox, options: daytona.options.sandbox.update_network_settings?): daytona.Sandbox?, daytona.Error? Changes what of the network the sandbox reaches.
---@field update_secrets fun(self: daytona.Sandbox, secrets: table<string, string>, options: daytona.options.sandbox.update_secrets?): daytona.Sandbox?, daytona.Error? Replaces the secrets that the sandbox has in its environment.
---@field create_ssh_access fun(self: daytona.Sandbox, options: daytona.options.sandbox.create_ssh_access?): daytona.ssh_access?, daytona.Error? Opens a way by SSH into the sandbox, for a while.
---@field revoke_ssh_access fun(self: daytona.Sandbox, token: string, options: daytona.options.sandbox.revoke_ssh_access?): daytona.Sandbox?, daytona.Error? Ends a way by SSH before its time.
---@field validate_ssh_access fun(self: daytona.Sandbox, token: string, options: daytona.options.sandbox.validate_ssh_access?): daytona.ssh_validation?, daytona.Error? Whether a token of SSH is good, and for which sandbox.
---@field get_metrics fun(self: daytona.Sandbox, from: string, to: string, options: daytona.options.sandbox.get_metrics?): daytona.metric_series[]?, daytona.Error? What the sandbox has used between two points in time.
---@field get_work_dir fun(self: daytona.Sandbox, options: daytona.options.sandbox.get_work_dir?): string?, daytona.Error? The working directory.
---@field get_user_home_dir fun(self: daytona.Sandbox, options: daytona.options.sandbox.get_user_home_dir?): string?, daytona.Error? The user's home directory.
---@field is_port_in_use fun(self: daytona.Sandbox, port: integer, options: daytona.options.sandbox.is_port_in_use?): boolean?, daytona.Error? Whether something in the sandbox listens on the port.
---@field list_ports fun(self: daytona.Sandbox, options: daytona.options.sandbox.list_ports?): integer[]?, daytona.Error? The ports from 3000 to 9999 on which something in the sandbox listens.
---@field get_metrics_latest fun(self: daytona.Sandbox, options: daytona.options.sandbox.get_metrics_latest?): daytona.metrics?, daytona.Error? What the sandbox uses now.
---@field update_env fun(self: daytona.Sandbox, env: table<string, string>, options: daytona.options.sandbox.update_env?): table<string, string>?, daytona.Error? Changes the environment of what is started in the sandbox from now on.
---@field get_version fun(self: daytona.Sandbox, options: daytona.options.sandbox.get_version?): string?, daytona.Error? The version of the toolbox.

---@class daytona.options.client.get_config: daytona.options

---@class daytona.Client
---@field volume daytona.Volume
---@field snapshot daytona.Snapshot
---@field secret daytona.Secret
---@field warm_pool daytona.WarmPool
---@field object_storage daytona.ObjectStorage
---@field region daytona.Region
---@field api_key daytona.ApiKey
---@field organization daytona.Organization
---@field get_config fun(self: daytona.Client, options: daytona.options.client.get_config?): daytona.config?, daytona.Error? The server's configuration: version, default snapshot, limits.

---@class daytona.options.fs.get_file_info: daytona.options

---@class daytona.options.fs.delete_file: daytona.options
---@field recursive? boolean needed for directories

---@class daytona.options.fs.move_file: daytona.options

---@class daytona.options.fs.set_permissions: daytona.options
---@field mode? string octal permissions
---@field owner? string user name or id
---@field group? string group name or id

---@class daytona.options.fs.find_files: daytona.options

---@class daytona.options.fs.replace_in_files: daytona.options

---@class daytona.FileSystem
---@field get_file_info fun(self: daytona.FileSystem, path: string, options: daytona.options.fs.get_file_info?): daytona.file_info?, daytona.Error? Reads the attributes of a file or directory.
---@field delete_file fun(self: daytona.FileSystem, path: string, options: daytona.options.fs.delete_file?): boolean?, daytona.Error? Deletes a file or directory.
---@field move_file fun(self: daytona.FileSystem, source: string, destination: string, options: daytona.options.fs.move_file?): boolean?, daytona.Error? Moves or renames a file or directory.
---@field set_permissions fun(self: daytona.FileSystem, path: string, options: daytona.options.fs.set_permissions?): boolean?, daytona.Error? Sets permissions, owner and group.
---@field find_files fun(self: daytona.FileSystem, path: string, pattern: string, options: daytona.options.fs.find_files?): daytona.match[]?, daytona.Error? Finds lines that contain a text.
---@field replace_in_files fun(self: daytona.FileSystem, files: string[], pattern: string, new_value: string, options: daytona.options.fs.replace_in_files?): daytona.replace_result[]?, daytona.Error? Replaces a text in files.

---@class daytona.options.process.delete_session: daytona.options

---@class daytona.options.process.list_pty_sessions: daytona.options

---@class daytona.options.process.get_pty_session_info: daytona.options

---@class daytona.options.process.resize_pty_session: daytona.options

---@class daytona.options.process.kill_pty_session: daytona.options

---@class daytona.Process
---@field delete_session fun(self: daytona.Process, session_id: string, options: daytona.options.process.delete_session?): boolean?, daytona.Error? Ends a session and everything that runs in it.
---@field list_pty_sessions fun(self: daytona.Process, options: daytona.options.process.list_pty_sessions?): daytona.pty_info[]?, daytona.Error? Lists the terminals whose shells run.
---@field get_pty_session_info fun(self: daytona.Process, session_id: string, options: daytona.options.process.get_pty_session_info?): daytona.pty_info?, daytona.Error? Reads what is known of a terminal.
---@field resize_pty_session fun(self: daytona.Process, session_id: string, cols: integer, rows: integer, options: daytona.options.process.resize_pty_session?): daytona.pty_info?, daytona.Error? Changes the size of a terminal.
---@field kill_pty_session fun(self: daytona.Process, session_id: string, options: daytona.options.process.kill_pty_session?): boolean?, daytona.Error? Ends the shell of a terminal and everything it started.

---@class daytona.options.git.clone: daytona.options
---@field branch? string branch; default the remote's
---@field commit_id? string commit to check out after cloning
---@field username? string for private repositories
---@field password? string password or token for private repositories
---@field insecure_skip_tls? boolean accept any certificate of the git server
---@field depth? integer how many commits of history
---@field submodules? boolean true: with its submodules, and theirs

---@class daytona.options.git.init: daytona.options
---@field bare? boolean true: a repository without files
---@field initial_branch? string name of the first branch; default git's

---@class daytona.options.git.status: daytona.options

---@class daytona.options.git.branches: daytona.options

---@class daytona.options.git.create_branch: daytona.options

---@class daytona.options.git.delete_branch: daytona.options

---@class daytona.options.git.checkout_branch: daytona.options

---@class daytona.options.git.add: daytona.options

---@class daytona.options.git.commit: daytona.options
---@field allow_empty? boolean true: also where nothing is staged

---@class daytona.options.git.history: daytona.options

---@class daytona.options.git.push: daytona.options
---@field username? string for private repositories
---@field password? string password or token for private repositories
---@field branch? string branch; default the current one
---@field remote? string remote; default origin
---@field set_upstream? boolean true: the remote's branch becomes the upstream

---@class daytona.options.git.pull: daytona.options
---@field username? string for private repositories
---@field password? string password or token for private repositories
---@field branch? string branch; default the current one
---@field remote? string remote; default origin

---@class daytona.options.git.reset: daytona.options
---@field mode? string soft, mixed (default), hard, merge or keep
---@field target? string commit; default HEAD
---@field files? string[] only these are taken out of the index

---@class daytona.options.git.restore: daytona.options
---@field staged? boolean in the index
---@field worktree? boolean in the working tree; the default, if staged is not given
---@field source? string commit to take them from; default the index, or HEAD with staged

---@class daytona.options.git.remotes: daytona.options

---@class daytona.options.git.remote_add: daytona.options
---@field fetch? boolean true: fetch from it at once
---@field overwrite? boolean true: in the place of one of that name

---@class daytona.options.git.get_config: daytona.options
---@field scope? string global (default), local (of the repository at path) or system
---@field path? string directory of the repository, for the scope local

---@class daytona.options.git.set_config: daytona.options
---@field scope? string global (default), local (of the repository at path) or system
---@field path? string directory of the repository, for the scope local

---@class daytona.options.git.configure_user: daytona.options
---@field scope? string global (default), local (of the repository at path) or system
---@field path? string directory of the repository, for the scope local

---@class daytona.options.git.dangerously_authenticate: daytona.options
---@field host? string server, perhaps with a port; default github.com
---@field protocol? string https (default) or http

---@class daytona.Git
---@field clone fun(self: daytona.Git, url: string, path: string, options: daytona.options.git.clone?): boolean?, daytona.Error? Clones a repository; git goes on in the sandbox where the call is cancelled or out of time. With submodules = true theirs come too, by the sandbox's own git, which tells the name and the password to the server of the url alone; where they fail the clone stays. Where a server knows no depth, the sandbox's git cuts the history afterwards, if it is there.
---@field init fun(self: daytona.Git, path: string, options: daytona.options.git.init?): boolean?, daytona.Error? Makes a repository; one that is there stays.
---@field status fun(self: daytona.Git, path: string, options: daytona.options.git.status?): daytona.git_status?, daytona.Error? What differs from the last commit, and from the upstream.
---@field branches fun(self: daytona.Git, path: string, options: daytona.options.git.branches?): daytona.git_branches?, daytona.Error? The local branches.
---@field create_branch fun(self: daytona.Git, path: string, name: string, options: daytona.options.git.create_branch?): boolean?, daytona.Error? Makes a branch at the current commit and checks it out.
---@field delete_branch fun(self: daytona.Git, path: string, name: string, options: daytona.options.git.delete_branch?): boolean?, daytona.Error? Deletes a local branch, merged or not; there need not be one.
---@field checkout_branch fun(self: daytona.Git, path: string, branch: string, options: daytona.options.git.checkout_branch?): boolean?, daytona.Error? Checks a branch or a commit out; with a commit, the head is detached.
---@field add fun(self: daytona.Git, path: string, files: string[], options: daytona.options.git.add?): boolean?, daytona.Error? Stages files for the next commit.
---@field commit fun(self: daytona.Git, path: string, message: string, author: string, email: string, options: daytona.options.git.commit?): daytona.git_commit?, daytona.Error? Commits what is staged.
---@field history fun(self: daytona.Git, path: string, options: daytona.options.git.history?): daytona.git_commit_info[]?, daytona.Error? The commits that lead to the current one, the last first.
---@field push fun(self: daytona.Git, path: string, options: daytona.options.git.push?): boolean?, daytona.Error? Brings the branch's commits to the remote.
---@field pull fun(self: daytona.Git, path: string, options: daytona.options.git.pull?): boolean?, daytona.Error? Fetches from the remote and goes forward to its branch.
---@field reset fun(self: daytona.Git, path: string, options: daytona.options.git.reset?): boolean?, daytona.Error? Sets the branch to a commit, and the index and the working tree as the mode says.
---@field restore fun(self: daytona.Git, path: string, files: string[], options: daytona.options.git.restore?): boolean?, daytona.Error? Brings files back as they were.
---@field remotes fun(self: daytona.Git, path: string, options: daytona.options.git.remotes?): daytona.git_remote[]?, daytona.Error? The remotes.
---@field remote_add fun(self: daytona.Git, path: string, name: string, url: string, options: daytona.options.git.remote_add?): boolean?, daytona.Error? Adds a remote.
---@field get_config fun(self: daytona.Git, key: string, options: daytona.options.git.get_config?): string?, daytona.Error? Reads a setting of git; nil without an error where it is not set.
---@field set_config fun(self: daytona.Git, key: string, value: string, options: daytona.options.git.set_config?): boolean?, daytona.Error? Sets a setting of git.
---@field configure_user fun(self: daytona.Git, name: string, email: string, options: daytona.options.git.configure_user?): boolean?, daytona.Error? Sets the name and the email address of commits.
---@field dangerously_authenticate fun(self: daytona.Git, username: string, password: string, options: daytona.options.git.dangerously_authenticate?): boolean?, daytona.Error? Stores a name and a password for a git server in the sandbox, readable by everything that runs in it.

---@class daytona.options.lsp.start: daytona.options

---@class daytona.options.lsp.stop: daytona.options

---@class daytona.options.lsp.did_open: daytona.options

---@class daytona.options.lsp.did_close: daytona.options

---@class daytona.options.lsp.document_symbols: daytona.options

---@class daytona.options.lsp.sandbox_symbols: daytona.options

---@class daytona.lsp_completion_context
---@field trigger_kind integer 1: asked for, 2: by a character, 3: again
---@field trigger_character string that character

---@class daytona.options.lsp.completions: daytona.options
---@field context? daytona.lsp_completion_context why it is asked for

---@class daytona.Lsp
---@field start fun(self: daytona.Lsp, options: daytona.options.lsp.start?): boolean?, daytona.Error? Starts the language server; one that runs stays.
---@field stop fun(self: daytona.Lsp, options: daytona.options.lsp.stop?): boolean?, daytona.Error? Stops the language server.
---@field did_open fun(self: daytona.Lsp, path: string, options: daytona.options.lsp.did_open?): boolean?, daytona.Error? Tells the server that a file is open; it gets it as it is now.
---@field did_close fun(self: daytona.Lsp, path: string, options: daytona.options.lsp.did_close?): boolean?, daytona.Error? Tells the server that a file is open no longer.
---@field document_symbols fun(self: daytona.Lsp, path: string, options: daytona.options.lsp.document_symbols?): daytona.lsp_symbol[]?, daytona.Error? The functions, classes and variables of an open file.
---@field sandbox_symbols fun(self: daytona.Lsp, query: string, options: daytona.options.lsp.sandbox_symbols?): daytona.lsp_symbol[]?, daytona.Error? Those of the whole project whose names are like a text.
---@field completions fun(self: daytona.Lsp, path: string, position: daytona.lsp_position, options: daytona.options.lsp.completions?): daytona.lsp_completions?, daytona.Error? What could be typed next at a place of an open file.

---@class daytona.options.computer_use.start: daytona.options

---@class daytona.options.computer_use.stop: daytona.options

---@class daytona.options.computer_use.get_status: daytona.options

---@class daytona.options.computer_use.get_system_status: daytona.options

---@class daytona.options.computer_use.get_process_status: daytona.options

---@class daytona.options.computer_use.restart_process: daytona.options

---@class daytona.options.computer_use.get_process_logs: daytona.options

---@class daytona.options.computer_use.get_process_errors: daytona.options

---@class daytona.ComputerUse
---@field mouse daytona.ComputerUseMouse
---@field keyboard daytona.ComputerUseKeyboard
---@field screenshot daytona.ComputerUseScreenshot
---@field display daytona.ComputerUseDisplay
---@field recording daytona.ComputerUseRecording
---@field accessibility daytona.ComputerUseAccessibility
---@field start fun(self: daytona.ComputerUse, options: daytona.options.computer_use.start?): daytona.desktop_change?, daytona.Error? Starts the desktop.
---@field stop fun(self: daytona.ComputerUse, options: daytona.options.computer_use.stop?): daytona.desktop_change?, daytona.Error? Stops the desktop.
---@field get_status fun(self: daytona.ComputerUse, options: daytona.options.computer_use.get_status?): string?, daytona.Error? How the desktop is.
---@field get_system_status fun(self: daytona.ComputerUse, options: daytona.options.computer_use.get_system_status?): string?, daytona.Error? How the desktop's part of the toolbox is.
---@field get_process_status fun(self: daytona.ComputerUse, process_name: string, options: daytona.options.computer_use.get_process_status?): daytona.desktop_process_status?, daytona.Error? Whether a process of the desktop runs.
---@field restart_process fun(self: daytona.ComputerUse, process_name: string, options: daytona.options.computer_use.restart_process?): daytona.desktop_restart?, daytona.Error? Restarts a process of the desktop.
---@field get_process_logs fun(self: daytona.ComputerUse, process_name: string, options: daytona.options.computer_use.get_process_logs?): daytona.desktop_logs?, daytona.Error? The log of a process of the desktop.
---@field get_process_errors fun(self: daytona.ComputerUse, process_name: string, options: daytona.options.computer_use.get_process_errors?): daytona.desktop_errors?, daytona.Error? Its log of errors.

---@class daytona.options.computer_use.mouse.get_position: daytona.options

---@class daytona.options.computer_use.mouse.move: daytona.options

---@class daytona.options.computer_use.mouse.click: daytona.options
---@field button? string left (default), right or middle
---@field double? boolean true: twice

---@class daytona.options.computer_use.mouse.drag: daytona.options
---@field button? string left (default), right or middle

---@class daytona.options.computer_use.mouse.scroll: daytona.options
---@field amount? integer steps; default 1

---@class daytona.ComputerUseMouse
---@field get_position fun(self: daytona.ComputerUseMouse, options: daytona.options.computer_use.mouse.get_position?): daytona.point?, daytona.Error? Where the pointer is.
---@field move fun(self: daytona.ComputerUseMouse, x: integer, y: integer, options: daytona.options.computer_use.mouse.move?): daytona.point?, daytona.Error? Moves the pointer.
---@field click fun(self: daytona.ComputerUseMouse, x: integer, y: integer, options: daytona.options.computer_use.mouse.click?): daytona.point?, daytona.Error? Clicks.
---@field drag fun(self: daytona.ComputerUseMouse, start_x: integer, start_y: integer, end_x: integer, end_y: integer, options: daytona.options.computer_use.mouse.drag?): daytona.point?, daytona.Error? Drags from one place to another.
---@field scroll fun(self: daytona.ComputerUseMouse, x: integer, y: integer, direction: string, options: daytona.options.computer_use.mouse.scroll?): boolean?, daytona.Error? Scrolls.

---@class daytona.options.computer_use.keyboard.type: daytona.options
---@field delay? integer milliseconds from key to key

---@class daytona.options.computer_use.keyboard.press: daytona.options
---@field modifiers? string[] ctrl, alt, shift, cmd

---@class daytona.options.computer_use.keyboard.hotkey: daytona.options

---@class daytona.ComputerUseKeyboard
---@field type fun(self: daytona.ComputerUseKeyboard, text: string, options: daytona.options.computer_use.keyboard.type?): boolean?, daytona.Error? Types a text.
---@field press fun(self: daytona.ComputerUseKeyboard, key: string, options: daytona.options.computer_use.keyboard.press?): boolean?, daytona.Error? Presses a key.
---@field hotkey fun(self: daytona.ComputerUseKeyboard, keys: string, options: daytona.options.computer_use.keyboard.hotkey?): boolean?, daytona.Error? Presses keys at once.

---@class daytona.options.computer_use.screenshot.take_full_screen: daytona.options
---@field show_cursor? boolean true: with the mouse pointer
---@field destination? string local path of the picture; written completely or not at all

---@class daytona.options.computer_use.screenshot.take_region: daytona.options
---@field show_cursor? boolean true: with the mouse pointer
---@field destination? string local path of the picture; written completely or not at all

---@class daytona.options.computer_use.screenshot.take_compressed: daytona.options
---@field show_cursor? boolean true: with the mouse pointer
---@field format? string png (default), jpeg or webp
---@field quality? integer of a jpeg, 1 to 100
---@field scale? number 0.1 to 1
---@field destination? string local path of the picture; written completely or not at all

---@class daytona.options.computer_use.screenshot.take_compressed_region: daytona.options
---@field show_cursor? boolean true: with the mouse pointer
---@field format? string png (default), jpeg or webp
---@field quality? integer of a jpeg, 1 to 100
---@field scale? number 0.1 to 1
---@field destination? string local path of the picture; written completely or not at all

---@class daytona.ComputerUseScreenshot
---@field take_full_screen fun(self: daytona.ComputerUseScreenshot, options: daytona.options.computer_use.screenshot.take_full_screen?): daytona.screenshot?, daytona.Error? A picture of the screen, PNG.
---@field take_region fun(self: daytona.ComputerUseScreenshot, x: integer, y: integer, width: integer, height: integer, options: daytona.options.computer_use.screenshot.take_region?): daytona.screenshot?, daytona.Error? A picture of a part of the screen, PNG.
---@field take_compressed fun(self: daytona.ComputerUseScreenshot, options: daytona.options.computer_use.screenshot.take_compressed?): daytona.screenshot?, daytona.Error? A picture of the screen, smaller.
---@field take_compressed_region fun(self: daytona.ComputerUseScreenshot, x: integer, y: integer, width: integer, height: integer, options: daytona.options.computer_use.screenshot.take_compressed_region?): daytona.screenshot?, daytona.Error? A picture of a part of the screen, smaller.

---@class daytona.options.computer_use.display.get_info: daytona.options

---@class daytona.options.computer_use.display.get_windows: daytona.options

---@class daytona.ComputerUseDisplay
---@field get_info fun(self: daytona.ComputerUseDisplay, options: daytona.options.computer_use.display.get_info?): daytona.display[]?, daytona.Error? The displays.
---@field get_windows fun(self: daytona.ComputerUseDisplay, options: daytona.options.computer_use.display.get_windows?): daytona.window[]?, daytona.Error? The windows.

---@class daytona.options.computer_use.recording.start: daytona.options
---@field label? string part of the file's name

---@class daytona.options.computer_use.recording.stop: daytona.options

---@class daytona.options.computer_use.recording.list: daytona.options

---@class daytona.options.computer_use.recording.get: daytona.options

---@class daytona.options.computer_use.recording.delete: daytona.options

---@class daytona.options.computer_use.recording.download: daytona.options

---@class daytona.ComputerUseRecording
---@field start fun(self: daytona.ComputerUseRecording, options: daytona.options.computer_use.recording.start?): daytona.recording?, daytona.Error? Begins to record the screen.
---@field stop fun(self: daytona.ComputerUseRecording, id: string, options: daytona.options.computer_use.recording.stop?): daytona.recording?, daytona.Error? Ends a recording.
---@field list fun(self: daytona.ComputerUseRecording, options: daytona.options.computer_use.recording.list?): daytona.recording[]?, daytona.Error? The recordings.
---@field get fun(self: daytona.ComputerUseRecording, id: string, options: daytona.options.computer_use.recording.get?): daytona.recording?, daytona.Error? A recording.
---@field delete fun(self: daytona.ComputerUseRecording, id: string, options: daytona.options.computer_use.recording.delete?): boolean?, daytona.Error? Deletes a recording.
---@field download fun(self: daytona.ComputerUseRecording, id: string, destination: string, options: daytona.options.computer_use.recording.download?): integer?, daytona.Error? Downloads a recording, MP4.

---@class daytona.options.computer_use.accessibility.get_tree: daytona.options
---@field scope? string focused (default), pid or all
---@field pid? integer process id, for the scope pid
---@field max_depth? integer levels; 0: the root alone, -1 (default): all

---@class daytona.options.computer_use.accessibility.find_nodes: daytona.options
---@field scope? string focused (default), pid or all
---@field pid? integer process id, for the scope pid
---@field role? string role
---@field name? string name
---@field name_match? string exact, substring or regex
---@field states? string[] states that all must be there
---@field limit? integer most nodes

---@class daytona.options.computer_use.accessibility.focus_node: daytona.options

---@class daytona.options.computer_use.accessibility.invoke_node: daytona.options
---@field action? string one of the node's actions; default the first

---@class daytona.options.computer_use.accessibility.set_node_value: daytona.options

---@class daytona.ComputerUseAccessibility
---@field get_tree fun(self: daytona.ComputerUseAccessibility, options: daytona.options.computer_use.accessibility.get_tree?): daytona.accessibility_tree?, daytona.Error? What programs show, as a tree.
---@field find_nodes fun(self: daytona.ComputerUseAccessibility, options: daytona.options.computer_use.accessibility.find_nodes?): daytona.accessibility_matches?, daytona.Error? The nodes of the tree that are as said.
---@field focus_node fun(self: daytona.ComputerUseAccessibility, id: string, options: daytona.options.computer_use.accessibility.focus_node?): boolean?, daytona.Error? Gives a node the focus.
---@field invoke_node fun(self: daytona.ComputerUseAccessibility, id: string, options: daytona.options.computer_use.accessibility.invoke_node?): boolean?, daytona.Error? Does what a node is for.
---@field set_node_value fun(self: daytona.ComputerUseAccessibility, id: string, value: string, options: daytona.options.computer_use.accessibility.set_node_value?): boolean?, daytona.Error? Sets the value of a node.

---@class daytona.options.volume.list: daytona.options
---@field include_deleted? boolean true: also deleted ones

---@class daytona.options.volume.get: daytona.options

---@class daytona.options.volume.get_by_id: daytona.options

---@class daytona.options.volume.create: daytona.options
---@field wait? boolean false: return at once instead of waiting for the state (default true)

---@class daytona.options.volume.delete: daytona.options

---@class daytona.Volume
---@field list fun(self: daytona.Volume, options: daytona.options.volume.list?): daytona.volume[]?, daytona.Error? The volumes.
---@field get fun(self: daytona.Volume, name: string, options: daytona.options.volume.get?): daytona.volume?, daytona.Error? Reads a volume by its name.
---@field get_by_id fun(self: daytona.Volume, volume_id: string, options: daytona.options.volume.get_by_id?): daytona.volume?, daytona.Error? Reads a volume by its id.
---@field create fun(self: daytona.Volume, name: string, options: daytona.options.volume.create?): daytona.volume?, daytona.Error? Makes a volume and waits until it is ready.
---@field delete fun(self: daytona.Volume, volume_id: string, options: daytona.options.volume.delete?): boolean?, daytona.Error? Deletes a volume with its files.

---@class daytona.options.snapshot.list: daytona.options
---@field page? integer page, from 1
---@field limit? integer page size, default 100
---@field name? string part of the name
---@field source_sandbox_id? string only those made of this sandbox
---@field sort? string name, state, lastUsedAt (default) or createdAt
---@field order? string desc or asc

---@class daytona.options.snapshot.get: daytona.options

---@class daytona.snapshot_build_request
---@field dockerfile_content string Dockerfile to build from
---@field context_hashes string[] hashes of the build contexts

---@class daytona.options.snapshot.create: daytona.options
---@field image_name? string image of a registry, with a tag other than latest
---@field build_info? daytona.snapshot_build_request declarative build instead of an image
---@field entrypoint? string[] program that its sandboxes start, with its arguments; default the image's
---@field cpu? integer cores
---@field gpu? integer GPUs
---@field gpu_type? string[] kinds of GPU, best first
---@field memory? integer GiB
---@field disk? integer GiB
---@field region_id? string region; default the organization's
---@field sandbox_class? string class of its sandboxes: container, linux-vm, android or windows
---@field wait? boolean false: return at once instead of waiting for the state (default true)

---@class daytona.options.snapshot.delete: daytona.options

---@class daytona.options.snapshot.activate: daytona.options
---@field wait? boolean false: return at once instead of waiting for the state (default true)

---@class daytona.options.snapshot.deactivate: daytona.options

---@class daytona.options.snapshot.get_build_logs_url: daytona.options

---@class daytona.Snapshot
---@field list fun(self: daytona.Snapshot, options: daytona.options.snapshot.list?): fun(): daytona.snapshot? The snapshots.
---@field list_page fun(self: daytona.Snapshot, options: daytona.options.snapshot.list?): daytona.snapshot_page?, daytona.Error? The snapshots.
---@field get fun(self: daytona.Snapshot, snapshot_id: string, options: daytona.options.snapshot.get?): daytona.snapshot?, daytona.Error? Reads a snapshot by id or name.
---@field create fun(self: daytona.Snapshot, name: string, options: daytona.options.snapshot.create?): daytona.snapshot?, daytona.Error? Makes a snapshot of an image or a declarative build and waits until it is active.
---@field delete fun(self: daytona.Snapshot, snapshot_id: string, options: daytona.options.snapshot.delete?): boolean?, daytona.Error? Deletes a snapshot.
---@field activate fun(self: daytona.Snapshot, snapshot_id: string, options: daytona.options.snapshot.activate?): daytona.snapshot?, daytona.Error? Makes an inactive snapshot active again and waits until it is.
---@field deactivate fun(self: daytona.Snapshot, snapshot_id: string, options: daytona.options.snapshot.deactivate?): boolean?, daytona.Error? Makes a snapshot inactive: no sandbox is made of it.
---@field get_build_logs_url fun(self: daytona.Snapshot, snapshot_id: string, options: daytona.options.snapshot.get_build_logs_url?): string?, daytona.Error? Where the log of a snapshot's build is.

---@class daytona.options.secret.list: daytona.options
---@field cursor? string from an earlier page
---@field limit? integer page size, default 100
---@field name? string part of the name
---@field sort? string name, createdAt (default) or updatedAt
---@field order? string desc or asc

---@class daytona.options.secret.get: daytona.options

---@class daytona.options.secret.create: daytona.options
---@field description? string what it is for
---@field hosts? string[] hosts that it may be sent to; default any

---@class daytona.options.secret.update: daytona.options
---@field value? string the new value
---@field description? string what it is for
---@field hosts? string[] hosts that it may be sent to; default any

---@class daytona.options.secret.delete: daytona.options

---@class daytona.Secret
---@field list fun(self: daytona.Secret, options: daytona.options.secret.list?): fun(): daytona.secret? The secrets, without their values.
---@field list_page fun(self: daytona.Secret, options: daytona.options.secret.list?): daytona.secret_page?, daytona.Error? The secrets, without their values.
---@field get fun(self: daytona.Secret, secret_id: string, options: daytona.options.secret.get?): daytona.secret?, daytona.Error? Reads a secret, without its value.
---@field create fun(self: daytona.Secret, name: string, value: string, options: daytona.options.secret.create?): daytona.secret?, daytona.Error? Makes a secret.
---@field update fun(self: daytona.Secret, secret_id: string, options: daytona.options.secret.update?): daytona.secret?, daytona.Error? Changes what is given of a secret.
---@field delete fun(self: daytona.Secret, secret_id: string, options: daytona.options.secret.delete?): boolean?, daytona.Error? Deletes a secret.

---@class daytona.options.warm_pool.list: daytona.options

---@class daytona.options.warm_pool.create: daytona.options
---@field target? string region; default the organization's

---@class daytona.options.warm_pool.update: daytona.options

---@class daytona.options.warm_pool.delete: daytona.options

---@class daytona.WarmPool
---@field list fun(self: daytona.WarmPool, options: daytona.options.warm_pool.list?): daytona.warm_pool[]?, daytona.Error? The warm pools.
---@field create fun(self: daytona.WarmPool, snapshot: string, pool: integer, options: daytona.options.warm_pool.create?): daytona.warm_pool?, daytona.Error? Makes a warm pool: sandboxes that are held ready.
---@field update fun(self: daytona.WarmPool, warm_pool_id: string, pool: integer, options: daytona.options.warm_pool.update?): daytona.warm_pool?, daytona.Error? Sets how many sandboxes a warm pool holds ready.
---@field delete fun(self: daytona.WarmPool, warm_pool_id: string, options: daytona.options.warm_pool.delete?): boolean?, daytona.Error? Deletes a warm pool with the sandboxes in it.

---@class daytona.options.object_storage.get_push_access: daytona.options

---@class daytona.ObjectStorage
---@field get_push_access fun(self: daytona.ObjectStorage, options: daytona.options.object_storage.get_push_access?): daytona.storage_access?, daytona.Error? Credentials, for an hour or so, by which build contexts are uploaded.

---@class daytona.options.region.list: daytona.options

---@class daytona.options.region.list_shared: daytona.options

---@class daytona.options.region.get: daytona.options

---@class daytona.Region
---@field list fun(self: daytona.Region, options: daytona.options.region.list?): daytona.region[]?, daytona.Error? The regions that the organization can use.
---@field list_shared fun(self: daytona.Region, options: daytona.options.region.list_shared?): daytona.region[]?, daytona.Error? The regions that every organization can use.
---@field get fun(self: daytona.Region, region_id: string, options: daytona.options.region.get?): daytona.region?, daytona.Error? Reads a region.

---@class daytona.options.api_key.list: daytona.options

---@class daytona.options.api_key.get_current: daytona.options

---@class daytona.options.api_key.get: daytona.options

---@class daytona.ApiKey
---@field list fun(self: daytona.ApiKey, options: daytona.options.api_key.list?): daytona.api_key[]?, daytona.Error? The API keys, most of each hidden.
---@field get_current fun(self: daytona.ApiKey, options: daytona.options.api_key.get_current?): daytona.api_key?, daytona.Error? The API key that the client has: what it may do, when it ends.
---@field get fun(self: daytona.ApiKey, name: string, options: daytona.options.api_key.get?): daytona.api_key?, daytona.Error? Reads an API key.

---@class daytona.options.organization.list: daytona.options

---@class daytona.options.organization.get: daytona.options

---@class daytona.options.organization.get_usage: daytona.options

---@class daytona.options.organization.get_gpu_capacity: daytona.options

---@class daytona.Organization
---@field list fun(self: daytona.Organization, options: daytona.options.organization.list?): daytona.organization[]?, daytona.Error? The organizations of the user; only with a JWT.
---@field get fun(self: daytona.Organization, organization_id: string, options: daytona.options.organization.get?): daytona.organization?, daytona.Error? Reads an organization; only with a JWT.
---@field get_usage fun(self: daytona.Organization, organization_id: string, options: daytona.options.organization.get_usage?): daytona.organization_usage?, daytona.Error? What an organization uses, and may use; only with a JWT.
---@field get_gpu_capacity fun(self: daytona.Organization, organization_id: string, options: daytona.options.organization.get_gpu_capacity?): daytona.gpu_capacity?, daytona.Error? How many GPUs are free for an organization.

