#ifndef DL_TOOLBOX_PTY_H
#define DL_TOOLBOX_PTY_H

#include "clock.h"
#include "strbuf.h"
#include "toolbox/daemon.h"
#include "toolbox/process/children.h"
#include "websocket/websocket.h"

#include <jansson.h>

/* Terminals: a shell on a pseudo terminal each, which outlives the WebSockets
 * that show it. */

#define DL_PTY_MAX_SIZE 1000 /* columns or rows */

/* What a client asks for. The texts are copied. */
typedef struct dl_pty_wish {
  const char *id;
  const char *cwd;    /* NULL: the daemon's own */
  const json_t *envs; /* NULL: none of its own */
  unsigned cols;
  unsigned rows;
  bool lazy; /* the first client starts the shell */
  bool hold; /* what it writes waits for the first client */
} dl_pty_wish;

/* A WebSocket that shows a terminal, in the list of the terminal. */
typedef struct dl_pty_client {
  struct dl_pty_client *next;
  dl_websocket *ws;
  bool exit_control; /* wants a message about the end before the close */
} dl_pty_client;

/* All but the constant first block is under the lock of list.c. */
typedef struct dl_pty {
  const dl_toolbox *toolbox;
  char *id;
  char *cwd;
  json_t *envs;
  char created_at[DL_CLOCK_TEXT];
  bool lazy;

  struct dl_pty *next; /* among those that can be found by their ids */
  unsigned refs;
  unsigned cols;
  unsigned rows;
  int master; /* -1: not started. Then constant up to the last reference */
  dl_child child;
  bool held;
  bool ended;
  bool deleted; /* on request */
  dl_pty_client *clients;
} dl_pty;

#pragma GCC visibility push(hidden)

/* list.c: which there are, and the lock of all of them */
void dl_pty_lock(void);
void dl_pty_unlock(void);
int dl_pty_enlist(dl_pty *pty, int (*start)(dl_pty *pty));
void dl_pty_forget(dl_pty *pty);
void dl_pty_let_go(dl_pty *pty);
void dl_pty_wait_held(dl_pty *pty);
dl_pty *dl_pty_find(const char *id);
void dl_pty_unref(dl_pty *pty);
void dl_pty_free(dl_pty *pty);
json_t *dl_pty_info(dl_pty *pty);
json_t *dl_pty_list(void);
void dl_pty_hang_up_all(void);

/* show.c: what the clients of a terminal see */
void dl_pty_show(dl_pty *pty, const char *data, size_t len);
void dl_pty_end(dl_pty *pty, int status);

/* shell.c */
int dl_pty_shell_start(dl_pty *pty);
int dl_pty_shell_size(int master, unsigned cols, unsigned rows);

/* pty.c: what is done to one */
int dl_pty_add(const dl_toolbox *toolbox, const dl_pty_wish *wish,
               dl_pty **out);
int dl_pty_attach(dl_pty *pty, dl_pty_client *client, dl_strbuf *why);
void dl_pty_detach(dl_pty *pty, dl_pty_client *client);
int dl_pty_resize(dl_pty *pty, unsigned cols, unsigned rows);
void dl_pty_delete(dl_pty *pty);

/* client.c */
void dl_pty_accept(dl_http_request *req, const char *id, dl_pty *pty,
                   bool made);

/* routes.c */
void dl_pty_post(dl_http_request *req);
void dl_pty_get_all(dl_http_request *req);
void dl_pty_get(dl_http_request *req);
void dl_pty_remove(dl_http_request *req);
void dl_pty_post_size(dl_http_request *req);
void dl_pty_connect(dl_http_request *req);
void dl_pty_create_connect(dl_http_request *req);

#pragma GCC visibility pop

#endif
