/* The rows of the toolbox, the daemon inside a sandbox. */
#include "parts.h"

/* clang-format off */

#define FILE_PATH {.name = "path", .place = DT_QUERY, .flags = DT_REQUIRED | DT_NONBLANK, \
  .doc = "path in the sandbox, absolute or relative to the working directory"}

static const dt_field dir_fields[] = {{.name = "dir", .flags = DT_SAID, .doc = "absolute path"}, END};
static const dt_shape dir_shape = {"directory", dir_fields};

static const dt_field version_fields[] = {{.name = "version", .flags = DT_SAID, .doc = "version of the toolbox"}, END};
static const dt_shape version_shape = {"version", version_fields};

static const dt_field port_fields[] = {{.name = "is_in_use", .wire = "isInUse", .type = DT_BOOLEAN, .flags = DT_SAID, .doc = "does something listen on it"}, END};
static const dt_shape port_shape = {"port_use", port_fields};
static const dt_field port_params[] = {
  {.name = "port", .type = DT_INTEGER, .place = DT_PATH, .flags = DT_REQUIRED | DT_BOUNDED, .min = 3000, .max = 9999, .doc = "port in the sandbox"}, END
};

static const dt_field exec_fields[] = {
  {.name = "exit_code", .wire = "exitCode", .type = DT_INTEGER, .doc = "exit code; -1: killed by a signal or not started"},
  {.name = "code", .type = DT_INTEGER, .doc = "exit code as old servers name it"},
  {.name = "result", .doc = "standard output and standard error, combined"},
  END
};
static const dt_shape exec_shape = {"command_result", exec_fields};

static const dt_field element_fields[] = {
  {.name = "label", .doc = "label"},
  {.name = "points", .type = DT_ANY, .doc = "list of {x, y}"},
  {.name = "value", .type = DT_ANY, .doc = "bar value"},
  {.name = "outliers", .type = DT_NUMBER, .many = DT_LIST, .doc = "outliers of a box"},
  END
};
static const dt_shape element_shape = {"chart_element", element_fields};
static const dt_field chart_fields[] = {
  {.name = "type", .doc = "line, scatter, bar, pie, box_and_whisker, composite_chart or unknown"},
  {.name = "title", .doc = "title"},
  {.name = "png", .doc = "picture, base64"},
  {.name = "elements", .type = DT_OBJECT, .many = DT_LIST, .with.shape = &element_shape, .doc = "what is drawn"},
  END
};
static const dt_shape chart_shape = {"chart", chart_fields};
static const dt_field artifact_fields[] = {
  {.name = "charts", .type = DT_OBJECT, .many = DT_LIST, .with.shape = &chart_shape, .doc = "charts shown by the code"}, END
};
static const dt_shape artifact_shape = {"artifacts", artifact_fields};
static const dt_field code_fields[] = {
  {.name = "exit_code", .wire = "exitCode", .type = DT_INTEGER, .doc = "exit code; -1: killed by a signal or not started"},
  {.name = "code", .type = DT_INTEGER, .doc = "exit code as old servers name it"},
  {.name = "result", .doc = "standard output and standard error, combined"},
  {.name = "artifacts", .type = DT_OBJECT, .with.shape = &artifact_shape, .doc = "what the code made besides text"},
  END
};
static const dt_shape code_shape = {"code_result", code_fields};

static const dt_field file_fields[] = {
  {.name = "name", .doc = "base name"},
  {.name = "path", .doc = "full path"},
  {.name = "is_dir", .wire = "isDir", .type = DT_BOOLEAN, .doc = "is it a directory"},
  {.name = "size", .type = DT_INTEGER, .doc = "bytes"},
  {.name = "mode", .doc = "like -rw-r--r--"},
  {.name = "permissions", .doc = "octal, like 0644"},
  {.name = "owner", .doc = "user id"},
  {.name = "group", .doc = "group id"},
  {.name = "mod_time", .wire = "modTime", .doc = "time of the last change as text, deprecated"},
  {.name = "modified_at", .wire = "modifiedAt", .flags = DT_NULLABLE, .doc = "time of the last change, RFC 3339"},
  END
};
static const dt_shape file_shape = {"file_info", file_fields};

static const dt_field uploaded_fields[] = {
  {.name = "path", .doc = "path written"},
  {.name = "bytes", .type = DT_INTEGER, .doc = "bytes written"},
  END
};
static const dt_shape uploaded_shape = {"uploaded_file", uploaded_fields};
static const dt_field uploads_fields[] = {
  {.name = "files", .type = DT_OBJECT, .many = DT_LIST, .with.shape = &uploaded_shape, .doc = "files written"}, END
};
static const dt_shape uploads_shape = {"upload_result", uploads_fields};
static const dt_field upload_fields[] = {
  {.name = "name", .doc = "base name"}, {.name = "path", .doc = "path written"}, {.name = "type", .doc = "kind of entry"}, END
};
static const dt_shape upload_shape = {"upload", upload_fields};

static const dt_field match_fields[] = {
  {.name = "file", .flags = DT_THERE, .doc = "path"}, {.name = "line", .type = DT_INTEGER, .doc = "line number from 1"},
  {.name = "content", .doc = "the line"}, END
};
static const dt_shape match_shape = {"match", match_fields};
static const dt_field search_fields[] = {{.name = "files", .many = DT_LIST, .doc = "paths"}, END};
static const dt_shape search_shape = {"search_result", search_fields};
static const dt_field replace_fields[] = {
  {.name = "file", .flags = DT_THERE, .doc = "path"}, {.name = "success", .type = DT_BOOLEAN, .doc = "was it changed or had nothing to change"},
  {.name = "error", .flags = DT_NULLABLE, .doc = "why not"}, END
};
static const dt_shape replace_shape = {"replace_result", replace_fields};

#define SECONDS {.name = "timeout", .type = DT_INTEGER, .flags = DT_BOUNDED, .min = 0, .max = 4294967295.0, \
  .doc = "whole seconds after which the server kills it; none: no limit"}
#define ENV {.name = "env", .wire = "envs", .many = DT_MAP, .flags = DT_SECRET, .doc = "environment variables"}

static const dt_field exec_params[] = {
  {.name = "command", .flags = DT_REQUIRED | DT_NONBLANK, .doc = "shell command"},
  {.name = "cwd", .doc = "directory to run in; default the working directory"},
  ENV, SECONDS, DT_KEEP_AWAKE, END
};
static const dt_field code_params[] = {
  {.name = "code", .flags = DT_REQUIRED, .doc = "program text"},
  {.name = "language", .flags = DT_REQUIRED, .with.values = dt_languages, .doc = "python, javascript or typescript; default the sandbox's"},
  {.name = "argv", .many = DT_LIST, .doc = "arguments of the program"},
  ENV, SECONDS, DT_KEEP_AWAKE, END
};
static const dt_field list_params[] = {
  {.name = "path", .place = DT_QUERY, .doc = "directory; default the working directory"},
  {.name = "depth", .type = DT_INTEGER, .place = DT_QUERY, .flags = DT_BOUNDED, .min = 1, .max = 1000000, .doc = "levels to descend, default 1"},
  END
};
static const dt_field path_params[] = {FILE_PATH, END};
static const dt_field folder_params[] = {
  FILE_PATH, {.name = "mode", .place = DT_QUERY, .flags = DT_REQUIRED, .doc = "octal permissions, default 755"}, END
};
static const dt_field delete_params[] = {
  FILE_PATH, {.name = "recursive", .type = DT_BOOLEAN, .place = DT_QUERY, .doc = "needed for directories"}, END
};
static const dt_field move_params[] = {
  {.name = "source", .place = DT_QUERY, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "path"},
  {.name = "destination", .place = DT_QUERY, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "new path, which must not exist"}, END
};
static const dt_field permission_params[] = {
  FILE_PATH,
  {.name = "mode", .place = DT_QUERY, .doc = "octal permissions"},
  {.name = "owner", .place = DT_QUERY, .doc = "user name or id"},
  {.name = "group", .place = DT_QUERY, .doc = "group name or id"}, END
};
static const dt_field find_params[] = {
  FILE_PATH, {.name = "pattern", .place = DT_QUERY, .flags = DT_REQUIRED, .doc = "plain text to look for"}, END
};
static const dt_field search_params[] = {
  FILE_PATH, {.name = "pattern", .place = DT_QUERY, .flags = DT_REQUIRED, .doc = "glob for the base name"}, END
};
static const dt_field replace_params[] = {
  {.name = "files", .many = DT_LIST, .flags = DT_REQUIRED, .doc = "paths"},
  {.name = "pattern", .flags = DT_REQUIRED, .doc = "plain text to replace"},
  {.name = "new_value", .wire = "newValue", .flags = DT_REQUIRED, .doc = "text in its place"}, END
};
#define PROGRESS {.name = "on_progress", .type = DT_FUNCTION, .place = DT_CALL, .doc = "function(done, total), called as bytes move; total nil: not known; false given back cancels"}
#define CHECKSUM {.name = "checksum", .type = DT_ANY, .place = DT_CALL, .doc = "true: report the SHA-256 of the bytes; a SHA-256 in hexadecimal: fail unless it is that"}
#define BENEATH(what, more) {.name = "beneath", .place = DT_CALL, .doc = "local directory that " what " relative to; no symbolic link below it is followed" more}
#define CONTENT \
  PROGRESS, CHECKSUM, BENEATH("the file is", ""), \
  {.name = "name", .place = DT_CALL, .doc = "the file's name, for a destination that ends in a slash"}, \
  {.name = "mode", .place = DT_CALL, .flags = DT_NONBLANK, .doc = "octal permissions, set by a request of its own"}, \
  {.name = "content", .place = DT_SOURCE, .doc = "the bytes themselves"}, \
  {.name = "file", .place = DT_SOURCE, .doc = "path of a local file"}, \
  {.name = "chunks", .type = DT_BOOLEAN, .place = DT_SOURCE, .doc = "bytes are fed to the request"}, \
  {.name = "size", .type = DT_INTEGER, .place = DT_SOURCE, .flags = DT_BOUNDED, .min = 0, .max = DT_MAX_SIZE, .doc = "how many bytes chunks will bring, if known"}
#define DT_MAX_SIZE 9007199254740991.0
#define DT_HALF_SIZE 4503599627370495.0
static const dt_field upload_params[] = {
  {.name = "destination", .wire = "files[0].path", .place = DT_FORM, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "path in the sandbox"},
  CONTENT, END
};
static const dt_field upload_many_params[] = {
  {.name = "destinations", .wire = "files[0].path", .many = DT_LIST, .place = DT_FORM, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "paths in the sandbox"},
  {.name = "files", .many = DT_LIST, .place = DT_SOURCE, .flags = DT_REQUIRED, .doc = "paths of local files; empty: the content is used"},
  {.name = "contents", .many = DT_LIST, .place = DT_SOURCE, .flags = DT_REQUIRED, .doc = "the bytes themselves"},
  {.name = "sizes", .type = DT_INTEGER, .many = DT_LIST, .place = DT_SOURCE, .flags = DT_REQUIRED | DT_BOUNDED, .min = 0, .max = DT_MAX_SIZE, .doc = "how many bytes each has"},
  PROGRESS, BENEATH("files are", ""), END
};
static const dt_field raw_upload_params[] = {
  {.name = "destination", .wire = "path", .place = DT_QUERY, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "path in the sandbox"},
  CONTENT, END
};
static const dt_field download_params[] = {
  FILE_PATH, {.name = "destination", .place = DT_SINK, .doc = "local path; written completely or not at all"},
  {.name = "offset", .type = DT_INTEGER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 0, .max = DT_HALF_SIZE, .doc = "first byte wanted, from 0"},
  {.name = "length", .type = DT_INTEGER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 1, .max = DT_HALF_SIZE, .doc = "most bytes wanted"},
  PROGRESS, CHECKSUM, BENEATH("the destination is", ", and the file gets mode 0600"), END
};
static const dt_field read_params[] = {
  FILE_PATH,
  {.name = "chunk_size", .type = DT_INTEGER, .place = DT_SINK, .flags = DT_REQUIRED | DT_BOUNDED, .min = 1, .max = 1073741824, .doc = "bytes of each chunk but the last, default 256 KiB"},
  {.name = "offset", .type = DT_INTEGER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 0, .max = DT_HALF_SIZE, .doc = "first byte wanted, from 0"},
  {.name = "length", .type = DT_INTEGER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 1, .max = DT_HALF_SIZE, .doc = "most bytes wanted"},
  END
};
static const dt_field download_many_params[] = {
  {.name = "paths", .many = DT_LIST, .flags = DT_REQUIRED, .doc = "paths in the sandbox"},
  {.name = "destinations", .many = DT_LIST, .place = DT_SINK, .flags = DT_REQUIRED, .doc = "local paths, each written completely or not at all; empty: memory"},
  PROGRESS, BENEATH("destinations are", ", and files get mode 0600"), END
};
static const dt_field ports_fields[] = {{.name = "ports", .type = DT_INTEGER, .many = DT_LIST, .doc = "ports"}, END};
static const dt_shape ports_shape = {"ports", ports_fields};
#define BYTES(of, camel, what) {.name = of, .wire = camel, .type = DT_INTEGER, .doc = what}
static const dt_field metrics_fields[] = {
  {.name = "cpu_count", .wire = "cpuCount", .type = DT_INTEGER, .doc = "cores"},
  {.name = "cpu_used_pct", .wire = "cpuUsedPct", .type = DT_NUMBER, .doc = "percent of them in use"},
  BYTES("mem_total", "memTotal", "bytes"), BYTES("mem_used", "memUsed", "bytes"), BYTES("mem_cache", "memCache", "bytes"),
  BYTES("disk_total", "diskTotal", "bytes"), BYTES("disk_used", "diskUsed", "bytes"), BYTES("disk_free", "diskFree", "bytes"),
  {.name = "timestamp", .doc = "RFC 3339"}, {.name = "timestamp_unix", .wire = "timestampUnix", .type = DT_INTEGER, .doc = "seconds since 1970"},
  END
};
static const dt_shape metrics_shape = {"metrics", metrics_fields};
static const dt_field env_params[] = {
  {.name = "env", .wire = "set", .many = DT_MAP, .flags = DT_REQUIRED | DT_SECRET, .doc = "variables to set"},
  {.name = "unset", .many = DT_LIST, .doc = "names of variables to take away"},
  {.name = "unset_value_prefix", .wire = "unsetValuePrefix", .doc = "take away what has a value that begins so"}, END
};

const dt_operation dt_operations_toolbox[] = {
  {.name = "process.exec", .method = "POST", .plane = DT_TOOLBOX, .path = "/process/execute", .params = exec_params, .flags = DT_BY_HAND | DT_RUNS, .result = OBJECT(exec_shape),
   .doc = "Runs a shell command and waits for its end."},
  {.name = "process.code_run", .method = "POST", .plane = DT_TOOLBOX, .path = "/process/code-run", .params = code_params, .flags = DT_BY_HAND | DT_RUNS, .result = OBJECT(code_shape),
   .doc = "Runs a program text and waits for its end."},
  {.name = "fs.list_files", .method = "GET", .plane = DT_TOOLBOX, .path = "/files", .params = list_params, .flags = DT_BY_HAND | DT_IDEMPOTENT, .result = OBJECTS(file_shape),
   .doc = "Lists a directory, sorted by name."},
  {.name = "fs.get_file_info", .method = "GET", .plane = DT_TOOLBOX, .path = "/files/info", .params = path_params, .flags = DT_IDEMPOTENT, .result = OBJECT(file_shape),
   .doc = "Reads the attributes of a file or directory."},
  {.name = "fs.create_folder", .method = "POST", .plane = DT_TOOLBOX, .path = "/files/folder", .params = folder_params, .flags = DT_BY_HAND | DT_IDEMPOTENT,
   .doc = "Makes a directory and its parents."},
  {.name = "fs.delete_file", .method = "DELETE", .plane = DT_TOOLBOX, .path = "/files", .params = delete_params,
   .doc = "Deletes a file or directory."},
  {.name = "fs.move_file", .method = "POST", .plane = DT_TOOLBOX, .path = "/files/move", .params = move_params,
   .doc = "Moves or renames a file or directory."},
  {.name = "fs.set_permissions", .method = "POST", .plane = DT_TOOLBOX, .path = "/files/permissions", .params = permission_params, .flags = DT_IDEMPOTENT,
   .doc = "Sets permissions, owner and group."},
  {.name = "fs.find_files", .method = "GET", .plane = DT_TOOLBOX, .path = "/files/find", .params = find_params, .flags = DT_IDEMPOTENT, .result = OBJECTS(match_shape),
   .doc = "Finds lines that contain a text."},
  {.name = "fs.search_files", .method = "GET", .plane = DT_TOOLBOX, .path = "/files/search", .params = search_params, .flags = DT_BY_HAND | DT_IDEMPOTENT, .result = OBJECT(search_shape),
   .doc = "Finds files by name."},
  {.name = "fs.replace_in_files", .method = "POST", .plane = DT_TOOLBOX, .path = "/files/replace", .params = replace_params, .flags = DT_RUNS, .result = OBJECTS(replace_shape),
   .doc = "Replaces a text in files."},
  {.name = "fs.upload_file", .method = "POST", .plane = DT_TOOLBOX, .path = "/files/bulk-upload", .params = upload_params, .body = DT_UPLOAD, .flags = DT_BY_HAND | DT_IDEMPOTENT, .result = OBJECT(uploads_shape),
   .doc = "Uploads a file."},
  {.name = "fs.upload_files", .method = "POST", .plane = DT_TOOLBOX, .path = "/files/bulk-upload", .params = upload_many_params, .body = DT_UPLOADS, .flags = DT_BY_HAND | DT_IDEMPOTENT, .result = OBJECT(uploads_shape),
   .doc = "Uploads many files with one request."},
  {.name = "fs.upload_raw", .method = "POST", .plane = DT_TOOLBOX, .path = "/files/upload-v2", .params = raw_upload_params, .body = DT_RAW_BODY, .flags = DT_BY_HAND | DT_IDEMPOTENT, .result = OBJECT(upload_shape), .since = "0.205.0",
   .doc = "Uploads a file as the bare body; keeps white space at the ends of the path."},
  {.name = "fs.download_file", .method = "GET", .plane = DT_TOOLBOX, .path = "/files/download", .params = download_params, .body = DT_DOWNLOAD, .flags = DT_BY_HAND | DT_IDEMPOTENT,
   .doc = "Downloads a file."},
  {.name = "fs.read_file", .method = "GET", .plane = DT_TOOLBOX, .path = "/files/download", .params = read_params, .body = DT_DOWNLOAD, .flags = DT_BY_HAND | DT_IDEMPOTENT,
   .doc = "Downloads a file in chunks."},
  {.name = "fs.download_files", .method = "POST", .plane = DT_TOOLBOX, .path = "/files/bulk-download", .params = download_many_params, .body = DT_PARTS, .flags = DT_BY_HAND | DT_IDEMPOTENT | DT_READS,
   .doc = "Downloads many files with one request."},
  {.name = "sandbox.get_work_dir", .method = "GET", .plane = DT_TOOLBOX, .path = "/work-dir", .flags = DT_IDEMPOTENT, .result = OBJECT(dir_shape), .member = "dir",
   .doc = "The working directory."},
  {.name = "sandbox.get_user_home_dir", .method = "GET", .plane = DT_TOOLBOX, .path = "/user-home-dir", .flags = DT_IDEMPOTENT, .result = OBJECT(dir_shape), .member = "dir",
   .doc = "The user's home directory."},
  {.name = "sandbox.is_port_in_use", .method = "GET", .plane = DT_TOOLBOX, .path = "/port/{port}/in-use", .params = port_params, .flags = DT_IDEMPOTENT, .result = OBJECT(port_shape), .member = "is_in_use",
   .doc = "Whether something in the sandbox listens on the port."},
  {.name = "sandbox.list_ports", .method = "GET", .plane = DT_TOOLBOX, .path = "/port", .flags = DT_IDEMPOTENT, .result = OBJECT(ports_shape), .member = "ports",
   .doc = "The ports from 3000 to 9999 on which something in the sandbox listens."},
  {.name = "sandbox.get_metrics_latest", .method = "GET", .plane = DT_TOOLBOX, .path = "/system/metrics", .flags = DT_IDEMPOTENT, .result = OBJECT(metrics_shape), .since = "0.205.0",
   .doc = "What the sandbox uses now."},
  {.name = "sandbox.update_env", .method = "POST", .plane = DT_TOOLBOX, .path = "/env", .params = env_params, .flags = DT_IDEMPOTENT, .since = "0.205.0",
   .result = {.name = "env", .many = DT_MAP},
   .doc = "Changes the environment of what is started in the sandbox from now on."},
  {.name = "sandbox.get_version", .method = "GET", .plane = DT_TOOLBOX, .path = "/version", .flags = DT_IDEMPOTENT, .result = OBJECT(version_shape), .member = "version",
   .doc = "The version of the toolbox."},
  {.name = NULL}
};
