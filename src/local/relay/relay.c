#include "relay.h"
#include "http/internal.h"
#include "lend.h"
#include "websocket/websocket.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* How much answer is kept while the request is still being sent. */
#define EARLY_LIMIT ((size_t)64 << 20)

/* Takes `n` bytes off the front of the pieces. */
static void advance(struct msghdr *m, size_t n) {
  while (m->msg_iovlen > 0 && n >= m->msg_iov->iov_len) {
    n -= m->msg_iov->iov_len;
    m->msg_iov++;
    m->msg_iovlen--;
  }
  if (m->msg_iovlen > 0) {
    m->msg_iov->iov_base = (char *)m->msg_iov->iov_base + n;
    m->msg_iov->iov_len -= n;
  }
}

/* Waits for room, taking in what comes back meanwhile: a server that answers
 * while it reads would otherwise wait for us as we wait for it. One that reads
 * nothing more is left when the client is gone, or after a while: behind what
 * was not taken, the client's end cannot be seen. */
static void wait_writable(dl_relay *r) {
  struct pollfd fds[2] = {{r->fd, POLLOUT, 0}, {r->client_fd, POLLRDHUP, 0}};
  int n;
  if (r->in.len < EARLY_LIMIT)
    fds[0].events |= POLLIN;
  n = poll(fds, 2, r->stalled_ms);
  if (n < 0)
    return;
  r->left = n > 0 && !fds[0].revents;
  if (!fds[0].revents || ((fds[0].revents & POLLIN) && !dl_relay_fill(r)))
    r->broken = true;
}

static void send_pieces(dl_relay *r, struct iovec *pieces, size_t count) {
  struct msghdr m = {.msg_iov = pieces, .msg_iovlen = count};
  advance(&m, 0);
  while (m.msg_iovlen > 0 && !r->broken) {
    ssize_t n = sendmsg(r->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0)
      advance(&m, (size_t)n);
    else if (errno == EAGAIN)
      wait_writable(r);
    else if (errno != EINTR)
      r->broken = true;
  }
}

static void send_text(dl_relay *r, const char *text, size_t len) {
  struct iovec piece = {(void *)(uintptr_t)text, len};
  send_pieces(r, &piece, 1);
}

typedef struct head {
  dl_strbuf text;
  const dl_relay_target *target;
} head;

static enum MHD_Result add_header(void *arg, enum MHD_ValueKind kind,
                                  const char *name, const char *value) {
  head *h = arg;
  const dl_relay_target *to = h->target;
  (void)kind;
  if (!dl_relay_is_hop_header(name) && strcasecmp(name, "Host") != 0 &&
      strcasecmp(name, "Expect") != 0 &&
      strcasecmp(name, "Content-Length") != 0 &&
      !to->drops(to->arg, name, value))
    dl_strbuf_addf(&h->text, "%s: %s\r\n", name, value ? value : "");
  return MHD_YES;
}

/* Two framings of one body would be an invitation to smuggle: what goes on is
 * the one that was used to read it. */
static void add_framing(dl_strbuf *text, dl_http_request *req, dl_relay *r) {
  const char *length = dl_http_header(req, "Content-Length");
  r->chunked_request = dl_http_header(req, "Transfer-Encoding") != NULL;
  if (r->chunked_request)
    dl_strbuf_adds(text, "Transfer-Encoding: chunked\r\n");
  else if (length)
    dl_strbuf_addf(text, "Content-Length: %s\r\n", length);
}

static bool brings_body(const dl_http_request *req, const dl_relay *r) {
  const char *length = dl_http_header(req, "Content-Length");
  return r->chunked_request || (length && strtoull(length, NULL, 10) > 0);
}

static bool awaits_continue(const dl_http_request *req) {
  const char *expect = dl_http_header(req, "Expect");
  return expect && strcasecmp(expect, "100-continue") == 0;
}

static void hold_head(dl_http_request *req, dl_relay *r,
                      const dl_relay_target *to) {
  const char *query = to->query ? to->query : dl_http_raw_query(req);
  head h = {.target = to};
  dl_strbuf_addf(&h.text, "%s %s%s%s HTTP/1.1\r\nHost: %s\r\n",
                 dl_http_method(req), to->path, *query ? "?" : "", query,
                 to->host);
  dl_http_each_header(req, add_header, &h);
  if (to->more)
    dl_strbuf_adds(&h.text, to->more);
  if (to->borrows)
    dl_strbuf_adds(&h.text, DL_LEND_HEADER ": 1\r\n");
  add_framing(&h.text, req, r);
  if (awaits_continue(req))
    dl_strbuf_adds(&h.text, "Expect: 100-continue\r\n");
  if (r->asks_upgrade)
    dl_strbuf_adds(&h.text,
                   "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  else
    dl_strbuf_adds(&h.text, r->keep ? "\r\n" : "Connection: close\r\n\r\n");
  if (h.text.failed)
    r->broken = true;
  r->held = h.text;
}

static void send_held(dl_relay *r) {
  send_text(r, r->held.data, r->held.len);
  dl_strbuf_free(&r->held);
}

/* Before the body: passes the head on. A client that wants to be told whether
 * to send its body at all is told by the server behind. */
void dl_relay_begin(dl_http_request *req, const dl_relay_target *target) {
  dl_relay *r = calloc(1, sizeof *r);
  unsigned status;
  if (!r) {
    close(target->fd);
    if (target->leave)
      target->leave(target->place);
    dl_http_reply_error(req, 503, NULL, "out of memory");
    return;
  }
  r->fd = target->fd;
  r->keep = target->keep;
  r->leave = target->leave;
  r->place = target->place;
  r->client_fd = dl_http_client_fd(req);
  r->connection = req->connection;
  r->stalled_ms = (int)dl_http_idle_seconds(req->server) * 1000;
  r->passes_loss = target->passes_loss;
  r->borrows = target->borrows;
  r->file = -1;
  r->answers = target->answers ? target->answers : dl_http_add_header;
  r->asks_upgrade = dl_websocket_wanted(req);
  dl_http_set_state(req, r, dl_relay_free);
  dl_http_pass(req);
  hold_head(req, r, target);
  if (!brings_body(req, r) || awaits_continue(req) || r->asks_upgrade)
    send_held(r);
  if (awaits_continue(req) && !r->broken) {
    status = dl_relay_read_head(req, r);
    if (status != 100)
      dl_relay_reply(req, dl_http_take_state(req), status);
  }
}

/* A piece of the request's body. The first goes out with the head. */
void dl_relay_body(dl_http_request *req, const char *data, size_t len) {
  dl_relay *r = dl_http_state(req);
  struct iovec pieces[4] = {{0}};
  char size[24];
  pieces[0].iov_base = r->held.data;
  pieces[0].iov_len = r->held.len;
  pieces[2].iov_base = (void *)(uintptr_t)data;
  pieces[2].iov_len = len;
  if (r->chunked_request) {
    pieces[1].iov_base = size;
    pieces[1].iov_len = (size_t)snprintf(size, sizeof size, "%zx\r\n", len);
    pieces[3].iov_base = (void *)(uintptr_t) "\r\n";
    pieces[3].iov_len = 2;
  }
  send_pieces(r, pieces, 4);
  dl_strbuf_free(&r->held);
}

/* The end of the body: now the answer is passed back. */
void dl_relay_finish(dl_http_request *req) {
  dl_relay *r = dl_http_state(req);
  unsigned status;
  if (r->held.len > 0)
    send_held(r);
  if (r->chunked_request)
    send_text(r, "0\r\n\r\n", 5);
  do
    status = dl_relay_read_head(req, r);
  while (status == 100);
  r->answered = status >= 200;
  if (status == 101)
    dl_relay_tunnel(req);
  else
    dl_relay_reply(req, dl_http_take_state(req), status);
}
