/* The rows of sandbox.computer_use: a desktop in the sandbox. */
#include "parts.h"

/* clang-format off */

#define WHOLE(of, on_the_wire, what) {.name = of, .wire = on_the_wire, .type = DT_INTEGER, .doc = what}
#define PIXELS(of, on_the_wire, in, what) {.name = of, .wire = on_the_wire, .type = DT_INTEGER, .place = in, .flags = DT_REQUIRED, .doc = what}
#define AT(in) PIXELS("x", NULL, in, "pixels from the left"), PIXELS("y", NULL, in, "pixels from the top")
#define BUTTON {.name = "button", .doc = "left (default), right or middle"}
#define AREA WHOLE("x", NULL, "pixels from the left"), WHOLE("y", NULL, "pixels from the top"), \
  WHOLE("width", NULL, "pixels"), WHOLE("height", NULL, "pixels")
#define GET(called, to) .name = "computer_use." called, .method = "GET", .plane = DT_TOOLBOX, .path = "/computeruse/" to, .flags = DT_IDEMPOTENT
#define PICTURE(called, to) .name = "computer_use.screenshot." called, .method = "GET", .plane = DT_TOOLBOX, .path = "/computeruse/screenshot" to, \
  .flags = DT_IDEMPOTENT | DT_SAVES, .result = OBJECT(picture_shape)
#define POST(called, to) .name = "computer_use." called, .method = "POST", .plane = DT_TOOLBOX, .path = "/computeruse/" to

static const dt_field process_fields[] = {
  {.name = "running", .type = DT_BOOLEAN, .doc = "does it run"}, WHOLE("priority", NULL, "place in the order of start"),
  {.name = "auto_restart", .wire = "autoRestart", .type = DT_BOOLEAN, .doc = "is it started again when it ends"},
  WHOLE("pid", NULL, "process id"), END
};
static const dt_shape process_shape = {"desktop_process", process_fields};
static const dt_field change_fields[] = {
  {.name = "message", .doc = "what was done"},
  {.name = "status", .type = DT_OBJECT, .many = DT_MAP, .with.shape = &process_shape, .doc = "processes by name: xvfb, xfce4, x11vnc, novnc"}, END
};
static const dt_shape change_shape = {"desktop_change", change_fields};
static const dt_field status_fields[] = {{.name = "status", .flags = DT_SAID, .doc = "active, partial, inactive or error"}, END};
static const dt_shape status_shape = {"desktop_status", status_fields};
static const dt_field name_params[] = {
  {.name = "process_name", .wire = "processName", .place = DT_PATH, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "xvfb, xfce4, x11vnc or novnc"}, END
};
#define PROCESS {.name = "process_name", .wire = "processName", .doc = "name"}
static const dt_field one_fields[] = {PROCESS, {.name = "running", .type = DT_BOOLEAN, .doc = "does it run"}, END};
static const dt_shape one_shape = {"desktop_process_status", one_fields};
static const dt_field restart_fields[] = {PROCESS, {.name = "message", .doc = "what was done"}, END};
static const dt_shape restart_shape = {"desktop_restart", restart_fields};
static const dt_field logs_fields[] = {PROCESS, {.name = "logs", .doc = "what it has printed"}, END};
static const dt_shape logs_shape = {"desktop_logs", logs_fields};
static const dt_field errors_fields[] = {PROCESS, {.name = "errors", .doc = "what it has printed to standard error"}, END};
static const dt_shape errors_shape = {"desktop_errors", errors_fields};

static const dt_field point_fields[] = {WHOLE("x", NULL, "pixels from the left"), WHOLE("y", NULL, "pixels from the top"), END};
static const dt_shape point_shape = {"point", point_fields};
static const dt_field move_params[] = {AT(DT_BODY), END};
static const dt_field click_params[] = {AT(DT_BODY), BUTTON, {.name = "double", .type = DT_BOOLEAN, .doc = "true: twice"}, END};
static const dt_field drag_params[] = {
  PIXELS("start_x", "startX", DT_BODY, "from there"), PIXELS("start_y", "startY", DT_BODY, "from there"),
  PIXELS("end_x", "endX", DT_BODY, "to there"), PIXELS("end_y", "endY", DT_BODY, "to there"), BUTTON, END
};
static const dt_field scroll_params[] = {
  AT(DT_BODY), TEXT("direction", DT_NONBLANK, "up or down"), {.name = "amount", NATURAL, .doc = "steps; default 1"}, END
};
static const dt_field scroll_fields[] = {{.name = "success", .type = DT_BOOLEAN, .flags = DT_SAID, .doc = "was it done"}, END};
static const dt_shape scroll_shape = {"scroll_result", scroll_fields};
static const dt_field type_params[] = {TEXT("text", 0, "text"), {.name = "delay", NATURAL, .doc = "milliseconds from key to key"}, END};
static const dt_field press_params[] = {
  TEXT("key", DT_NONBLANK, "key, like a, Return or F1"), {.name = "modifiers", .many = DT_LIST, .doc = "ctrl, alt, shift, cmd"}, END
};
static const dt_field hotkey_params[] = {TEXT("keys", DT_NONBLANK, "keys at once, like ctrl+c"), END};

#define CURSOR {.name = "show_cursor", .wire = "showCursor", .type = DT_BOOLEAN, .place = DT_QUERY, .doc = "true: with the mouse pointer"}
#define TO_FILE {.name = "destination", .place = DT_SINK, .flags = DT_NONBLANK, .doc = "local path of the picture; written completely or not at all"}
#define COMPRESSED {.name = "format", .place = DT_QUERY, .doc = "png (default), jpeg or webp"}, \
  {.name = "quality", .type = DT_INTEGER, .place = DT_QUERY, .doc = "of a jpeg, 1 to 100"}, \
  {.name = "scale", .type = DT_NUMBER, .place = DT_QUERY, .doc = "0.1 to 1"}
#define REGION AT(DT_QUERY), PIXELS("width", NULL, DT_QUERY, "pixels"), PIXELS("height", NULL, DT_QUERY, "pixels")
static const dt_field screen_params[] = {CURSOR, TO_FILE, END};
static const dt_field region_params[] = {REGION, CURSOR, TO_FILE, END};
static const dt_field compressed_params[] = {CURSOR, COMPRESSED, TO_FILE, END};
static const dt_field small_region_params[] = {REGION, CURSOR, COMPRESSED, TO_FILE, END};
static const dt_field picture_fields[] = {
  {.name = "screenshot", .type = DT_BYTES, .flags = DT_SAID, .doc = "the picture's bytes; with destination how many were written"},
  {.name = "cursor_position", .wire = "cursorPosition", .type = DT_OBJECT, .flags = DT_NULLABLE, .with.shape = &point_shape, .doc = "where the pointer is, if it is shown"},
  WHOLE("size_bytes", "sizeBytes", "size of the picture, if the server says it"), END
};
static const dt_shape picture_shape = {"screenshot", picture_fields};

static const dt_field display_fields[] = {
  WHOLE("id", NULL, "number"), AREA, {.name = "is_active", .wire = "isActive", .type = DT_BOOLEAN, .doc = "is it in use"}, END
};
static const dt_shape display_shape = {"display", display_fields};
static const dt_field displays_fields[] = {{.name = "displays", .type = DT_OBJECT, .many = DT_LIST, .with.shape = &display_shape, .doc = "displays"}, END};
static const dt_shape displays_shape = {"displays", displays_fields};
static const dt_field window_fields[] = {
  WHOLE("id", NULL, "number"), {.name = "title", .doc = "title"}, AREA,
  {.name = "is_active", .wire = "isActive", .type = DT_BOOLEAN, .doc = "has it the focus"}, END
};
static const dt_shape window_shape = {"window", window_fields};
static const dt_field windows_fields[] = {{.name = "windows", .type = DT_OBJECT, .many = DT_LIST, .with.shape = &window_shape, .doc = "windows"}, END};
static const dt_shape windows_shape = {"windows", windows_fields};

static const dt_field recording_fields[] = {
  {.name = "id", .flags = DT_SAID | DT_ID, .doc = "id"}, {.name = "file_name", .wire = "fileName", .doc = "name"},
  {.name = "file_path", .wire = "filePath", .doc = "path in the sandbox"}, {.name = "status", .doc = "recording, completed or failed"},
  {.name = "start_time", .wire = "startTime", .doc = "RFC 3339"}, {.name = "end_time", .wire = "endTime", .flags = DT_NULLABLE, .doc = "RFC 3339; nil: it goes on"},
  {.name = "duration_seconds", .wire = "durationSeconds", .type = DT_NUMBER, .flags = DT_NULLABLE, .doc = "seconds"},
  WHOLE("size_bytes", "sizeBytes", "bytes"), END
};
static const dt_shape recording_shape = {"recording", recording_fields};
static const dt_field recordings_fields[] = {{.name = "recordings", .type = DT_OBJECT, .many = DT_LIST, .with.shape = &recording_shape, .doc = "recordings"}, END};
static const dt_shape recordings_shape = {"recordings", recordings_fields};
static const dt_field record_params[] = {{.name = "label", .doc = "part of the file's name"}, END};
#define RECORDING(in) {.name = "id", .place = in, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "id of the recording"}
static const dt_field stop_params[] = {RECORDING(DT_BODY), END};
static const dt_field recording_params[] = {RECORDING(DT_PATH), END};
static const dt_field save_params[] = {
  RECORDING(DT_PATH),
  {.name = "destination", .place = DT_SINK, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "local path; written completely or not at all"}, END
};

static const dt_field bounds_fields[] = {AREA, END};
static const dt_shape bounds_shape = {"accessibility_bounds", bounds_fields};
static const dt_shape node_shape;
#define NODES(of, what) {.name = of, .type = DT_OBJECT, .many = DT_LIST, .with.shape = &node_shape, .doc = what}
static const dt_field node_fields[] = {
  {.name = "id", .doc = "id, for focus_node and its like"}, {.name = "role", .doc = "role, like push button"},
  {.name = "name", .doc = "name"}, {.name = "description", .doc = "description"},
  {.name = "bounds", .type = DT_OBJECT, .flags = DT_NULLABLE, .with.shape = &bounds_shape, .doc = "where it is"},
  {.name = "states", .many = DT_LIST, .doc = "states, like focused"}, {.name = "actions", .many = DT_LIST, .doc = "what invoke_node can do"},
  NODES("children", "what it holds"), END
};
static const dt_shape node_shape = {"accessibility_node", node_fields};
#define TRUNCATED {.name = "truncated", .type = DT_BOOLEAN, .doc = "true: there is more"}
static const dt_field tree_fields[] = {{.name = "root", .type = DT_OBJECT, .flags = DT_NULLABLE, .with.shape = &node_shape, .doc = "root of the tree"}, TRUNCATED, END};
static const dt_shape tree_shape = {"accessibility_tree", tree_fields};
static const dt_field found_fields[] = {NODES("matches", "nodes"), TRUNCATED, END};
static const dt_shape found_shape = {"accessibility_matches", found_fields};
#define SCOPE(in) {.name = "scope", .place = in, .doc = "focused (default), pid or all"}, \
  {.name = "pid", .type = DT_INTEGER, .place = in, .doc = "process id, for the scope pid"}
static const dt_field tree_params[] = {
  SCOPE(DT_QUERY), {.name = "max_depth", .wire = "maxDepth", .type = DT_INTEGER, .place = DT_QUERY, .doc = "levels; 0: the root alone, -1 (default): all"}, END
};
static const dt_field find_params[] = {
  SCOPE(DT_BODY), {.name = "role", .doc = "role"}, {.name = "name", .doc = "name"},
  {.name = "name_match", .wire = "nameMatch", .doc = "exact, substring or regex"},
  {.name = "states", .many = DT_LIST, .doc = "states that all must be there"}, {.name = "limit", .type = DT_INTEGER, .doc = "most nodes"}, END
};
#define NODE TEXT("id", DT_NONBLANK, "id of the node")
static const dt_field node_params[] = {NODE, END};
static const dt_field invoke_params[] = {NODE, {.name = "action", .doc = "one of the node's actions; default the first"}, END};
static const dt_field value_params[] = {NODE, TEXT("value", 0, "value"), END};

const dt_operation dt_operations_computer[] = {
  {POST("start", "start"), .flags = DT_IDEMPOTENT, .result = OBJECT(change_shape),
   .fails = "kind unavailable where the sandbox has no desktop", .doc = "Starts the desktop."},
  {POST("stop", "stop"), .flags = DT_IDEMPOTENT, .result = OBJECT(change_shape), .doc = "Stops the desktop."},
  {GET("get_status", "process-status"), .result = OBJECT(status_shape), .member = "status", .doc = "How the desktop is."},
  {GET("get_system_status", "status"), .result = OBJECT(status_shape), .member = "status", .doc = "How the desktop's part of the toolbox is."},
  {GET("get_process_status", "process/{process_name}/status"), .params = name_params, .result = OBJECT(one_shape), .doc = "Whether a process of the desktop runs."},
  {POST("restart_process", "process/{process_name}/restart"), .params = name_params, .result = OBJECT(restart_shape), .doc = "Restarts a process of the desktop."},
  {GET("get_process_logs", "process/{process_name}/logs"), .params = name_params, .result = OBJECT(logs_shape), .doc = "The log of a process of the desktop."},
  {GET("get_process_errors", "process/{process_name}/errors"), .params = name_params, .result = OBJECT(errors_shape), .doc = "Its log of errors."},
  {GET("mouse.get_position", "mouse/position"), .result = OBJECT(point_shape), .doc = "Where the pointer is."},
  {POST("mouse.move", "mouse/move"), .params = move_params, .flags = DT_IDEMPOTENT, .result = OBJECT(point_shape), .doc = "Moves the pointer."},
  {POST("mouse.click", "mouse/click"), .params = click_params, .result = OBJECT(point_shape), .doc = "Clicks."},
  {POST("mouse.drag", "mouse/drag"), .params = drag_params, .result = OBJECT(point_shape), .doc = "Drags from one place to another."},
  {POST("mouse.scroll", "mouse/scroll"), .params = scroll_params, .result = OBJECT(scroll_shape), .member = "success", .doc = "Scrolls."},
  {POST("keyboard.type", "keyboard/type"), .params = type_params, .doc = "Types a text."},
  {POST("keyboard.press", "keyboard/key"), .params = press_params, .doc = "Presses a key."},
  {POST("keyboard.hotkey", "keyboard/hotkey"), .params = hotkey_params, .doc = "Presses keys at once."},
  {PICTURE("take_full_screen", ""), .params = screen_params, .doc = "A picture of the screen, PNG."},
  {PICTURE("take_region", "/region"), .params = region_params, .doc = "A picture of a part of the screen, PNG."},
  {PICTURE("take_compressed", "/compressed"), .params = compressed_params, .doc = "A picture of the screen, smaller."},
  {PICTURE("take_compressed_region", "/region/compressed"), .params = small_region_params, .doc = "A picture of a part of the screen, smaller."},
  {GET("display.get_info", "display/info"), .result = OBJECT(displays_shape), .member = "displays", .doc = "The displays."},
  {GET("display.get_windows", "display/windows"), .result = OBJECT(windows_shape), .member = "windows", .doc = "The windows."},
  {POST("recording.start", "recordings/start"), .params = record_params, .result = OBJECT(recording_shape), .fails = "kind unavailable without ffmpeg", .doc = "Begins to record the screen."},
  {POST("recording.stop", "recordings/stop"), .params = stop_params, .result = OBJECT(recording_shape), .doc = "Ends a recording."},
  {GET("recording.list", "recordings"), .result = OBJECT(recordings_shape), .member = "recordings", .doc = "The recordings."},
  {GET("recording.get", "recordings/{id}"), .params = recording_params, .result = OBJECT(recording_shape), .doc = "A recording."},
  {.name = "computer_use.recording.delete", .method = "DELETE", .plane = DT_TOOLBOX, .path = "/computeruse/recordings/{id}", .params = recording_params,
   .fails = "kind conflict for one that goes on", .doc = "Deletes a recording."},
  {GET("recording.download", "recordings/{id}/download"), .params = save_params, .body = DT_DOWNLOAD, .timeout = LONG, .doc = "Downloads a recording, MP4."},
  {GET("accessibility.get_tree", "a11y/tree"), .params = tree_params, .result = OBJECT(tree_shape), .fails = "kind unavailable without accessibility", .doc = "What programs show, as a tree."},
  {POST("accessibility.find_nodes", "a11y/find"), .params = find_params, .flags = DT_IDEMPOTENT | DT_READS, .result = OBJECT(found_shape), .doc = "The nodes of the tree that are as said."},
  {POST("accessibility.focus_node", "a11y/node/focus"), .params = node_params, .flags = DT_IDEMPOTENT, .doc = "Gives a node the focus."},
  {POST("accessibility.invoke_node", "a11y/node/invoke"), .params = invoke_params, .doc = "Does what a node is for."},
  {POST("accessibility.set_node_value", "a11y/node/value"), .params = value_params, .flags = DT_IDEMPOTENT, .doc = "Sets the value of a node."},
  {.name = NULL}
};
