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

/* Adds a terminal, with a reference of the list, unless `start` fails, which
 * is called (it may be NULL) when it is known that the id is free. The lock is
 * held. 0, or an errno value: EEXIST if the id is taken, else that of
 * `start`. */
int dl_pty_enlist(dl_pty *pty, int (*start)(dl_pty *pty));

/* Takes a terminal off the list, with the list's reference, if it is there.
 * The lock is held; the caller has a reference of its own. */
void dl_pty_forget(dl_pty *pty);

/* What the shell writes may be read from now on. The lock is held. */
void dl_pty_let_go(dl_pty *pty);

/* Waits for dl_pty_let_go. */
void dl_pty_wait_held(dl_pty *pty);

/* The terminal with this id, to be given back by dl_pty_unref; or NULL. */
dl_pty *dl_pty_find(const char *id);

/* Gives a reference back; NULL is fine. */
void dl_pty_unref(dl_pty *pty);

/* Frees a terminal that nobody uses. */
void dl_pty_free(dl_pty *pty);

/* A terminal as the API describes it. NULL without memory. */
json_t *dl_pty_info(dl_pty *pty);

/* All terminals so. */
json_t *dl_pty_list(void);

/* Tells all shells that their terminals are gone, and waits a moment for them.
 * An interactive shell ignores the signal by which the sandbox's other
 * processes are asked to end; and it misses this one if it just goes to read,
 * so it is told again. */
void dl_pty_hang_up_all(void);

/* show.c: what the clients of a terminal see */
void dl_pty_show(dl_pty *pty, const char *data, size_t len);

/* Takes the terminal away because its shell has ended (`status` as from
 * waitpid), and tells the clients. */
void dl_pty_end(dl_pty *pty, int status);

/* shell.c */
int dl_pty_shell_start(dl_pty *pty);

/* Sets the size of the terminal; what runs in it is told. 0, or an errno
 * value. */
int dl_pty_shell_size(int master, unsigned cols, unsigned rows);

/* pty.c: what is done to one */
int dl_pty_add(const dl_toolbox *toolbox, const dl_pty_wish *wish,
               dl_pty **out);

/* Shows the terminal to a client, from here on; the first one starts a lazy
 * shell. The client is told before anything else. 0; or -1 with the reason in
 * `why`. */
int dl_pty_attach(dl_pty *pty, dl_pty_client *client, dl_strbuf *why);

/* Ends that; a client that was never attached is fine. */
void dl_pty_detach(dl_pty *pty, dl_pty_client *client);

/* Changes the size. 0, or an errno value: ENOTTY if the shell has not been
 * started, ESRCH if it has ended. */
int dl_pty_resize(dl_pty *pty, unsigned cols, unsigned rows);

/* Takes the terminal away and kills all that came of its shell. Its clients are
 * told, which ends their connections. */
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
