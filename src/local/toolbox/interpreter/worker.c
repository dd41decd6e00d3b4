#include "as.h"
#include "interpreter.h"
#include "fd.h"
#include "toolbox/process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The worker's program, as a string. */
__asm__(".section .rodata\n"
        "dl_interpreter_program:\n"
        ".incbin \"toolbox/interpreter/worker.py\"\n"
        ".byte 0\n"
        ".previous\n");
extern const char dl_interpreter_program[]
    __attribute__((visibility("hidden")));

/* The program comes as the first line, so that it stands in no file and on no
 * command line. */
#define BOOTSTRAP                                                              \
  "import json; requests = open(3, 'rb'); "                                    \
  "exec(compile(json.loads(requests.readline()), '<daytona>', 'exec'))"
static const char bootstrap[] = BOOTSTRAP;
static const char old_bootstrap[] = "OLD = True; " BOOTSTRAP;

/* Sends the program to a socket that is new, and so has room. -1 with errno. */
static int send_program(int fd) {
  json_t *program = json_string(dl_interpreter_program);
  char *text = program ? json_dumps(program, JSON_ENCODE_ANY) : NULL;
  int rc = -1;
  if (text) {
    size_t len = strlen(text);
    text[len] = '\n'; /* where the NUL was */
    rc = dl_fd_write_all(fd, text, len + 1);
    free(text);
  }
  else
    errno = ENOMEM;
  json_decref(program);
  return rc;
}

/* Starts python3 or, where that is missing, python. 0, or an errno value. */
static int spawn(dl_context *context, dl_interpreter *worker,
                 const int theirs[3]) {
  static const char *const names[] = {"python3", "python"};
  char **env = dl_env_list(context->toolbox->env, NULL);
  int error = env ? ENOENT : ENOMEM;
  size_t i;
  for (i = 0; env && error == ENOENT && i < 2; i++) {
    const char *argv[] = {
        names[i], "-c",
        dl_as_now()->old_interpreter ? old_bootstrap : bootstrap, NULL};
    dl_spawn plan = {
        argv, env, context->cwd, {-1, theirs[1], theirs[2], theirs[0]}, NULL};
    error = dl_children_spawn(&worker->child, dl_spawn_start, &plan);
  }
  dl_env_list_free(env);
  return error;
}

/* Our end does not block; theirs does. */
static int open_channel(int *ours, int *theirs) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
    return -1;
  *ours = ends[0];
  *theirs = ends[1];
  return send_program(*ours) || fcntl(*ours, F_SETFL, O_NONBLOCK) ? -1 : 0;
}

static void free_worker(dl_interpreter *worker) {
  dl_fd_close(&worker->channel);
  dl_fd_close(&worker->out);
  dl_fd_close(&worker->err);
  free(worker);
}

/* Starts the context's worker, if it has none. Only for who has the turn, or
 * nobody else knows the context. 0, or an errno value. */
int dl_interpreter_start(dl_context *context) {
  int theirs[3] = {-1, -1, -1}, error;
  if (context->worker)
    return 0;
  dl_interpreter *worker;
  worker = calloc(1, sizeof *worker);
  if (!worker)
    return ENOMEM;
  worker->channel = worker->out = worker->err = -1;
  if (open_channel(&worker->channel, &theirs[0]) ||
      dl_fd_pipe(&worker->out, &theirs[1], true) ||
      dl_fd_pipe(&worker->err, &theirs[2], true))
    error = errno;
  else
    error = spawn(context, worker, theirs);
  dl_fd_close(&theirs[0]);
  dl_fd_close(&theirs[1]);
  dl_fd_close(&theirs[2]);
  if (error)
    free_worker(worker);
  else
    context->worker = worker;
  return error;
}

void dl_interpreter_stop(dl_context *context) {
  dl_interpreter *worker = context->worker;
  if (!worker)
    return;
  dl_children_end(&worker->child, 0, false);
  struct pollfd end = (struct pollfd){worker->child.exit_fd, POLLIN, 0};
  while (poll(&end, 1, -1) <= 0)
    ;
  dl_children_status(&worker->child);
  free_worker(worker);
  context->worker = NULL;
}
