#ifndef DL_TOOLBOX_SESSION_H
#define DL_TOOLBOX_SESSION_H

#include "crypto.h"
#include "strbuf.h"
#include "toolbox/daemon.h"
#include "toolbox/process/children.h"
#include "wire/markers.h"

#include <pthread.h>

/* Sessions: each is one shell that runs commands one after another, so that
 * what a command does to the shell is there for the next. One thread for each
 * session starts its commands and keeps their output. */

#define DL_SESSION_ROOT ".daytona/sessions" /* in the home directory */
#define DL_FIFO_INPUT "in"
#define DL_FIFO_STATUS "status"
#define DL_SESSION_ENTRYPOINT "entrypoint"
#define DL_SESSION_ENTRYPOINT_COMMAND "entrypoint_command"

typedef struct dl_sessions dl_sessions;
typedef struct dl_session dl_session;
typedef struct dl_command dl_command;

typedef enum dl_command_state {
  DL_COMMAND_QUEUED,
  DL_COMMAND_RUNNING,
  DL_COMMAND_DONE
} dl_command_state;

typedef enum dl_command_input_result {
  DL_COMMAND_INPUT_TAKEN,
  DL_COMMAND_INPUT_LATE,    /* the command has completed */
  DL_COMMAND_INPUT_NOWHERE, /* there is no pipe for it, see dl_as */
  DL_COMMAND_INPUT_CLOSED,  /* it takes no input */
  DL_COMMAND_INPUT_FAILED   /* *error is an errno value */
} dl_command_input_result;

/* Somebody who wants to know when the command has written or is done. */
typedef struct dl_command_watch {
  struct dl_command_watch *next;
  int fd;   /* eventfd */
  bool set; /* the descriptor is readable */
} dl_command_watch;

/* What was asked for is constant; the rest is under the session's lock. */
struct dl_command {
  dl_command *next;
  dl_session *session;
  char id[DL_CRYPTO_UUID];
  char *text;
  size_t len;
  bool async;    /* its input stays open */
  bool is_muted; /* input is not shown in the log */
  char *dir;
  dl_command_state state;
  int exit_code;
  bool was_run;
  bool is_told;               /* its exit code is, to anybody */
  int64_t pipe_at;            /* from when input has a pipe, see dl_as */
  pthread_mutex_t input_lock; /* one sender after the other */
  int input_fd;               /* -1 until it is needed, as is input_end */
  int input_end;              /* kept until the shell has opened it */
  int log_fd;                 /* -1 until it is needed */
  dt_markers log_marks;       /* where a reader of the log would be */
  uint64_t log_size;
  int log_error; /* errno: output is missing from here on */
  dl_command_watch *watches;
};

struct dl_session {
  dl_sessions *sessions;
  dl_session *next; /* this and `refs` under the lock of all sessions */
  unsigned refs;
  void (*release)(dl_session *session); /* gives a reference back */
  char *id;
  char *dir;
  dl_child shell;
  int script_fd; /* what the shell reads */
  int wake_fd;   /* eventfd for the thread */
  pthread_mutex_t lock;
  pthread_cond_t changed; /* a command is done, or the session has ended */
  dl_command *commands;   /* in order of their coming */
  dl_command **last;
  bool ended;   /* the shell is gone; `exit_code` is its own */
  bool deleted; /* or about to be */
  bool hangs;   /* the shell is gone, the commands are not, see dl_as */
  int exit_code;
};

#pragma GCC visibility push(hidden)

/* sessions.c: which there are. What is found is held until given back. */
dl_sessions *dl_sessions_new(const dl_toolbox *toolbox);

/* Frees all; for when the children have been ended. A session that is still
 * used after a second keeps the memory: the process is about to exit. */
void dl_sessions_free(dl_sessions *sessions);

/* A new session with this id. NULL with an errno value: EEXIST if it is
 * taken. The caller gives it back. */
dl_session *dl_sessions_create(dl_sessions *sessions, const char *id,
                               int *error);

/* The session of this id, to be given back; or NULL. */
dl_session *dl_sessions_find(dl_sessions *sessions, const char *id);

/* Gives a session back that was found or created. */
void dl_sessions_release(dl_session *session);

/* What GET /process/session shows: all but the entrypoint's. */
json_t *dl_sessions_view(dl_sessions *sessions);

/* Ends the session's processes, then removes it; it keeps its place until then.
 * The caller still has to give it back. -1 if somebody else deletes it. */
int dl_sessions_delete(dl_session *session);

/* session.c */
dl_session *dl_session_new(const dl_toolbox *toolbox, dl_sessions *sessions,
                           const char *id, int *error);

/* Frees a session whose shell has ended and that nobody uses. */
void dl_session_free(dl_session *session);

/* Makes the loop look at what there is to do. */
void dl_session_wake(dl_session *session);

/* Whether the session is deleted, or about to be. */
bool dl_session_is_deleted(dl_session *session);

/* Gives the session a command (owned from now on) to run after the others it
 * has. -1 if it takes none any more; the command stays the caller's. */
int dl_session_submit(dl_session *session, dl_command *command);

/* The command of this id, which lives as long as the session, or NULL. */
dl_command *dl_session_command(dl_session *session, const char *id);

/* What GET /process/session/{id} shows. NULL without memory. */
json_t *dl_session_view(dl_session *session);

/* loop.c */
int dl_session_start_loop(dl_session *session);

/* command.c */
dl_command *dl_command_new(dl_session *session, const char *id,
                           const char *text, size_t len, int *error);

/* Frees a command; its files stay. */
void dl_command_free(dl_command *command);

/* Frees a command that no session has taken, with its files. */
void dl_command_discard(dl_command *command);

/* Says that the command is complete: nothing is written to its log later. */
void dl_command_done(dl_command *command, int exit_code);

/* Waits until the command is complete. */
void dl_command_wait(dl_command *command);

/* The command as clients see it; the lock is held. NULL without memory. */
json_t *dl_command_view(dl_command *command);

/* fifo.c: the pipes of a command, by their names below. */
char *dl_fifo_path(const dl_command *command, const char *which);

/* Makes a named pipe of which one end, `ours`, is used and never blocks, and
 * the other is only kept open. -1 with errno. */
int dl_fifo_make(const dl_command *command, const char *which, int *ours,
                 int *theirs, bool we_read);

/* Takes the name away, if there is one; who has the pipe open keeps it. */
void dl_fifo_remove(const dl_command *command, const char *which);

/* input.c */
int dl_command_open_input(dl_command *command);

/* Gives the command bytes to read, after what it was given before; also to one
 * that has not begun. They stand in its log before what it does with them. */
dl_command_input_result dl_command_input(dl_command *command, const char *data,
                                         size_t len, int *error);

/* log.c */
void dl_command_log_raw(dl_command *command, const char *data, size_t len);

/* Appends output of a stream to the log. */
void dl_command_log(dl_command *command, int stream, const char *data,
                    size_t len);

/* The log for reading, from its start. -1 with errno. */
int dl_command_open_log(const dl_command *command);

/* Tells the watchers; the lock is held. */
void dl_command_notify(dl_command *command);

/* Makes watch->fd readable whenever the log has grown or the command is done,
 * and at once. 0, or -1 with errno. */
int dl_command_watch_start(dl_command *command, dl_command_watch *watch);

void dl_command_watch_stop(dl_command *command, dl_command_watch *watch);

/* How long the log is, whether it is complete, and the errno value if it could
 * not be written. What comes later makes the watch (may be NULL) ready again.
 */
uint64_t dl_command_progress(dl_command *command, dl_command_watch *watch,
                             bool *done, int *error);

#pragma GCC visibility pop

#endif
