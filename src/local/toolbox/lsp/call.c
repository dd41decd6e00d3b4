#include "server.h"
#include "clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* JSON-RPC with a language server: requests and their answers, which may come
 * in any order. */

#define UNTOLD ((size_t)32 << 20) /* bytes that it has not read, the most */
#define METHOD_NOT_FOUND (-32601)

/* Appends a message to what the server is to be told; it takes the reference.
 * 0, or an errno value: it is too much, or there is no memory. */
int dl_lsp_say(dl_lsp_server *s, json_t *message) {
  const uint64_t one = 1;
  char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
  size_t len = text ? strlen(text) : 0;
  int error = 0;
  json_decref(message);
  if (!text)
    return ENOMEM;
  pthread_mutex_lock(&s->lock);
  if (s->stopping)
    error = EPIPE;
  else if (len > DL_LSP_MESSAGE * 2 || s->out.len - s->told + len > UNTOLD)
    error = EMSGSIZE;
  else if (dl_strbuf_reserve(&s->out, len + 64))
    error = ENOMEM;
  else {
    dl_strbuf_addf(&s->out, "Content-Length: %zu\r\n\r\n", len);
    dl_strbuf_add(&s->out, text, len);
    if (write(s->wake, &one, sizeof one) < 0)
      error = errno == EAGAIN ? 0 : errno;
  }
  pthread_mutex_unlock(&s->lock);
  free(text);
  return error;
}

/* Answers a request of the server's: it gets no settings, may register what it
 * likes, and all else is not there. */
static void answer(dl_lsp_server *s, const char *method, const json_t *id,
                   const json_t *params) {
  json_t *result = NULL;
  if (strcmp(method, "workspace/configuration") == 0) {
    size_t i, n = json_array_size(json_object_get(params, "items"));
    result = json_array();
    for (i = 0; i < n && i < 1000; i++)
      json_array_append_new(result, json_null());
  }
  else if (strcmp(method, "client/registerCapability") == 0 ||
           strcmp(method, "client/unregisterCapability") == 0 ||
           strcmp(method, "window/workDoneProgress/create") == 0)
    result = json_null();
  if (result)
    dl_lsp_say(s, json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id", id,
                            "result", result));
  else
    dl_lsp_say(s, json_pack("{s:s, s:O, s:{s:i, s:s}}", "jsonrpc", "2.0", "id",
                            id, "error", "code", METHOD_NOT_FOUND, "message",
                            "method not found"));
}

/* Gives an answer to who waits for it; nobody may. */
static void deliver(dl_lsp_server *s, json_t *message) {
  const json_t *id = json_object_get(message, "id");
  dl_lsp_waiter *w;
  if (!json_is_integer(id))
    return;
  pthread_mutex_lock(&s->lock);
  for (w = s->waiters; w && w->id != json_integer_value(id); w = w->next)
    ;
  if (w && !w->answer) {
    w->answer = json_incref(message);
    pthread_cond_broadcast(&s->changed);
  }
  pthread_mutex_unlock(&s->lock);
}

/* Takes a message of the server in. False if it is none. */
bool dl_lsp_take(dl_lsp_server *s, const char *text, size_t len) {
  json_t *message = json_loadb(text, len, JSON_ALLOW_NUL, NULL);
  const json_t *id = json_object_get(message, "id");
  const char *method = json_string_value(json_object_get(message, "method"));
  bool ok = json_is_object(message);
  if (ok && method && id)
    answer(s, method, id, json_object_get(message, "params"));
  else if (ok && !method)
    deliver(s, message);
  json_decref(message);
  return ok;
}

/* From now on its answer is kept, until wait_for. */
static void enlist(dl_lsp_server *s, dl_lsp_waiter *w) {
  pthread_mutex_lock(&s->lock);
  w->id = ++s->last_id;
  w->next = s->waiters;
  s->waiters = w;
  pthread_mutex_unlock(&s->lock);
}

/* Waits until the answer is there, the server has ended, or it is too late. */
static dl_lsp_outcome wait_for(dl_lsp_server *s, dl_lsp_waiter *w,
                               int wait_ms) {
  struct timespec until = dl_clock_after(wait_ms);
  dl_lsp_waiter **at;
  int rc = 0;
  pthread_mutex_lock(&s->lock);
  while (!w->answer && !s->stopping && rc == 0)
    rc = pthread_cond_timedwait(&s->changed, &s->lock, &until);
  for (at = &s->waiters; *at != w; at = &(*at)->next)
    ;
  *at = w->next;
  pthread_mutex_unlock(&s->lock);
  return w->answer ? DL_LSP_DONE : rc ? DL_LSP_LATE : DL_LSP_ENDED;
}

static void explain(char why[DL_LSP_ERROR], const char *text) {
  size_t len;
  snprintf(why, DL_LSP_ERROR, "%s", text);
  len = strlen(why);
  why[len - dl_strbuf_utf8_start(why, len)] = '\0';
}

/* Asks the server; takes the reference of `params`. On DL_LSP_DONE the caller
 * owns `*result`; otherwise `why` is set. */
dl_lsp_outcome dl_lsp_call(dl_lsp_server *s, const char *method, json_t *params,
                           int wait_ms, json_t **result,
                           char why[DL_LSP_ERROR]) {
  dl_lsp_waiter w = {0};
  dl_lsp_outcome outcome;
  const json_t *problem;
  const char *message;
  enlist(s, &w);
  if (dl_lsp_say(s, json_pack("{s:s, s:I, s:s, s:o}", "jsonrpc", "2.0", "id",
                              w.id, "method", method, "params", params)))
    wait_ms = 0;
  outcome = wait_for(s, &w, wait_ms);
  *result = NULL;
  if (outcome == DL_LSP_LATE)
    explain(why, "the language server does not answer");
  else if (outcome == DL_LSP_ENDED)
    explain(why, "the language server has ended");
  else if ((problem = json_object_get(w.answer, "error")) &&
           !json_is_null(problem)) {
    message = json_string_value(json_object_get(problem, "message"));
    explain(why, message ? message : "the language server refuses");
    outcome =
        json_integer_value(json_object_get(problem, "code")) == METHOD_NOT_FOUND
            ? DL_LSP_LACKS
            : DL_LSP_REFUSED;
  }
  else
    *result = json_incref(json_object_get(w.answer, "result"));
  json_decref(w.answer);
  return outcome;
}

/* Tells the server something; takes the reference of `params`. As dl_lsp_say.
 */
int dl_lsp_notify(dl_lsp_server *s, const char *method, json_t *params) {
  return dl_lsp_say(s, json_pack("{s:s, s:s, s:o}", "jsonrpc", "2.0", "method",
                                 method, "params", params));
}
