#include "pty.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* What is done to a terminal. */

static json_t *copy_envs(const json_t *envs) {
  json_t *copy = json_object(), *value;
  const char *name;
  int rc = json_object_set_new(copy, "TERM", json_string("xterm-256color"));
  json_object_foreach((json_t *)(uintptr_t)envs, name, value) {
    rc |= json_object_set(copy, name,
                          json_is_null(value) ? json_string("") : value);
  }
  if (rc == 0)
    return copy;
  json_decref(copy);
  return NULL;
}

static dl_pty *make(const dl_toolbox *toolbox, const dl_pty_wish *wish) {
  dl_pty *pty = calloc(1, sizeof *pty);
  if (!pty)
    return NULL;
  pty->toolbox = toolbox;
  pty->master = -1;
  pty->refs = 1;
  pty->id = strdup(wish->id);
  pty->cwd = strdup(wish->cwd ? wish->cwd : toolbox->work_dir);
  pty->envs = copy_envs(wish->envs);
  pty->cols = wish->cols;
  pty->rows = wish->rows;
  pty->lazy = wish->lazy;
  pty->held = wish->hold;
  dl_clock_rfc3339_now(pty->created_at);
  if (pty->id && pty->cwd && pty->envs)
    return pty;
  dl_pty_free(pty);
  return NULL;
}

/* Makes a terminal and, unless it is lazy, starts its shell. 0 with a reference
 * in *out, or an errno value: EEXIST if the id is taken, else why there is no
 * shell. */
int dl_pty_add(const dl_toolbox *toolbox, const dl_pty_wish *wish,
               dl_pty **out) {
  dl_pty *pty = make(toolbox, wish);
  int error = pty ? 0 : ENOMEM;
  dl_pty_lock();
  if (error == 0)
    error = dl_pty_enlist(pty, wish->lazy ? NULL : dl_pty_shell_start);
  dl_pty_unlock();
  if (error)
    dl_pty_unref(pty);
  *out = error ? NULL : pty;
  return error;
}

int dl_pty_resize(dl_pty *pty, unsigned cols, unsigned rows) {
  int error = 0;
  dl_pty_lock();
  if (pty->ended)
    error = ESRCH;
  else if (pty->master < 0)
    error = ENOTTY;
  else
    error = dl_pty_shell_size(pty->master, cols, rows);
  if (error == 0) {
    pty->cols = cols;
    pty->rows = rows;
  }
  dl_pty_unlock();
  return error;
}

void dl_pty_delete(dl_pty *pty) {
  dl_pty_lock();
  dl_pty_forget(pty);
  bool runs = pty->master >= 0 && !pty->ended;
  pty->deleted = true;
  dl_pty_let_go(pty);
  if (!runs)
    pty->ended = true;
  dl_pty_unlock();
  if (runs)
    dl_children_end(&pty->child, 0, false);
}

static int start_for(dl_pty *pty, dl_strbuf *why) {
  if (pty->master >= 0)
    return 0;
  int error = dl_pty_shell_start(pty);
  char text[128];
  if (error)
    dl_strbuf_addf(why, "failed to start PTY session: %s",
                   dl_envelope_errno(error, text, sizeof text));
  return error;
}

int dl_pty_attach(dl_pty *pty, dl_pty_client *client, dl_strbuf *why) {
  int rc = -1;
  dl_pty_lock();
  if (pty->ended)
    dl_strbuf_addf(why,
                   "PTY session '%s' has terminated and is no longer available",
                   pty->id);
  else if (start_for(pty, why) == 0) {
    dl_websocket_send_json(
        client->ws,
        json_pack("{s:s, s:s}", "status", "connected", "type", "control"), 0);
    client->next = pty->clients;
    pty->clients = client;
    dl_pty_let_go(pty);
    rc = 0;
  }
  dl_pty_unlock();
  return rc;
}

void dl_pty_detach(dl_pty *pty, dl_pty_client *client) {
  dl_pty_client **at = &pty->clients;
  dl_pty_lock();
  while (*at && *at != client)
    at = &(*at)->next;
  if (*at)
    *at = client->next;
  dl_pty_unlock();
}
