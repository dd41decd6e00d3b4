#include "pty.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* A client that takes nothing for so long is cut off: the others and the shell
 * wait for it. */
#define PATIENCE_MS 2000

#define CLOSE_NORMAL 1000
#define CLOSE_SLOW 1008
#define CLOSE_FAILED 1011

/* The clients of this moment, malloc'd, each with a reference; one without a
 * socket ends the list. NULL without memory. */
static dl_pty_client *snapshot(dl_pty *pty) {
  const dl_pty_client *client;
  size_t n = 0;
  for (client = pty->clients; client; client = client->next)
    n++;
  dl_pty_client *list;
  list = calloc(n + 1, sizeof *list);
  for (client = pty->clients, n = 0; list && client; client = client->next) {
    list[n] = *client;
    dl_websocket_ref(list[n++].ws);
  }
  return list;
}

static void release(dl_pty_client *list) {
  dl_pty_client *client;
  for (client = list; client && client->ws; client++)
    dl_websocket_unref(client->ws);
  free(list);
}

/* Sends output to all clients. */
void dl_pty_show(dl_pty *pty, const char *data, size_t len) {
  dl_pty_lock();
  dl_pty_client *list = snapshot(pty);
  dl_pty_unlock();
  dl_pty_client *client;
  for (client = list; client && client->ws; client++) {
    if (dl_websocket_send(client->ws, DL_WEBSOCKET_BINARY, data, len,
                          PATIENCE_MS))
      dl_websocket_close(client->ws, CLOSE_SLOW, "slow consumer");
  }
  release(list);
}

/* {"exitCode": ..., "exitReason": ...}, with no reason for 0. */
static json_t *describe_exit(int code) {
  const char *reason = code == 130   ? "Ctrl+C"
                       : code == 137 ? "SIGKILL"
                       : code == 143 ? "SIGTERM"
                                     : "non-zero exit";
  json_t *exit = json_pack("{s:i}", "exitCode", code);
  if (code > 128 && code != 130 && code != 137 && code != 143)
    json_object_set_new(exit, "exitReason",
                        json_sprintf("signal %d", code - 128));
  else if (code != 0)
    json_object_set_new(exit, "exitReason", json_string(reason));
  return exit;
}

static void tell_exit(const dl_pty_client *client, json_t *exit) {
  json_t *message =
      json_pack("{s:s, s:s}", "type", "control", "status", "exited");
  json_object_update(message, exit);
  dl_websocket_send_json(client->ws, message, PATIENCE_MS);
}

void dl_pty_end(dl_pty *pty, int status) {
  dl_pty_lock();
  dl_pty_forget(pty);
  pty->ended = true;
  int code = pty->deleted        ? 128 + SIGKILL
             : WIFEXITED(status) ? WEXITSTATUS(status)
                                 : -1;
  dl_pty_client *list = snapshot(pty);
  dl_pty_unlock();
  json_t *exit = describe_exit(code);
  char *reason = json_dumps(exit, JSON_COMPACT);
  dl_pty_client *client;
  for (client = list; client && client->ws; client++) {
    if (client->exit_control)
      tell_exit(client, exit);
    dl_websocket_close(client->ws, code ? CLOSE_FAILED : CLOSE_NORMAL,
                       reason ? reason : "");
  }
  free(reason);
  json_decref(exit);
  release(list);
}
