/* The rows of what lives on in a sandbox: sessions and their commands,
** terminals, the interpreter. */
#include "operations.h"

/* clang-format off */

#define END {.name = NULL}
#define OBJECT(of) {.name = "result", .type = DT_OBJECT, .shape = &of}
#define OBJECTS(of) {.name = "result", .type = DT_OBJECT, .many = DT_LIST, .shape = &of}
#define SESSION {.name = "session_id", .wire = "sessionId", .place = DT_PATH, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "id of the session"}
#define COMMAND {.name = "command_id", .wire = "commandId", .place = DT_PATH, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "id of the command"}
#define COMMAND_PATH "/process/session/{session_id}/command/{command_id}"
#define CHUNK {.name = "chunk_size", .type = DT_INTEGER, .place = DT_SINK, .flags = DT_BOUNDED, .min = 1, .max = 1073741824, .doc = "bytes of each chunk; none: the whole answer"}

/* Servers give this level the log as it is stored, byte by byte and with its
** markers; newer levels get JSON, which cannot hold every byte. */
#define RAW_LOGS "X-Daytona-SDK-Version: 0.150.0"

static const dt_field command_fields[] = {
  {.name = "id", .doc = "id of the command"},
  {.name = "command", .doc = "shell text"},
  {.name = "exit_code", .wire = "exitCode", .type = DT_INTEGER, .flags = DT_NULLABLE, .doc = "exit code; nil: not known yet"},
  END
};
static const dt_shape command_shape = {"session_command", command_fields};

static const dt_field session_fields[] = {
  {.name = "session_id", .wire = "sessionId", .doc = "id of the session"},
  {.name = "commands", .type = DT_OBJECT, .many = DT_LIST, .shape = &command_shape, .doc = "what was run in it"},
  END
};
static const dt_shape session_shape = {"session", session_fields};

static const dt_field exec_fields[] = {
  {.name = "command_id", .wire = "cmdId", .doc = "id of the command"},
  {.name = "exit_code", .wire = "exitCode", .type = DT_INTEGER, .flags = DT_NULLABLE, .doc = "exit code; nil: it runs on"},
  {.name = "output", .flags = DT_NULLABLE, .doc = "both streams with their markers"},
  {.name = "stdout", .flags = DT_NULLABLE, .doc = "standard output"},
  {.name = "stderr", .flags = DT_NULLABLE, .doc = "standard error"},
  END
};
static const dt_shape exec_shape = {"session_exec_result", exec_fields};

static const dt_field create_params[] = {
  {.name = "session_id", .wire = "sessionId", .flags = DT_REQUIRED | DT_NONBLANK, .doc = "id of the new session"}, END
};
static const dt_field session_params[] = {SESSION, END};
static const dt_field exec_params[] = {
  SESSION,
  {.name = "command", .flags = DT_REQUIRED | DT_NONBLANK, .doc = "shell text; cd, export and the like last for the commands after it"},
  {.name = "async", .wire = "runAsync", .type = DT_BOOLEAN, .doc = "true: do not wait for its end"},
  {.name = "suppress_input_echo", .wire = "suppressInputEcho", .type = DT_BOOLEAN, .doc = "true: what is sent to it does not show in its output"},
  END
};
static const dt_field command_params[] = {SESSION, COMMAND, END};
static const dt_field input_params[] = {
  SESSION, COMMAND,
  {.name = "data", .flags = DT_REQUIRED, .doc = "for its standard input; a missing newline is added by the server"}, END
};
#define LOGS CHUNK, \
  {.name = "cursor", .place = DT_CALL, .doc = "where an earlier call ended"}, MAX_OUTPUT
#define MAX_OUTPUT {.name = "max_output", .type = DT_INTEGER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 1, .max = 1099511627776, .doc = "most bytes to keep in memory, default 64 MiB (for each stream)"}
#define CALLBACKS \
  {.name = "on_stdout", .type = DT_ANY, .place = DT_CALL, .doc = "function called with each chunk of standard output"}, \
  {.name = "on_stderr", .type = DT_ANY, .place = DT_CALL, .doc = "function called with each chunk of standard error"}, \
  {.name = "utf8", .type = DT_BOOLEAN, .place = DT_CALL, .doc = "true: no chunk ends in the middle of a character"}
#define FOLLOW CALLBACKS, \
  {.name = "follow", .type = DT_BOOLEAN, .place = DT_QUERY, .flags = DT_REQUIRED, .doc = "set by the library"}
static const dt_field logs_params[] = {SESSION, COMMAND, LOGS, END};
static const dt_field entrypoint_logs_params[] = {LOGS, END};
static const dt_field follow_params[] = {SESSION, COMMAND, FOLLOW, END};
static const dt_field entrypoint_follow_params[] = {FOLLOW, END};
#define RUN CALLBACKS, MAX_OUTPUT, \
  {.name = "check", .type = DT_BOOLEAN, .place = DT_CALL, .doc = "true: an exit code other than 0 is an error of kind \"exit\""}
#define START \
  {.name = "cwd", .place = DT_CALL, .doc = "directory to run in; default the working directory"}, \
  {.name = "env", .many = DT_MAP, .place = DT_CALL, .doc = "environment variables; they do not show in the list of processes"}, \
  {.name = "stdin", .type = DT_ANY, .place = DT_CALL, .doc = "string: its standard input; none: empty"}
static const dt_field run_params[] = {START, RUN, END};
static const dt_field start_params[] = {START, END};
static const dt_field wait_params[] = {RUN, END};

const dt_operation dt_operations_live[] = {
  {.name = "process.create_session", .method = "POST", .plane = DT_TOOLBOX, .path = "/process/session", .params = create_params,
   .doc = "Starts a session: a shell that keeps its state from command to command."},
  {.name = "process.list_sessions", .method = "GET", .plane = DT_TOOLBOX, .path = "/process/session", .flags = DT_IDEMPOTENT, .result = OBJECTS(session_shape),
   .doc = "Lists the sessions."},
  {.name = "process.get_entrypoint_session", .method = "GET", .plane = DT_TOOLBOX, .path = "/process/session/entrypoint", .flags = DT_IDEMPOTENT, .result = OBJECT(session_shape),
   .doc = "Reads the session in which the sandbox's own program runs."},
  {.name = "process.get_session", .method = "GET", .plane = DT_TOOLBOX, .path = "/process/session/{session_id}", .params = session_params, .flags = DT_IDEMPOTENT, .result = OBJECT(session_shape),
   .doc = "Reads a session."},
  {.name = "process.delete_session", .method = "DELETE", .plane = DT_TOOLBOX, .path = "/process/session/{session_id}", .params = session_params,
   .doc = "Ends a session and everything that runs in it."},
  {.name = "session.exec", .method = "POST", .plane = DT_TOOLBOX, .path = "/process/session/{session_id}/exec", .params = exec_params, .result = OBJECT(exec_shape),
   .doc = "Runs a command in a session."},
  {.name = "command.status", .method = "GET", .plane = DT_TOOLBOX, .path = COMMAND_PATH, .params = command_params, .flags = DT_IDEMPOTENT, .result = OBJECT(command_shape),
   .doc = "Reads whether a command has ended."},
  {.name = "command.input", .method = "POST", .plane = DT_TOOLBOX, .path = COMMAND_PATH "/input", .params = input_params,
   .doc = "Writes to the standard input of a command."},
  {.name = "command.logs", .method = "GET", .plane = DT_TOOLBOX, .path = COMMAND_PATH "/logs", .params = logs_params, .flags = DT_IDEMPOTENT, .body = DT_DOWNLOAD, .header = RAW_LOGS,
   .doc = "Reads what a command has printed so far."},
  {.name = "command.entrypoint_logs", .method = "GET", .plane = DT_TOOLBOX, .path = "/process/session/entrypoint/logs", .params = entrypoint_logs_params, .flags = DT_IDEMPOTENT, .body = DT_DOWNLOAD, .header = RAW_LOGS,
   .doc = "Reads what the sandbox's own program has printed so far."},
  {.name = "command.follow", .method = "GET", .plane = DT_TOOLBOX, .path = COMMAND_PATH "/logs", .params = follow_params, .flags = DT_IDEMPOTENT, 
   .doc = "Follows what a command prints."},
  {.name = "command.follow_entrypoint", .method = "GET", .plane = DT_TOOLBOX, .path = "/process/session/entrypoint/logs", .params = entrypoint_follow_params, .flags = DT_IDEMPOTENT, 
   .doc = "Follows what the sandbox's own program prints."},
  {.name = "process.run", .method = "", .path = "", .params = run_params, .doc = "Runs a command and gives its streams apart."},
  {.name = "process.start", .method = "", .path = "", .params = start_params, .doc = "Starts a command and gives a handle that lives as long as the command."},
  {.name = "job.wait", .method = "", .path = "", .params = wait_params, .doc = "Waits for the end of a command that was started."},
  {.name = NULL}
};
