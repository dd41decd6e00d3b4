#include "as.h"
#include "job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_REQUEST ((size_t)64 << 20)
#define DEFAULT_TIMEOUT 600
#define MAX_TIMEOUT (1 << 30)
#define HOLD_LOOK_MS 200

#define CLOSE_NORMAL 1000
#define CLOSE_GONE 1001
#define CLOSE_MALFORMED 1002
#define CLOSE_REFUSED 1008
#define CLOSE_FAILED 1011
#define CLOSE_TRY_LATER 1013
#define CLOSE_TIMEOUT 4008

/* What the client asks for, borrowed from the message. */
typedef struct wish {
  const char *context_id;
  json_t *code;
  json_t *envs;
  json_int_t timeout;
} wish;

static bool are_variables(const json_t *envs) {
  const char *name;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)envs, name, value) {
    if (!*name || strchr(name, '=') || !json_is_string(value) ||
        strlen(json_string_value(value)) != json_string_length(value))
      return false;
  }
  return !envs || json_is_object(envs);
}

static json_t *field(const json_t *message, const char *name) {
  json_t *value = json_object_get(message, name);
  return json_is_null(value) ? NULL : value;
}

/* Reads the message. On failure the socket is closed with the reason. */
static bool read_wish(dl_websocket *ws, const json_t *message, wish *w) {
  json_t *id = field(message, "contextId"),
         *timeout = field(message, "timeout");
  w->code = field(message, "code");
  w->envs = field(message, "envs");
  w->context_id = id ? json_string_value(id) : DL_CONTEXT_DEFAULT;
  w->timeout = timeout ? json_integer_value(timeout) : DEFAULT_TIMEOUT;
  if (!json_is_object(message) || (w->code && !json_is_string(w->code)) ||
      !w->context_id || (timeout && !json_is_integer(timeout)) ||
      !are_variables(w->envs))
    dl_websocket_close(ws, CLOSE_MALFORMED, "invalid JSON payload");
  else if (json_string_length(w->code) == 0)
    dl_websocket_close(ws, CLOSE_REFUSED, "code is required");
  else if (w->timeout < 0)
    dl_websocket_close(ws, CLOSE_REFUSED,
                       "timeout must be greater than or equal to 0");
  else
    return true;
  return false;
}

static void say_end(dl_websocket *ws, dl_job_end end, bool late) {
  switch (end) {
    case DL_JOB_TIMED_OUT:
      dl_websocket_close(ws, CLOSE_TIMEOUT, "execution timed out");
      break;
    case DL_JOB_INTERRUPTED:
      dl_websocket_close(ws, CLOSE_TIMEOUT,
                         late ? "execution timed out" : "interrupted");
      break;
    case DL_JOB_DIED:
      dl_websocket_close(ws, CLOSE_GONE, "worker process ended");
      break;
    case DL_JOB_DELETED:
      dl_websocket_close(ws, CLOSE_GONE, "context shutdown");
      break;
    default:
      dl_websocket_close(ws, late ? CLOSE_TIMEOUT : CLOSE_NORMAL,
                         late ? "execution timed out" : "");
  }
}

/* Waits for its turn, also when the client goes away: what was accepted is
 * run. False if the context was deleted. */
static bool wait_turn(dl_websocket *ws, dl_context *context, dl_turn *turn) {
  bool gone = false;
  while (!dl_context_deleted(context)) {
    struct pollfd fd = {turn->fd, POLLIN, 0};
    if (gone)
      poll(&fd, 1, -1);
    else
      gone = dl_websocket_wait(ws, &fd, 1, DL_WEBSOCKET_FOREVER, NULL) ==
             DL_WEBSOCKET_OVER;
    if (fd.revents && dl_context_has_turn(context, turn))
      return true;
  }
  return false;
}

/* Keeps the turn of code whose worker has died until its time is over: nobody
 * tells the original's queue. */
static void hold(const dl_context *context, const dl_turn *turn,
                 unsigned seconds) {
  int64_t end = dl_clock_monotonic_ms() + (int64_t)seconds * 1000;
  while ((seconds == 0 || dl_clock_monotonic_ms() < end) &&
         !dl_context_deleted(context) && !dl_children_stopping()) {
    struct pollfd fd = {turn->fd, POLLIN, 0};
    poll(&fd, 1, HOLD_LOOK_MS);
  }
}

static void run(dl_websocket *ws, dl_context *context, dl_turn *turn,
                const wish *w, const char *line) {
  dl_job job = {.context = context, .turn = turn, .ws = ws, .request = line};
  if (!wait_turn(ws, context, turn)) {
    say_end(ws, DL_JOB_DELETED, false);
    return;
  }
  int error = dl_interpreter_start(context);
  char why[128], text[64];
  if (error) {
    snprintf(why, sizeof why, "failed to start the interpreter: %s",
             dl_envelope_errno(error, text, sizeof text));
    dl_websocket_close(ws, error == EAGAIN ? CLOSE_TRY_LATER : CLOSE_FAILED,
                       why);
    return;
  }
  job.len = strlen(line);
  job.timeout = (unsigned)(w->timeout < MAX_TIMEOUT ? w->timeout : MAX_TIMEOUT);
  dl_job_run(&job);
  /* A worker that only was late keeps its state. */
  if (job.end == DL_JOB_TIMED_OUT || job.end == DL_JOB_DIED ||
      job.end == DL_JOB_DELETED)
    dl_interpreter_stop(context);
  say_end(ws, job.end, job.signalled);
  if (dl_as_now()->old_interpreter && job.end == DL_JOB_DIED)
    hold(context, turn, job.timeout);
}

/* The line that tells the worker what to do, malloc'd; NULL without memory. */
static char *request_line(const wish *w) {
  json_t *request = json_pack("{s:O, s:o}", "code", w->code, "envs",
                              w->envs ? json_incref(w->envs) : json_object());
  char *text = request ? json_dumps(request, JSON_COMPACT) : NULL;
  dl_strbuf line = {0};
  json_decref(request);
  if (text)
    dl_strbuf_addf(&line, "%s\n", text);
  free(text);
  return dl_strbuf_detach(&line);
}

static void execute(dl_websocket *ws, const dl_toolbox *toolbox,
                    const wish *w) {
  dl_context *context = dl_context_find(toolbox, w->context_id);
  char *line = context ? request_line(w) : NULL;
  dl_strbuf why = {0};
  dl_turn turn;
  if (!context) {
    dl_strbuf_addf(&why, "context not found: %s", w->context_id);
    dl_websocket_close(ws, CLOSE_REFUSED, why.data ? why.data : "");
  }
  else if (!line || dl_context_queue(context, &turn))
    dl_websocket_close(ws, CLOSE_FAILED, "out of memory");
  else {
    run(ws, context, &turn, w, line);
    dl_context_leave(context, &turn);
  }
  dl_strbuf_free(&why);
  free(line);
  dl_context_unref(context);
}

static void serve(dl_websocket *ws, void *arg) {
  dl_websocket_message first;
  if (dl_websocket_wait(ws, NULL, 0, DL_WEBSOCKET_FOREVER, &first) !=
      DL_WEBSOCKET_MESSAGE)
    return;
  dl_websocket_ignore_input(ws);
  json_t *message = json_loadb(first.data, first.len,
                               JSON_ALLOW_NUL | JSON_DISABLE_EOF_CHECK, NULL);
  wish w;
  if (!message)
    dl_websocket_close(ws, CLOSE_MALFORMED, "invalid JSON payload");
  else if (read_wish(ws, message, &w))
    execute(ws, arg, &w);
  json_decref(message);
}

/* GET /process/interpreter/execute */
void dl_interpreter_execute(dl_http_request *req) {
  dl_websocket_config config = {.serve = serve, .max_message = MAX_REQUEST};
  config.arg = dl_daemon_of(req);
  dl_websocket_accept(req, &config);
}
