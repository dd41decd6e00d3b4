#include "uplink.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "clock.h"
#include "fd.h"
#include "strbuf.h"

/* The helper process of a sandbox, outside of it: it gives the sandbox's
 * network namespace its way out and the listeners of --expose, and serves
 * these. It ends with the sandbox, and with the server. */

#define TOLD_MS 60000 /* a machine may be busy */
#define STACK_MS 3000 /* a stack that is not ready by then is killed */
#define TAIL 512

enum { SANDBOX, READY, LOG, FIXED };

typedef struct helper {
  const char *prefix; /* of messages */
  dl_exposed services[DL_EXPOSE_MOST];
  int listeners[DL_EXPOSE_MOST];
  size_t count;
  int sandbox_fd; /* readable when the sandbox has ended */
  int gate_fd;
  dl_stack stack;
  bool up;          /* the way out is there */
  int64_t gate_at;  /* monotonic ms: the sandbox waits no longer */
  int64_t stack_at; /* nor is the stack waited for; 0: not at all */
  char tail[TAIL];  /* the last that the stack printed */
  size_t tail_len;
} helper;

/* The line of JSON that bubblewrap writes; NULL if there is none. */
static json_t *read_info(void) {
  int64_t until = dl_clock_monotonic_ms() + TOLD_MS;
  dl_strbuf text = {0};
  json_t *info = NULL;
  char chunk[1024];
  ssize_t n = 1;
  while (n != 0) {
    struct pollfd p = {DL_UPLINK_INFO_FD, POLLIN, 0};
    int64_t left = until - dl_clock_monotonic_ms();
    if (left <= 0 || (poll(&p, 1, (int)left) < 0 && errno != EINTR))
      break;
    n = p.revents ? read(DL_UPLINK_INFO_FD, chunk, sizeof chunk) : -1;
    if (n > 0)
      dl_strbuf_add(&text, chunk, (size_t)n);
  }
  if (n == 0 && text.len > 0 && !text.failed)
    info = json_loadb(text.data, text.len, 0, NULL);
  dl_strbuf_free(&text);
  return info;
}

static void say(const helper *h, const char *what) {
  fprintf(stderr, "%s%s\n", h->prefix, what);
}

/* The last line that the stack printed, or a text of ours. */
static void say_why(helper *h, const char *otherwise) {
  while (h->tail_len > 0 && h->tail[h->tail_len - 1] == '\n')
    h->tail_len--;
  h->tail[h->tail_len] = '\0';
  char *line = strrchr(h->tail, '\n');
  line = line ? line + 1 : h->tail;
  fprintf(stderr, "%sslirp4netns: %s\n", h->prefix, *line ? line : otherwise);
}

/* What it prints must be read, or it would wait for that. */
static void read_log(helper *h) {
  char chunk[TAIL / 2];
  ssize_t n;
  while ((n = read(h->stack.log_fd, chunk, sizeof chunk)) > 0) {
    size_t len = (size_t)n, over;
    over = h->tail_len + len > TAIL - 1 ? h->tail_len + len - (TAIL - 1) : 0;
    memmove(h->tail, h->tail + over, h->tail_len - over);
    h->tail_len -= over;
    memcpy(h->tail + h->tail_len, chunk, len);
    h->tail_len += len;
  }
  if (n == 0 || (errno != EAGAIN && errno != EINTR))
    dl_fd_close(&h->stack.log_fd);
}

static void give_up(helper *h, const char *why) {
  if (h->stack.log_fd >= 0)
    read_log(h);
  dl_stack_end(&h->stack);
  h->stack_at = 0;
  say_why(h, why);
}

static void read_ready(helper *h) {
  char byte;
  h->up = read(h->stack.ready_fd, &byte, 1) == 1;
  dl_fd_close(&h->stack.ready_fd);
  h->stack_at = 0;
  if (!h->up)
    give_up(h, "it ended without a word");
}

static void watch(struct pollfd *p, int fd) {
  p->fd = fd; /* poll skips a negative one */
  p->events = POLLIN;
  p->revents = 0;
}

static int time_left(const helper *h) {
  int64_t until = h->gate_fd >= 0 ? h->gate_at : INT64_MAX;
  int64_t now = dl_clock_monotonic_ms();
  if (h->stack_at && h->stack_at < until)
    until = h->stack_at;
  if (until == INT64_MAX)
    return -1;
  return until > now ? (int)(until - now) : 0;
}

/* One wait and what it brought. False once the sandbox has ended. */
static bool turn(helper *h) {
  struct pollfd set[FIXED + DL_EXPOSE_MOST];
  watch(&set[SANDBOX], h->sandbox_fd);
  watch(&set[READY], h->stack.ready_fd);
  watch(&set[LOG], h->stack.log_fd);
  for (size_t i = 0; i < h->count; i++)
    watch(&set[FIXED + i], h->listeners[i]);
  if (poll(set, FIXED + h->count, time_left(h)) < 0)
    return errno == EINTR;
  if (set[SANDBOX].revents)
    return false;
  if (set[LOG].revents)
    read_log(h);
  if (set[READY].revents)
    read_ready(h);
  else if (h->up && h->stack.pid > 0 && h->stack.log_fd < 0)
    give_up(h, "it ended; the sandbox has no way out any more");
  int64_t now = dl_clock_monotonic_ms();
  if (h->stack_at && h->stack_at <= now)
    give_up(h, "it was not ready within 3 seconds");
  if (!h->stack_at || h->gate_at <= now)
    dl_fd_close(&h->gate_fd);
  for (size_t i = 0; i < h->count; i++) {
    if (set[FIXED + i].revents)
      dl_expose_accept(h->listeners[i], &h->services[i]);
  }
  return true;
}

/* Finds the namespace and makes it what it shall be. 0, or -1. */
static int prepare(helper *h, const char *program) {
  json_t *info = read_info();
  pid_t child = (pid_t)json_integer_value(json_object_get(info, "child-pid"));
  long long inode = json_integer_value(json_object_get(info, "net-namespace"));
  int user_fd = -1, net_fd = -1, rc = -1;
  json_decref(info);
  if (child <= 0) /* bubblewrap failed, and tells why */
    return -1;
  h->sandbox_fd = pidfd_open(child, 0);
  if (h->sandbox_fd < 0 || dl_uplink_enter(child, inode, &user_fd, &net_fd))
    say(h, strerror(errno));
  else
    rc = dl_uplink_prepare(user_fd, net_fd, program != NULL, h->services,
                           h->count, h->listeners);
  if (rc == 0 && program) {
    h->stack_at = dl_clock_monotonic_ms() + STACK_MS;
    if (dl_stack_start(&h->stack, program, user_fd, net_fd))
      give_up(h, strerror(errno));
  }
  dl_fd_close(&user_fd);
  dl_fd_close(&net_fd);
  return rc;
}

static int read_arguments(helper *h, int argc, char **argv) {
  for (int i = 4; i < argc && h->count < DL_EXPOSE_MOST; i++) {
    if (!dl_expose_read(&h->services[h->count++], argv[i]))
      return -1;
  }
  return 0;
}

/* "uplink PREFIX GATE_MS PROGRAM [HOST:PORT ...]": how the server starts the
 * helper. PROGRAM is slirp4netns or empty; GATE_MS is how long the sandbox
 * waits for it. 0 where there was a way out (or none was asked for), else 1. */
int dl_uplink_main(int argc, char **argv) {
  helper h;
  memset(&h, 0, sizeof h);
  h.sandbox_fd = -1;
  h.gate_fd = DL_UPLINK_GATE_FD;
  h.stack.ready_fd = h.stack.log_fd = h.stack.exit_fd = -1;
  if (argc < 4 || read_arguments(&h, argc, argv))
    return 2;
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  h.prefix = argv[1];
  const char *program = *argv[3] ? argv[3] : NULL;
  if (prepare(&h, program))
    return 1; /* which opens the gate */
  h.gate_at = dl_clock_monotonic_ms() + strtol(argv[2], NULL, 10);
  while (turn(&h))
    ;
  dl_stack_end(&h.stack);
  return h.up || !program ? 0 : 1;
}
