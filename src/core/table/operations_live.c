/* The rows of what lives on in a sandbox: sessions and their commands,
 * terminals, the interpreter. */
#include "parts.h"

/* clang-format off */

#define SESSION {.name = "session_id", .wire = "sessionId", .place = DT_PATH, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "id of the session"}
#define COMMAND {.name = "command_id", .wire = "commandId", .place = DT_PATH, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "id of the command"}
#define COMMAND_PATH "/process/session/{session_id}/command/{command_id}"
#define CHUNK {.name = "chunk_size", .type = DT_INTEGER, .place = DT_SINK, .flags = DT_BOUNDED, .min = 1, .max = 1073741824, .doc = "bytes of each chunk; none: the whole answer"}

/* Servers give this level the log as it is stored, byte by byte and with its
 * markers; newer levels get JSON, which cannot hold every byte. */
#define RAW_LOGS "X-Daytona-SDK-Version: 0.150.0"

static const dt_field command_fields[] = {
  {.name = "id", .doc = "id of the command"},
  {.name = "command", .doc = "shell text"},
  {.name = "exit_code", .wire = "exitCode", .type = DT_INTEGER, .flags = DT_NULLABLE, .doc = "exit code; nil: not known yet"},
  END
};
static const dt_shape command_shape = {"session_command", command_fields};

static const dt_field session_fields[] = {
  {.name = "session_id", .wire = "sessionId", .flags = DT_SAID | DT_ID, .doc = "id of the session"},
  {.name = "commands", .type = DT_OBJECT, .many = DT_LIST, .with.shape = &command_shape, .doc = "what was run in it"},
  END
};
static const dt_shape session_shape = {"session", session_fields};

static const dt_field exec_fields[] = {
  {.name = "command_id", .wire = "cmdId", .flags = DT_SAID | DT_ID, .doc = "id of the command"},
  {.name = "exit_code", .wire = "exitCode", .type = DT_INTEGER, .flags = DT_NULLABLE, .doc = "exit code; nil: it runs on"},
  {.name = "output", .flags = DT_NULLABLE, .doc = "both streams with their markers"},
  {.name = "stdout", .flags = DT_NULLABLE, .doc = "standard output"},
  {.name = "stderr", .flags = DT_NULLABLE, .doc = "standard error"},
  END
};
static const dt_shape exec_shape = {"session_exec_result", exec_fields};

static const dt_field create_params[] = {
  {.name = "session_id", .wire = "sessionId", .flags = DT_REQUIRED | DT_NONBLANK | DT_NEW_ID, .doc = "id of the new session, without a slash"},
  {.name = "cwd", .place = DT_CALL, .doc = "directory that it begins in"},
  {.name = "env", .many = DT_MAP, .place = DT_CALL, .flags = DT_SECRET, .doc = "environment variables of its commands"}, END
};
static const dt_field session_params[] = {SESSION, END};
static const dt_field exec_params[] = {
  SESSION,
  {.name = "command", .flags = DT_REQUIRED | DT_NONBLANK, .doc = "shell text; cd, export and the like last for the commands after it"},
  {.name = "async", .wire = "runAsync", .type = DT_BOOLEAN, .doc = "true: do not wait for its end"},
  {.name = "suppress_input_echo", .wire = "suppressInputEcho", .type = DT_BOOLEAN, .doc = "true: what is sent to it does not show in its output"},
  DT_KEEP_AWAKE, END
};
static const dt_field command_params[] = {SESSION, COMMAND, END};
static const dt_field input_params[] = {
  SESSION, COMMAND,
  {.name = "data", .flags = DT_REQUIRED, .doc = "for its standard input; a missing newline is added by the server"}, END
};
#define CURSOR {.name = "cursor", .place = DT_CALL, .doc = "where an earlier call ended"}
#define LOGS CHUNK, CURSOR, MAX_OUTPUT
#define MAX_OUTPUT {.name = "max_output", .type = DT_INTEGER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 1, .max = 1099511627776, .doc = "most bytes to keep in memory, default 64 MiB (for each stream)"}
#define CALLBACKS \
  {.name = "on_stdout", .type = DT_FUNCTION, .place = DT_CALL, .doc = "function called with each chunk of standard output"}, \
  {.name = "on_stderr", .type = DT_FUNCTION, .place = DT_CALL, .doc = "function called with each chunk of standard error"}, \
  {.name = "utf8", .type = DT_BOOLEAN, .place = DT_CALL, .doc = "true: no chunk ends in the middle of a character"}, \
  DT_KEEP_AWAKE
#define FOLLOW CALLBACKS, CURSOR, \
  {.name = "follow", .type = DT_BOOLEAN, .place = DT_QUERY, .flags = DT_REQUIRED, .doc = "set by the library"}
static const dt_field logs_params[] = {SESSION, COMMAND, LOGS, END};
static const dt_field entrypoint_logs_params[] = {LOGS, END};
static const dt_field follow_params[] = {SESSION, COMMAND, FOLLOW, END};
static const dt_field entrypoint_follow_params[] = {FOLLOW, END};
#define RUN CALLBACKS, MAX_OUTPUT, \
  {.name = "check", .type = DT_BOOLEAN, .place = DT_CALL, .doc = "true: an exit code other than 0 is an error of kind \"exit\""}
#define START \
  {.name = "cwd", .place = DT_CALL, .doc = "directory to run in; default the working directory"}, \
  {.name = "env", .many = DT_MAP, .place = DT_CALL, .flags = DT_SECRET, .doc = "environment variables; they do not show in the list of processes"}, \
  {.name = "stdin", .type = DT_ANY, .place = DT_CALL, .doc = "string: its standard input; none: empty"}
static const dt_field run_params[] = {
  START, RUN,
  {.name = "leave_running", .type = DT_BOOLEAN, .place = DT_CALL, .doc = "true: what the command started and left runs on"}, END
};
static const dt_field start_params[] = {START, END};
static const dt_field wait_params[] = {RUN, END};

static const dt_field pty_fields[] = {
  {.name = "id", .flags = DT_SAID | DT_ID, .doc = "id of the terminal"},
  {.name = "cwd", .doc = "directory in which its shell was started"},
  {.name = "env", .wire = "envs", .many = DT_MAP, .doc = "environment variables that were set"},
  {.name = "cols", .type = DT_INTEGER, .doc = "columns"},
  {.name = "rows", .type = DT_INTEGER, .doc = "rows"},
  {.name = "created_at", .wire = "createdAt", .doc = "RFC 3339"},
  {.name = "active", .type = DT_BOOLEAN, .doc = "does its shell run"},
  {.name = "lazy_start", .wire = "lazyStart", .type = DT_BOOLEAN, .doc = "its shell starts with the first connection"},
  END
};
static const dt_shape pty_shape = {"pty_info", pty_fields};
static const dt_field ptys_fields[] = {
  {.name = "sessions", .type = DT_OBJECT, .many = DT_LIST, .with.shape = &pty_shape, .doc = "terminals"}, END
};
static const dt_shape ptys_shape = {"pty_list", ptys_fields};
static const dt_field pty_created_fields[] = {
  {.name = "session_id", .wire = "sessionId", .flags = DT_SAID | DT_ID, .doc = "id of the terminal"}, END
};
static const dt_shape pty_created_shape = {"pty_created", pty_created_fields};

#define SIZE(of, in, more) {.name = of, .type = DT_INTEGER, .place = in, .flags = DT_BOUNDED | more, .min = 1, .max = 1000, .doc = of}
#define PTY_ID(in) {.name = "id", .place = in, .flags = DT_REQUIRED | DT_NONBLANK | DT_NEW_ID, .doc = "id of the new terminal, without a slash"}
#define PTY_CWD(in) {.name = "cwd", .place = in, .doc = "directory to start in; default the working directory"}
#define SUBPROTOCOLS {.name = "subprotocols", .many = DT_LIST, .place = DT_SUBPROTOCOL, .flags = DT_SECRET, .doc = "set by the library"}
#define ENV(in) {.name = "env", .wire = "envs", .many = DT_MAP, .place = in, .flags = DT_SECRET, .doc = "environment variables"}
static const dt_field create_pty_params[] = {
  PTY_ID(DT_QUERY), SIZE("cols", DT_QUERY, 0), SIZE("rows", DT_QUERY, 0), PTY_CWD(DT_QUERY), ENV(DT_CALL), SUBPROTOCOLS, END
};
static const dt_field create_pty_session_params[] = {
  PTY_ID(DT_BODY), SIZE("cols", DT_BODY, 0), SIZE("rows", DT_BODY, 0), PTY_CWD(DT_BODY), ENV(DT_BODY),
  {.name = "lazy_start", .wire = "lazyStart", .type = DT_BOOLEAN, .doc = "true: its shell starts with the first connection"}, END
};
static const dt_field connect_pty_params[] = {SESSION, SUBPROTOCOLS, END};
static const dt_field resize_params[] = {SESSION, SIZE("cols", DT_BODY, DT_REQUIRED), SIZE("rows", DT_BODY, DT_REQUIRED), END};
static const dt_field pty_wait_params[] = {
  {.name = "on_data", .type = DT_FUNCTION, .place = DT_CALL, .doc = "function called with each chunk of output"}, END
};

static const dt_field context_fields[] = {
  {.name = "id", .flags = DT_SAID | DT_ID, .doc = "id of the context"},
  {.name = "cwd", .doc = "its directory"},
  {.name = "language", .doc = "python"},
  {.name = "active", .type = DT_BOOLEAN, .doc = "can it be used"},
  {.name = "created_at", .wire = "createdAt", .doc = "RFC 3339"},
  END
};
static const dt_shape context_shape = {"code_context", context_fields};
static const dt_field contexts_fields[] = {
  {.name = "contexts", .type = DT_OBJECT, .many = DT_LIST, .with.shape = &context_shape, .doc = "contexts"}, END
};
static const dt_shape contexts_shape = {"code_contexts", contexts_fields};
static const dt_field create_context_params[] = {
  PTY_CWD(DT_BODY), {.name = "language", .doc = "python, the only one"}, END
};
static const dt_field delete_context_params[] = {
  {.name = "context_id", .wire = "id", .place = DT_PATH, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "id of the context"}, END
};
static const dt_field run_code_params[] = {
  {.name = "code", .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "Python"},
  {.name = "context", .type = DT_ANY, .place = DT_CALL, .doc = "context or its id; default the sandbox's own"},
  {.name = "on_stdout", .type = DT_FUNCTION, .place = DT_CALL, .doc = "function called with what is printed"},
  {.name = "on_stderr", .type = DT_FUNCTION, .place = DT_CALL, .doc = "function called with what goes to standard error"},
  {.name = "on_error", .type = DT_FUNCTION, .place = DT_CALL, .doc = "function called with the exception that ends the code"},
  {.name = "timeout", .type = DT_INTEGER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 0, .max = 2147483647, .doc = "whole seconds after which the server interrupts the code, default 600; 0: never"},
  ENV(DT_CALL), MAX_OUTPUT, END
};

const dt_operation dt_operations_live[] = {
  {.name = "process.create_session", .method = "POST", .plane = DT_TOOLBOX, .path = "/process/session", .flags = DT_BY_HAND, .params = create_params,
   .doc = "Starts a session: a shell that keeps its state from command to command."},
  {.name = "process.list_sessions", .method = "GET", .plane = DT_TOOLBOX, .path = "/process/session", .flags = DT_BY_HAND | DT_IDEMPOTENT, .result = OBJECTS(session_shape),
   .doc = "Lists the sessions."},
  {.name = "process.get_entrypoint_session", .method = "GET", .plane = DT_TOOLBOX, .path = "/process/session/entrypoint", .flags = DT_BY_HAND | DT_IDEMPOTENT, .result = OBJECT(session_shape),
   .doc = "Reads the session in which the sandbox's own program runs."},
  {.name = "process.get_session", .method = "GET", .plane = DT_TOOLBOX, .path = "/process/session/{session_id}", .params = session_params, .flags = DT_BY_HAND | DT_IDEMPOTENT, .result = OBJECT(session_shape),
   .doc = "Reads a session."},
  {.name = "process.delete_session", .method = "DELETE", .plane = DT_TOOLBOX, .path = "/process/session/{session_id}", .params = session_params,
   .doc = "Ends a session and everything that runs in it."},
  {.name = "session.exec", .method = "POST", .plane = DT_TOOLBOX, .path = "/process/session/{session_id}/exec", .params = exec_params, .flags = DT_BY_HAND | DT_RUNS, .result = OBJECT(exec_shape),
   .doc = "Runs a command in a session."},
  {.name = "command.status", .method = "GET", .plane = DT_TOOLBOX, .path = COMMAND_PATH, .params = command_params, .flags = DT_BY_HAND | DT_IDEMPOTENT, .result = OBJECT(command_shape),
   .doc = "Reads whether a command has ended."},
  {.name = "command.input", .method = "POST", .plane = DT_TOOLBOX, .path = COMMAND_PATH "/input", .flags = DT_BY_HAND, .params = input_params,
   .doc = "Writes to the standard input of a command."},
  {.name = "command.logs", .method = "GET", .plane = DT_TOOLBOX, .path = COMMAND_PATH "/logs", .params = logs_params, .flags = DT_BY_HAND | DT_IDEMPOTENT, .body = DT_DOWNLOAD, .header = RAW_LOGS,
   .doc = "Reads what a command has printed so far."},
  {.name = "command.entrypoint_logs", .method = "GET", .plane = DT_TOOLBOX, .path = "/process/session/entrypoint/logs", .params = entrypoint_logs_params, .flags = DT_BY_HAND | DT_IDEMPOTENT, .body = DT_DOWNLOAD, .header = RAW_LOGS,
   .doc = "Reads what the sandbox's own program has printed so far."},
  {.name = "command.follow", .method = "GET", .plane = DT_TOOLBOX, .path = COMMAND_PATH "/logs", .params = follow_params, .body = DT_WEBSOCKET, .flags = DT_BY_HAND | DT_IDEMPOTENT | DT_READS,
   .doc = "Follows what a command prints."},
  {.name = "command.follow_entrypoint", .method = "GET", .plane = DT_TOOLBOX, .path = "/process/session/entrypoint/logs", .params = entrypoint_follow_params, .body = DT_WEBSOCKET, .flags = DT_BY_HAND | DT_IDEMPOTENT | DT_READS,
   .doc = "Follows what the sandbox's own program prints."},
  {.name = "process.create_pty", .method = "GET", .plane = DT_TOOLBOX, .path = "/process/pty/create-connect", .flags = DT_BY_HAND, .params = create_pty_params, .body = DT_WEBSOCKET,
   .doc = "Makes a terminal with a shell in it and connects to it."},
  {.name = "process.create_pty_session", .method = "POST", .plane = DT_TOOLBOX, .path = "/process/pty", .flags = DT_BY_HAND, .params = create_pty_session_params, .result = OBJECT(pty_created_shape),
   .doc = "Makes a terminal without connecting to it."},
  {.name = "process.connect_pty", .method = "GET", .plane = DT_TOOLBOX, .path = "/process/pty/{session_id}/connect", .params = connect_pty_params, .body = DT_WEBSOCKET, .flags = DT_BY_HAND | DT_IDEMPOTENT,
   .doc = "Connects to a terminal."},
  {.name = "process.list_pty_sessions", .method = "GET", .plane = DT_TOOLBOX, .path = "/process/pty", .flags = DT_IDEMPOTENT, .result = OBJECT(ptys_shape), .member = "sessions",
   .doc = "Lists the terminals whose shells run."},
  {.name = "process.get_pty_session_info", .method = "GET", .plane = DT_TOOLBOX, .path = "/process/pty/{session_id}", .params = session_params, .flags = DT_IDEMPOTENT, .result = OBJECT(pty_shape),
   .doc = "Reads what is known of a terminal."},
  {.name = "process.resize_pty_session", .method = "POST", .plane = DT_TOOLBOX, .path = "/process/pty/{session_id}/resize", .params = resize_params, .flags = DT_IDEMPOTENT, .result = OBJECT(pty_shape),
   .doc = "Changes the size of a terminal."},
  {.name = "process.kill_pty_session", .method = "DELETE", .plane = DT_TOOLBOX, .path = "/process/pty/{session_id}", .params = session_params,
   .doc = "Ends the shell of a terminal and everything it started."},
  {.name = "pty.read", .method = "", .path = "", .flags = DT_READS, .doc = "Reads what a terminal shows."},
  {.name = "pty.write", .method = "", .path = "", .doc = "Types into a terminal."},
  {.name = "pty.wait", .method = "", .path = "", .params = pty_wait_params, .flags = DT_READS, .doc = "Waits until the shell of a terminal has ended."},
  {.name = "code_interpreter.execute", .method = "GET", .plane = DT_TOOLBOX, .path = "/process/interpreter/execute", .body = DT_WEBSOCKET, .flags = DT_BY_HAND | DT_IDEMPOTENT,
   .doc = "Connects to the interpreter, for one run."},
  {.name = "code_interpreter.run_code", .method = "", .path = "", .params = run_code_params, .doc = "Runs Python and waits for its end."},
  {.name = "code_interpreter.create_context", .method = "POST", .plane = DT_TOOLBOX, .path = "/process/interpreter/context", .flags = DT_BY_HAND, .params = create_context_params, .result = OBJECT(context_shape),
   .doc = "Makes a context: variables and imports of its own."},
  {.name = "code_interpreter.list_contexts", .method = "GET", .plane = DT_TOOLBOX, .path = "/process/interpreter/context", .flags = DT_BY_HAND | DT_IDEMPOTENT, .result = OBJECT(contexts_shape),
   .doc = "Lists the contexts that were made."},
  {.name = "code_interpreter.delete_context", .method = "DELETE", .plane = DT_TOOLBOX, .path = "/process/interpreter/context/{context_id}", .flags = DT_BY_HAND, .params = delete_context_params,
   .doc = "Ends a context, and what runs in it."},
  {.name = "process.run", .method = "", .path = "", .params = run_params, .doc = "Runs a command and gives its streams apart."},
  {.name = "process.start", .method = "", .path = "", .params = start_params, .doc = "Starts a command and gives a handle that lives as long as the command."},
  {.name = "job.wait", .method = "", .path = "", .params = wait_params, .flags = DT_READS, .doc = "Waits for the end of a command that was started."},
  {.name = NULL}
};
