/* Rows of the Lua layer itself, which checks its own options by them. */
#include "operations.h"

/* clang-format off */
static const dt_field free_params[] = {
  {.name = "method", .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "HTTP method"},
  {.name = "path", .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "path below the base URL, already escaped"},
  {.name = "query", .type = DT_ANY, .many = DT_MAP, .place = DT_CALL, .doc = "query parameters; a list repeats its key"},
  {.name = "body", .type = DT_ANY, .place = DT_CALL, .doc = "a table goes out as JSON, a string as it is"},
  {.name = "headers", .many = DT_MAP, .place = DT_CALL, .doc = "further headers"},
  {.name = "raw", .type = DT_BOOLEAN, .place = DT_CALL, .doc = "true: the answer as a string, whatever it is"},
  {.name = "sandbox", .type = DT_ANY, .place = DT_CALL, .doc = "ask the toolbox of this sandbox instead of the API"},
  {.name = NULL}};

static const dt_field connect_params[] = {
  {.name = "path", .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "path below the base URL, already escaped"},
  {.name = "query", .type = DT_ANY, .many = DT_MAP, .place = DT_CALL, .doc = "query parameters; a list repeats its key"},
  {.name = "subprotocols", .many = DT_LIST, .place = DT_SUBPROTOCOL, .doc = "what the server may choose from"},
  {.name = "sandbox", .type = DT_ANY, .place = DT_CALL, .doc = "connect to the toolbox of this sandbox instead of the API"},
  {.name = NULL}};

#define EXCHANGE_PARAMS                                                                                                  \
  {.name = "url", .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK | DT_LINE, .doc = "where the server is"},         \
  {.name = "path", .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "path in the server, already escaped"},  \
  {.name = "query", .type = DT_ANY, .many = DT_MAP, .place = DT_CALL, .doc = "query parameters; a list repeats its key"},\
  {.name = "headers", .many = DT_MAP, .place = DT_CALL, .doc = "headers"}

static const dt_field exchange_params[] = {
  EXCHANGE_PARAMS,
  {.name = "method", .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "HTTP method"},
  {.name = "body", .type = DT_ANY, .place = DT_CALL, .doc = "a table goes out as JSON, a string as it is"},
  {.name = "chunk_size", .type = DT_INTEGER, .place = DT_SINK, .flags = DT_BOUNDED, .min = 1, .max = 1073741824, .doc = "bytes of each chunk; none: the whole answer"},
  {.name = NULL}};

static const dt_field exchange_connect_params[] = {
  EXCHANGE_PARAMS,
  {.name = "subprotocols", .many = DT_LIST, .place = DT_SUBPROTOCOL, .doc = "what the server may choose from"},
  {.name = NULL}};

static const dt_field new_params[] = {
  {.name = "api_key", .place = DT_CALL, .flags = DT_NONBLANK | DT_LINE | DT_SECRET, .doc = "API key; default DAYTONA_API_KEY"},
  {.name = "jwt_token", .place = DT_CALL, .flags = DT_NONBLANK | DT_LINE | DT_SECRET, .doc = "JWT instead of a key; default DAYTONA_JWT_TOKEN"},
  {.name = "organization_id", .place = DT_CALL, .flags = DT_NONBLANK | DT_LINE, .doc = "needed with a JWT; default DAYTONA_ORGANIZATION_ID"},
  {.name = "api_url", .place = DT_CALL, .flags = DT_NONBLANK | DT_LINE, .doc = "base URL; default DAYTONA_API_URL, else Daytona's cloud"},
  {.name = "target", .place = DT_CALL, .doc = "region of new sandboxes; default DAYTONA_TARGET, else the server's choice"},
  {.name = "connect_timeout", .type = DT_NUMBER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 0, .max = 86400, .doc = "seconds to connect, default 10"},
  {.name = "silence_timeout", .type = DT_NUMBER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 0.0625, .max = 86400, .doc = "seconds after which a silent connection that a call waits on is given up, if nobody answers on it; default 10"},
  {.name = "ca_file", .place = DT_CALL, .doc = "PEM file of certificate authorities to trust instead of the system's; default CURL_CA_BUNDLE or SSL_CERT_FILE"},
  {.name = "max_response", .type = DT_INTEGER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 1024, .max = 9007199254740991.0, .doc = "largest answer kept in memory in bytes, default 64 MiB"},
  {.name = "allow_http", .type = DT_BOOLEAN, .place = DT_CALL, .doc = "send the credential over plain http to other than this machine"},
  {.name = "retry_budget", .type = DT_INTEGER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 0, .max = 1000000, .doc = "retries that the client's failures may cost, default 10; each success earns 0.1 back"},
  {.name = "on_request", .type = DT_FUNCTION, .place = DT_CALL, .doc = "function called with every attempt sent; its argument: see daytona.Event"},
  {.name = "on_response", .type = DT_FUNCTION, .place = DT_CALL, .doc = "function called with the outcome of every attempt"},
  {.name = "on_retry", .type = DT_FUNCTION, .place = DT_CALL, .doc = "function called with every attempt that is sent again; the event is that of the one before"},
  {.name = "host", .type = DT_ANY, .place = DT_CALL, .doc = "how to wait; default daytona.host.plain"},
  {.name = NULL}};

static const dt_field reap_params[] = {
  {.name = "labels", .many = DT_MAP, .place = DT_CALL, .flags = DT_REQUIRED, .doc = "labels that all must be there, at least one"},
  {.name = "older_than", .type = DT_NUMBER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 0, .max = 1e12, .doc = "only those made at least so many seconds ago"},
  {.name = "dry_run", .type = DT_BOOLEAN, .place = DT_CALL, .doc = "true: delete nothing"},
  {.name = NULL}};

#define DIR_PARAMS(from, to, whence, where) \
  {.name = from, .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK, .doc = whence}, \
  {.name = to, .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK, .doc = where}, \
  {.name = "concurrency", .type = DT_INTEGER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 1, .max = 64, .doc = "requests at once where the host has tasks, default 4"}, \
  {.name = "checksum", .type = DT_BOOLEAN, .place = DT_CALL, .doc = "true: report the SHA-256 of every file, each of which is then a request"}, \
  {.name = "on_progress", .type = DT_FUNCTION, .place = DT_CALL, .doc = "function(done, total) of bytes; false given back cancels"}, \
  {.name = NULL}
static const dt_field upload_dir_params[] = {
  DIR_PARAMS("local_dir", "remote_dir", "local directory", "directory in the sandbox, made if it is not there")};
static const dt_field download_dir_params[] = {
  DIR_PARAMS("remote_dir", "local_dir", "directory in the sandbox", "local directory, made if it is not there")};

static const dt_field progress_params[] = {
  {.name = "label", .place = DT_CALL, .flags = DT_LINE, .doc = "what stands before the bar"},
  {.name = "stream", .type = DT_ANY, .place = DT_CALL, .doc = "open file to draw on, default standard error"},
  {.name = "terminal", .type = DT_BOOLEAN, .place = DT_CALL, .doc = "draw or do not, whatever the stream is"},
  {.name = NULL}};

static const dt_field testing_params[] = {
  {.name = "program", .place = DT_CALL, .flags = DT_NONBLANK, .doc = "daytona-local; default DAYTONA_LOCAL, else the one in the PATH"},
  {.name = "as", .place = DT_CALL, .flags = DT_NONBLANK, .doc = "the older server to behave as, v0.190"},
  {.name = "expose", .many = DT_LIST, .place = DT_CALL, .doc = "HOST:PORT of services that sandboxes reach at 127.0.0.1:PORT"},
  {.name = "arguments", .many = DT_LIST, .place = DT_CALL, .doc = "further ones of daytona-local serve"},
  {.name = NULL}};

static const dt_field build_log_params[] = {
  {.name = "url", .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK | DT_LINE, .doc = "where the log is"},
  {.name = "follow", .type = DT_BOOLEAN, .place = DT_QUERY, .doc = "true: the log as it grows, until the build has ended"},
  {.name = "chunk_size", .type = DT_INTEGER, .place = DT_SINK, .flags = DT_BOUNDED, .min = 1, .max = 1073741824, .doc = "bytes of each chunk; none: the whole log"},
  {.name = NULL}};

static const dt_field snapshot_log_params[] = {
  {.name = "snapshot_id", .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "id or name of the snapshot"},
  {.name = "on_log", .type = DT_FUNCTION, .place = DT_CALL, .doc = "function that gets the log in chunks, as it grows"},
  {.name = NULL}};

static const char *const message_kinds[] = {"text", "binary", NULL};
static const dt_field message_params[] = {
  {.name = "data", .place = DT_SOURCE, .flags = DT_REQUIRED, .doc = "message"},
  {.name = "kind", .place = DT_CALL, .with.values = message_kinds, .doc = "default text where data is UTF-8, else binary"},
  {.name = NULL}};

static const dt_field map_params[] = {
  {.name = "concurrency", .type = DT_INTEGER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 1, .max = 1e9, .doc = "how many at once, default 10"},
  {.name = NULL}};

static const dt_field wait_for_params[] = {
  {.name = "state", .place = DT_CALL, .flags = DT_NONBLANK, .doc = "state of the sandbox, like started; deleted: it is gone"},
  {.name = "port", .type = DT_INTEGER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 1, .max = 65535, .doc = "port in the sandbox that takes connections"},
  {.name = "url", .place = DT_CALL, .flags = DT_NONBLANK | DT_LINE, .doc = "HTTP server in the sandbox that answers with success: as it is in there, like http://localhost:3000/health, or a path of the port"},
  {.name = NULL}};

static const dt_field ask_url_params[] = {
  {.name = "url", .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK | DT_LINE, .doc = "where the server is"},
  {.name = "chunk_size", .type = DT_INTEGER, .place = DT_SINK, .flags = DT_BOUNDED, .min = 1, .max = 1073741824, .doc = "bytes of each chunk; none: the whole answer"},
  {.name = NULL}};

const dt_operation dt_operations_local[] = {
  {.name = "client.request", .method = "", .path = "", .params = free_params,
   .doc = "Any endpoint, with the client's credentials, retries and errors."},
  {.name = "client.connect", .method = "", .path = "", .params = connect_params, .body = DT_WEBSOCKET,
   .doc = "Any WebSocket, with the client's credentials."},
  {.name = "client.reap", .method = "", .path = "", .params = reap_params, .doc = "Deletes what was left behind."},
  {.name = "sandbox.ensure_started", .method = "", .path = "", .doc = "Brings it to the state started, from wherever it is."},
  {.name = "daytona.new", .method = "", .path = "", .params = new_params, .flags = DT_READS, .doc = "Makes a client."},
  {.name = "daytona.progress", .method = "", .path = "", .params = progress_params, .flags = DT_READS | DT_ALONE, .doc = "Makes an on_progress for terminals."},
  {.name = "testing.start", .method = "", .path = "", .params = testing_params, .flags = DT_ALONE, .doc = "Starts a daytona-local for a test."},
  {.name = "fs.upload_dir", .method = "", .path = "", .params = upload_dir_params, .doc = "Uploads a directory with all that is in it."},
  {.name = "fs.download_dir", .method = "", .path = "", .params = download_dir_params, .flags = DT_READS, .doc = "Downloads a directory with all that is in it."},
  {.name = "sandbox.build_log", .method = "GET", .plane = DT_ELSEWHERE, .path = "", .params = build_log_params, .body = DT_DOWNLOAD, .flags = DT_IDEMPOTENT,
   .doc = "What the build of the sandbox's image has printed, at the URL that sandbox.get_build_logs_url gives."},
  {.name = "sandbox.build_logs", .method = "", .path = "", .flags = DT_READS, .doc = "Reads the log of the build."},
  {.name = "snapshot.build_logs", .method = "", .path = "", .params = snapshot_log_params, .flags = DT_READS, .doc = "Reads the log of a snapshot's build."},
  {.name = "sandbox.wait_for", .method = "", .path = "", .params = wait_for_params, .flags = DT_READS, .doc = "Waits until it is in a state, or a server in it answers."},
  {.name = "sandbox.ask_url", .method = "GET", .plane = DT_ELSEWHERE, .path = "", .params = ask_url_params, .body = DT_DOWNLOAD, .flags = DT_IDEMPOTENT,
   .header = "Authorization:", /* none: a server in the sandbox gets it */
   .doc = "Asks a server in the sandbox, without a credential."},
  {.name = "preview.request", .method = "", .plane = DT_ELSEWHERE, .path = "", .params = exchange_params, .body = DT_DOWNLOAD, .flags = DT_EXCHANGE,
   .doc = "Asks a server in the sandbox; any answer is the result."},
  {.name = "preview.connect", .method = "", .plane = DT_ELSEWHERE, .path = "", .params = exchange_connect_params, .body = DT_WEBSOCKET, .flags = DT_EXCHANGE,
   .doc = "A WebSocket to a server in the sandbox."},
  {.name = "preview_socket.receive", .method = "", .path = "", .flags = DT_READS, .doc = "The next message of a WebSocket to a server in the sandbox."},
  {.name = "preview_socket.send", .method = "", .path = "", .params = message_params, .doc = "Sends a message to a server in the sandbox."},
  {.name = "loop.map", .method = "", .path = "", .params = map_params, .flags = DT_READS | DT_ALONE, .doc = "Calls a function for each item of a list, several at once."},
  {.name = "sandbox.wait_until_started", .method = "", .path = "", .flags = DT_READS, .doc = "Waits until it is started."},
  {.name = "sandbox.wait_until_stopped", .method = "", .path = "", .flags = DT_READS, .doc = "Waits until it is stopped."},
  {.name = "sandbox.wait_until_deleted", .method = "", .path = "", .flags = DT_READS, .doc = "Waits until it is gone."},
  {.name = NULL}};
/* clang-format on */
