#include "fd.h"
#include "http/internal.h"
#include "lend.h"
#include "relay.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* The connection to the other server, and what belongs to a connection. */

#define READ_SIZE ((size_t)64 << 10)

/* Whether request and answer are over, to the last byte. */
static bool is_complete(const dl_relay *r) {
  return r->answered && !r->closes && !r->broken && !r->left && r->file < 0 &&
         r->framing == DL_RELAY_LENGTH && r->missing == 0 && r->at == r->in.len;
}

/* Frees the relay and closes its connection, which ends the request there,
 * unless it can be kept. */
void dl_relay_free(void *relay) {
  dl_relay *r = relay;
  if (r->keep && is_complete(r))
    r->keep(r->place, r->fd);
  else
    dl_fd_close(&r->fd);
  dl_fd_close(&r->file);
  dl_strbuf_free(&r->held);
  dl_strbuf_free(&r->in);
  if (r->leave)
    r->leave(r->place);
  free(r);
}

/* Whether there is something to read. While nothing comes, the client is
 * watched: for one that has left, nothing more need be done. */
static bool wait_readable(dl_relay *r) {
  for (;;) {
    struct pollfd fds[2] = {{r->fd, POLLIN, 0}, {r->client_fd, POLLRDHUP, 0}};
    int n = poll(fds, 2, -1);
    if (n < 0 && errno != EINTR)
      return false;
    if (n <= 0)
      continue;
    if (fds[0].revents)
      return true;
    r->left = true;
    return false;
  }
}

/* The library counts the time spent in here as idle time of the client (while
 * a handler runs, the clock stands and `idle_seconds` is 0). */
static void set_timeout(dl_relay *r, unsigned seconds) {
  MHD_set_connection_option(r->connection, MHD_CONNECTION_OPTION_TIMEOUT,
                            seconds);
}

static ssize_t receive(dl_relay *r, char *buffer, size_t size) {
  return r->borrows ? dl_lend_receive(r->fd, buffer, size, &r->file)
                    : recv(r->fd, buffer, size, MSG_DONTWAIT);
}

/* Receives into the buffer, waiting for the first byte. How many, 0 at the
 * end, -1 where that is no proper one or the client has left. */
ssize_t dl_relay_receive(dl_relay *r, char *buffer, size_t size) {
  ssize_t n = receive(r, buffer, size);
  while (n < 0 && (errno == EINTR || errno == EAGAIN)) {
    bool comes;
    set_timeout(r, 0);
    comes = wait_readable(r);
    set_timeout(r, r->idle_seconds);
    if (!comes)
      return -1;
    n = receive(r, buffer, size);
  }
  return n;
}

/* Receives more into r->in, where what was used makes room: what is not yet
 * used moves to its beginning. False at the end. */
bool dl_relay_fill(dl_relay *r) {
  ssize_t n;
  if (r->at > 0) { /* or all that ever came would be kept */
    r->in.len -= r->at;
    memmove(r->in.data, r->in.data + r->at, r->in.len + 1);
    r->at = 0;
  }
  if (dl_strbuf_reserve(&r->in, READ_SIZE))
    return false;
  n = dl_relay_receive(r, r->in.data + r->in.len, READ_SIZE);
  if (n <= 0)
    return false;
  r->in.len += (size_t)n;
  r->in.data[r->in.len] = '\0';
  return true;
}

/* Headers that speak of one connection and are not passed on. */
bool dl_relay_is_hop_header(const char *name) {
  static const char *const names[] = {"Connection",
                                      "Keep-Alive",
                                      "Proxy-Authenticate",
                                      "Proxy-Authorization",
                                      "Proxy-Connection",
                                      "TE",
                                      "Trailer",
                                      "Transfer-Encoding",
                                      "Upgrade"};
  size_t i;
  for (i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcasecmp(name, names[i]) == 0)
      return true;
  }
  return false;
}
