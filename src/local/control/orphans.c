#include "orphans.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "strbuf.h"
#include "watch_scan.h"

/* Sandboxes end with their server, however that ends: the kernel kills
 * bubblewrap's process outside, and with it the one inside. But the one inside
 * asks for that once it has begun, and before it waits for the other's word: if
 * that one is killed in between, it waits for ever. The directory is locked, so
 * nothing of it runs that another server would miss. */

#define TRIES 50
#define PAUSE_MS 20
#define LINE_LIMIT ((size_t)1 << 20)

/* The arguments of a process, each with its NUL. Empty where it is gone. */
static void read_arguments(pid_t pid, dl_strbuf *out) {
  char path[64];
  ssize_t n = 1;
  snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  while (fd >= 0 && out->len < LINE_LIMIT && n > 0 &&
         dl_strbuf_reserve(out, 4096) == 0) {
    n = read(fd, out->data + out->len, 4096);
    if (n < 0 && errno == EINTR)
      n = 1;
    else if (n > 0)
      out->len += (size_t)n;
  }
  dl_fd_close(&fd);
  if (out->data)
    out->data[out->len] = '\0';
}

static bool is_bubblewrap(const char *program) {
  const char *slash = strrchr(program, '/');
  return strcmp(slash ? slash + 1 : program, "bwrap") == 0;
}

/* Whether it is bubblewrap with the storage of one of our sandboxes, whose
 * directories begin with `storage`. */
static bool is_left(pid_t pid, const dl_strbuf *storage) {
  dl_strbuf arguments = {0};
  size_t at = 0;
  bool left = false;
  read_arguments(pid, &arguments);
  if (arguments.len > 0 && is_bubblewrap(arguments.data)) {
    for (; !left && at < arguments.len; at += strlen(arguments.data + at) + 1)
      left = strncmp(arguments.data + at, storage->data, storage->len) == 0;
  }
  dl_strbuf_free(&arguments);
  return left;
}

/* Kills all that is left. How many there were that could be. */
static size_t kill_all(const dl_strbuf *storage) {
  dl_scan scan = {0};
  size_t i, count = 0;
  dl_scan_read(&scan);
  for (i = 0; i < scan.count; i++)
    count += is_left(scan.list[i].pid, storage) &&
             dl_scan_signal(&scan.list[i], SIGKILL);
  dl_scan_free(&scan);
  return count;
}

void dl_orphans_end(const dl_datadir *dir) {
  dl_strbuf storage = {0};
  int i;
  dl_strbuf_addf(&storage, "%s/sandboxes/", dir->path);
  for (i = 0; !storage.failed && i < TRIES && kill_all(&storage) > 0; i++)
    poll(NULL, 0, PAUSE_MS);
  dl_strbuf_free(&storage);
}
