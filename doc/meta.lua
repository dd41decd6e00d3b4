---@meta
-- Made by `make doc` from the operations table; do not edit.

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
---@field image? string image of a registry, like debian:12, instead of a snapshot
---@field dockerfile? string text of a Dockerfile to build instead of a snapshot
---@field build_info? daytona.build_info declarative build instead of a snapshot
---@field on_build_log? any function called with what the build prints, as it comes: bytes
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

---@class daytona.options.sandbox.start
---@field sandbox_id string id or name of the sandbox
---@field wait? boolean false: return at once instead of waiting for the state (default true)

---@class daytona.options.sandbox.stop
---@field sandbox_id string id or name of the sandbox
---@field force? boolean kill instead of asking processes to end
---@field wait? boolean false: return at once instead of waiting for the state (default true)

---@class daytona.options.sandbox.delete
---@field sandbox_id string id or name of the sandbox
---@field wait? boolean false: return at once instead of waiting for the state (default true)

---@class daytona.options.sandbox.archive
---@field sandbox_id string id or name of the sandbox

---@class daytona.options.sandbox.recover
---@field sandbox_id string id or name of the sandbox
---@field skip_start? boolean leave it stopped
---@field wait? boolean false: return at once instead of waiting for the state (default true)

---@class daytona.options.sandbox.set_labels
---@field sandbox_id string id or name of the sandbox
---@field labels table<string, string> all labels; others are removed

---@class daytona.labels
---@field labels table<string, string> all labels

---@class daytona.options.sandbox.set_public
---@field sandbox_id string id or name of the sandbox
---@field public boolean is the HTTP preview public

---@class daytona.options.sandbox.set_auto_stop_interval
---@field sandbox_id string id or name of the sandbox
---@field interval integer minutes

---@class daytona.options.sandbox.set_auto_archive_interval
---@field sandbox_id string id or name of the sandbox
---@field interval integer minutes

---@class daytona.options.sandbox.set_auto_delete_interval
---@field sandbox_id string id or name of the sandbox
---@field interval integer minutes after stop, negative: never, 0: at once

---@class daytona.options.sandbox.refresh_activity
---@field sandbox_id string id of the sandbox

---@class daytona.options.sandbox.get_preview_link
---@field sandbox_id string id or name of the sandbox
---@field port integer port in the sandbox

---@class daytona.preview_link
---@field sandbox_id string id of the sandbox
---@field url string URL of the port
---@field token string goes into the header x-daytona-preview-token

---@class daytona.options.sandbox.create_signed_preview_url
---@field sandbox_id string id or name of the sandbox
---@field port integer port in the sandbox
---@field expires_in_seconds? integer how long the URL is good, default 60

---@class daytona.signed_preview_url
---@field sandbox_id string id of the sandbox
---@field port integer port in the sandbox
---@field url string URL of the port, which needs no credential
---@field token string names the URL to expire_signed_preview_url

---@class daytona.options.sandbox.expire_signed_preview_url
---@field sandbox_id string id or name of the sandbox
---@field port integer port in the sandbox
---@field token string what create_signed_preview_url gave

---@class daytona.options.sandbox.get_signing_key
---@field sandbox_id string id of the sandbox

---@class daytona.options.sandbox.rotate_signing_key
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

---@class daytona.options.fs.get_file_info
---@field path string path in the sandbox, absolute or relative to the working directory

---@class daytona.options.fs.create_folder
---@field path string path in the sandbox, absolute or relative to the working directory
---@field mode string octal permissions, default 755

---@class daytona.options.fs.delete_file
---@field path string path in the sandbox, absolute or relative to the working directory
---@field recursive? boolean needed for directories

---@class daytona.options.fs.move_file
---@field source string path
---@field destination string new path, which must not exist

---@class daytona.options.fs.set_permissions
---@field path string path in the sandbox, absolute or relative to the working directory
---@field mode? string octal permissions
---@field owner? string user name or id
---@field group? string group name or id

---@class daytona.options.fs.find_files
---@field path string path in the sandbox, absolute or relative to the working directory
---@field pattern string plain text to look for

---@class daytona.match
---@field file string path
---@field line integer line number from 1
---@field content string the line

---@class daytona.options.fs.search_files
---@field path string path in the sandbox, absolute or relative to the working directory
---@field pattern string glob for the base name

---@class daytona.search_result
---@field files string[] paths

---@class daytona.options.fs.replace_in_files
---@field files string[] paths
---@field pattern string plain text to replace
---@field new_value string text in its place

---@class daytona.replace_result
---@field file string path
---@field success boolean was it changed or had nothing to change
---@field error string why not

---@class daytona.options.fs.upload_file
---@field destination string path in the sandbox
---@field on_progress? any function(done, total), called as bytes move; total nil: not known; false given back cancels
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
---@field on_progress? any function(done, total), called as bytes move; total nil: not known; false given back cancels
---@field beneath? string local directory that files are relative to; no symbolic link below it is followed

---@class daytona.options.fs.upload_raw
---@field destination string path in the sandbox
---@field on_progress? any function(done, total), called as bytes move; total nil: not known; false given back cancels
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
---@field on_progress? any function(done, total), called as bytes move; total nil: not known; false given back cancels
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
---@field on_progress? any function(done, total), called as bytes move; total nil: not known; false given back cancels
---@field beneath? string local directory that destinations are relative to; no symbolic link below it is followed, and files get mode 0600

---@class daytona.options.git.clone
---@field url string repository
---@field path string directory in the sandbox
---@field branch? string branch; default the remote's
---@field commit_id? string commit to check out after cloning
---@field username? string for private repositories
---@field password? string password or token for private repositories
---@field insecure_skip_tls? boolean accept any certificate of the git server
---@field depth? integer how many commits of history

---@class daytona.directory
---@field dir string absolute path

---@class daytona.options.sandbox.is_port_in_use
---@field port integer port in the sandbox

---@class daytona.port_use
---@field is_in_use boolean does something listen on it

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

---@class daytona.options.process.delete_session
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
---@field on_stdout? any function called with each chunk of standard output
---@field on_stderr? any function called with each chunk of standard error
---@field utf8? boolean true: no chunk ends in the middle of a character
---@field keep_awake? boolean true: counts as activity of the sandbox while the call waits
---@field cursor? string where an earlier call ended
---@field follow boolean set by the library

---@class daytona.options.command.follow_entrypoint
---@field on_stdout? any function called with each chunk of standard output
---@field on_stderr? any function called with each chunk of standard error
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

---@class daytona.options.process.get_pty_session_info
---@field session_id string id of the session

---@class daytona.options.process.resize_pty_session
---@field session_id string id of the session
---@field cols integer cols
---@field rows integer rows

---@class daytona.options.process.kill_pty_session
---@field session_id string id of the session

---@class daytona.options.pty.wait
---@field on_data? any function called with each chunk of output

---@class daytona.options.code_interpreter.run_code
---@field code string Python
---@field context? any context or its id; default the sandbox's own
---@field on_stdout? any function called with what is printed
---@field on_stderr? any function called with what goes to standard error
---@field on_error? any function called with the exception that ends the code
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
---@field on_stdout? any function called with each chunk of standard output
---@field on_stderr? any function called with each chunk of standard error
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
---@field on_stdout? any function called with each chunk of standard output
---@field on_stderr? any function called with each chunk of standard error
---@field utf8? boolean true: no chunk ends in the middle of a character
---@field keep_awake? boolean true: counts as activity of the sandbox while the call waits
---@field max_output? integer most bytes to keep in memory, default 64 MiB (for each stream)
---@field check? boolean true: an exit code other than 0 is an error of kind "exit"

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
---@field on_request? any function called with every attempt sent; its argument: see daytona.Event
---@field on_response? any function called with the outcome of every attempt
---@field on_retry? any function called before the wait for another attempt
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
---@field on_progress? any function(done, total) of bytes; false given back cancels

---@class daytona.options.fs.download_dir
---@field remote_dir string directory in the sandbox
---@field local_dir string local directory, made if it is not there
---@field concurrency? integer requests at once where the host has tasks, default 4
---@field checksum? boolean true: report the SHA-256 of every file, each of which is then a request
---@field on_progress? any function(done, total) of bytes; false given back cancels

---@class daytona.options.sandbox.build_log
---@field url string where the log is
---@field follow? boolean true: the log as it grows, until the build has ended
---@field chunk_size? integer bytes of each chunk; none: the whole log

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

