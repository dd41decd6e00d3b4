#include "server.h"
#include "clock.h"
#include "fd.h"
#include "thread.h"
#include "toolbox/process/spawn.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* One thread for each server reads all that it prints, wanted or not, and
 * writes all that it is told: so neither a server that floods nor one that does
 * not read holds anybody up but itself. */

#define STACK ((size_t)1 << 20) /* the JSON of a server may be deep */
#define PIECE ((size_t)64 << 10)

static void wake(const dl_lsp_server *s) {
  const uint64_t one = 1;
  if (write(s->wake, &one, sizeof one) < 0)
    return; /* it is counted to the brim, and so wakes */
}

/* Reads once. False at the end, and where what comes is no message. */
static bool read_output(dl_lsp_server *s, char *piece) {
  const char *text;
  size_t len;
  ssize_t n = read(s->output, piece, PIECE);
  int rc;
  if (n <= 0)
    return n < 0 && (errno == EINTR || errno == EAGAIN);
  if (dl_lsp_frames_add(&s->frames, piece, (size_t)n))
    return false;
  while ((rc = dl_lsp_frames_next(&s->frames, &text, &len)) > 0) {
    if (!dl_lsp_take(s, text, len))
      return false;
  }
  return rc == 0;
}

/* Writes what there is room for. False if nobody reads any more. */
static bool write_input(dl_lsp_server *s) {
  ssize_t n;
  bool ok;
  pthread_mutex_lock(&s->lock);
  n = s->out.len > 0
          ? write(s->input, s->out.data + s->told, s->out.len - s->told)
          : 0;
  ok = n >= 0 || errno == EINTR || errno == EAGAIN;
  s->told += n > 0 ? (size_t)n : 0;
  if (s->told == s->out.len) {
    dl_strbuf_free(&s->out);
    s->told = 0;
  }
  pthread_mutex_unlock(&s->lock);
  return ok;
}

/* Waits for something to do and does it. False: the server has ended, or is
 * to. */
static bool turn(dl_lsp_server *s, char *piece) {
  struct pollfd fds[4] = {{s->output, POLLIN, 0},
                          {s->input, 0, 0},
                          {s->wake, POLLIN, 0},
                          {s->child.exit_fd, POLLIN, 0}};
  uint64_t count;
  bool stopping;
  pthread_mutex_lock(&s->lock);
  stopping = s->stopping;
  fds[1].events = s->out.len > 0 ? POLLOUT : 0;
  pthread_mutex_unlock(&s->lock);
  if (stopping)
    return false;
  if (poll(fds, 4, -1) < 0)
    return errno == EINTR;
  if (fds[2].revents && read(s->wake, &count, sizeof count) < 0)
    return false;
  if (fds[0].revents)
    return read_output(s, piece);
  /* All that it had printed is read. */
  if (fds[3].revents || fds[1].revents & (POLLERR | POLLHUP))
    return false;
  return !fds[1].revents || write_input(s);
}

/* Ends the server with all that it has started. */
static void end_child(dl_lsp_server *s) {
  struct pollfd end = {s->child.exit_fd, POLLIN, 0};
  dl_children_end(&s->child, 0, false);
  while (poll(&end, 1, -1) <= 0)
    ;
  dl_children_status(&s->child);
}

static void *run(void *arg) {
  dl_lsp_server *s = arg;
  char *piece = malloc(PIECE);
  while (piece && turn(s, piece))
    ;
  free(piece);
  pthread_mutex_lock(&s->lock);
  s->stopping = true;
  pthread_cond_broadcast(&s->changed);
  pthread_mutex_unlock(&s->lock);
  end_child(s);
  pthread_mutex_lock(&s->lock);
  s->ended = true;
  pthread_cond_broadcast(&s->changed);
  pthread_mutex_unlock(&s->lock);
  dl_lsp_server_unref(s);
  return NULL;
}

static void free_server(dl_lsp_server *s) {
  dl_fd_close(&s->input);
  dl_fd_close(&s->output);
  dl_fd_close(&s->wake);
  json_decref(s->documents);
  dl_strbuf_free(&s->out);
  dl_lsp_frames_free(&s->frames);
  pthread_cond_destroy(&s->changed);
  pthread_mutex_destroy(&s->lock);
  free(s);
}

/* Starts the program. 0, or an errno value. */
static int start(dl_lsp_server *s, const char *const *argv, char *const *env) {
  int in = -1, out = -1, error;
  if (s->wake < 0 || dl_fd_pipe(&s->input, &in, false) ||
      dl_fd_pipe(&s->output, &out, true))
    error = errno;
  else {
    dl_spawn plan = {argv, env, NULL, {in, out, -1, -1}, NULL};
    error = dl_children_spawn(&s->child, dl_spawn_start, &plan);
  }
  dl_fd_close(&in);
  dl_fd_close(&out);
  return error;
}

/* Starts a language server, which is then STARTING; the caller has a
 * reference. NULL with an errno value. */
dl_lsp_server *dl_lsp_server_start(const char *const *argv, char *const *env,
                                   int *error) {
  dl_lsp_server *s = calloc(1, sizeof *s);
  *error = ENOMEM;
  if (!s)
    return NULL;
  pthread_mutex_init(&s->lock, NULL);
  dl_clock_cond_init(&s->changed);
  s->refs = 2; /* the caller's and the thread's */
  s->input = s->output = -1;
  s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  *error = start(s, argv, env);
  if (*error == 0) {
    *error = dl_thread_start(run, s, STACK);
    if (*error)
      end_child(s);
  }
  if (*error == 0)
    return s;
  free_server(s);
  return NULL;
}

/* Whether it has not ended. */
bool dl_lsp_server_runs(dl_lsp_server *s) {
  bool runs;
  pthread_mutex_lock(&s->lock);
  runs = !s->stopping;
  pthread_mutex_unlock(&s->lock);
  return runs;
}

/* Says how its start went. */
void dl_lsp_server_ready(dl_lsp_server *s, bool ready) {
  pthread_mutex_lock(&s->lock);
  s->state = ready ? DL_LSP_READY : DL_LSP_FAILED;
  pthread_cond_broadcast(&s->changed);
  pthread_mutex_unlock(&s->lock);
}

/* Whether it has started and runs; waits for a start that is under way. */
bool dl_lsp_server_is_ready(dl_lsp_server *s, int wait_ms) {
  struct timespec until = dl_clock_after(wait_ms);
  bool ready;
  int rc = 0;
  pthread_mutex_lock(&s->lock);
  while (s->state == DL_LSP_STARTING && !s->stopping && wait_ms > 0 && rc == 0)
    rc = pthread_cond_timedwait(&s->changed, &s->lock, &until);
  ready = s->state == DL_LSP_READY && !s->stopping;
  pthread_mutex_unlock(&s->lock);
  return ready;
}

void dl_lsp_server_ref(dl_lsp_server *s) {
  pthread_mutex_lock(&s->lock);
  s->refs++;
  pthread_mutex_unlock(&s->lock);
}

/* Gives a reference back; NULL is fine. */
void dl_lsp_server_unref(dl_lsp_server *s) {
  unsigned left;
  if (!s)
    return;
  pthread_mutex_lock(&s->lock);
  left = --s->refs;
  pthread_mutex_unlock(&s->lock);
  if (left == 0)
    free_server(s);
}

/* Ends it, and returns when nothing of it is left. It has `grace_ms` to end by
 * itself. */
void dl_lsp_server_end(dl_lsp_server *s, int grace_ms) {
  struct timespec until = dl_clock_after(grace_ms);
  int rc = 0;
  pthread_mutex_lock(&s->lock);
  while (grace_ms > 0 && !s->stopping && rc == 0)
    rc = pthread_cond_timedwait(&s->changed, &s->lock, &until);
  s->stopping = true;
  wake(s);
  while (!s->ended)
    pthread_cond_wait(&s->changed, &s->lock);
  pthread_mutex_unlock(&s->lock);
}
