#include "link.h"
#include "clock.h"
#include "strbuf.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_LINE ((size_t)1 << 20)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t last_active = -1000;

char *dl_link_read_line(int fd) {
  dl_strbuf line = {0};
  for (;;) {
    char c;
    ssize_t n = read(fd, &c, 1);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0 || line.len > MAX_LINE) {
      dl_strbuf_free(&line);
      return NULL;
    }
    if (c == '\n')
      return dl_strbuf_detach(&line);
    dl_strbuf_addc(&line, c);
  }
}

void dl_link_say(int fd, const char *line) {
  send(fd, line, strlen(line), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void dl_link_active(int fd) {
  int64_t now = dl_clock_monotonic_ms();
  pthread_mutex_lock(&lock);
  bool due = now - last_active >= 1000;
  if (due)
    last_active = now;
  pthread_mutex_unlock(&lock);
  if (due)
    dl_link_say(fd, "active\n");
}
