#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "origin.h"
#include "sockets.h"

enum {
  KEEPALIVE_IDLE = 15, /* seconds */
  KEEPALIVE_INTERVAL = 5,
  KEEPALIVE_COUNT = 3
};

/* --- which there are */

static dt_link *find(dt_driver *d, int fd) {
  DT_LIST_EACH (dt_link, list, l, &d->links)
    if (l->fd == fd)
      return l;
  return NULL;
}

void dt_link_doubt(dt_link *l, int doubted) {
  __atomic_add_fetch(&l->driver->doubts, doubted - l->doubted,
                     __ATOMIC_RELAXED);
  l->doubted = doubted;
}

static void forget(dt_link *l) {
  dt_driver *d = l->driver;
  DT_LIST_EACH (dt_transfer, live, t, &d->live)
    if (t->sending.link == l)
      t->sending.link = NULL;
  dt_list_remove(&d->links, &l->list);
  if (l->probe)
    l->probe->link = NULL;
  dt_link_doubt(l, 0);
  free(l->origin);
  free(l);
}

void dt_link_free_all(dt_driver *d) {
  while (d->links.first)
    forget(DT_LIST_FIRST(dt_link, list, &d->links));
}

/* CURLOPT_SOCKOPTFUNCTION.  A link that there is no memory for is one that
 * nothing is known of. */
static int on_open(void *arg, curl_socket_t fd, curlsocktype purpose) {
  dt_driver *d = arg;
  dt_link *l = find(d, fd);
  (void)purpose;
  if (l)
    forget(l);
  l = calloc(1, sizeof *l);
  if (l) {
    l->fd = fd;
    l->driver = d;
    dt_list_prepend(&d->links, &l->list);
  }
#ifdef TCP_KEEPCNT
  int count = KEEPALIVE_COUNT;
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
#endif
  return CURL_SOCKOPT_OK;
}

/* Whether the server has ended the connection. */
static bool is_at_end(int fd) {
  char byte;
  ssize_t n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

/* CURLOPT_CLOSESOCKETFUNCTION */
static int on_close(void *arg, curl_socket_t fd) {
  dt_driver *d = arg;
  dt_link *l = find(d, fd);
  if (l) {
    int ended = l->ended || is_at_end(fd);
    DT_LIST_EACH (dt_transfer, live, t, &d->live)
      if (t->sending.link == l)
        t->sending.ended = ended;
    forget(l);
  }
  return close(fd);
}

CURLcode dt_link_observe(dt_driver *d, CURL *easy) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_open);
  if (code == CURLE_OK)
    code = curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, d);
  if (code == CURLE_OK)
    code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
  if (code == CURLE_OK)
    code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, d);
  if (code == CURLE_OK)
    code = curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_IDLE);
  if (code == CURLE_OK)
    code =
        curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_INTERVAL);
  if (code == CURLE_OK)
    code = curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, dt_link_on_debug);
  return code;
}

/* --- what goes out on them */

typedef union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  struct sockaddr_storage room;
} address;

static int port_of(const address *a) {
  return a->any.sa_family == AF_INET    ? ntohs(a->v4.sin_port)
         : a->any.sa_family == AF_INET6 ? ntohs(a->v6.sin6_port)
                                        : 0;
}

/* Asks for the two ends of a connection. */
static void look_up(dt_link *l) {
  address here, there;
  socklen_t n = sizeof here, m = sizeof there;
  if (getsockname(l->fd, &here.any, &n) != 0 ||
      getpeername(l->fd, &there.any, &m) != 0)
    return;
  const void *ip = there.any.sa_family == AF_INET6
                       ? (const void *)&there.v6.sin6_addr
                       : (const void *)&there.v4.sin_addr;
  if (!inet_ntop(there.any.sa_family, ip, l->remote, sizeof l->remote))
    return;
  l->local_port = port_of(&here);
  l->remote_port = port_of(&there);
  l->peer = (unsigned)l->remote_port;
  for (const char *s = l->remote; *s; s++)
    l->peer = l->peer * 31 + (unsigned char)*s;
}

unsigned dt_link_peer(int fd) {
  dt_link l = {.fd = fd};
  look_up(&l);
  return l.peer;
}

void dt_link_sending(dt_driver *d, dt_transfer *t, const char *remote,
                     int remote_port, int local_port, const char *url) {
  dt_link *l = DT_LIST_FIRST(dt_link, list, &d->links);
  double now = dt_sockets_now();
  for (; l; l = DT_LIST_NEXT(dt_link, list, l)) {
    if (!l->local_port)
      look_up(l);
    if (l->local_port == local_port && l->remote_port == remote_port &&
        strcmp(l->remote, remote) == 0)
      break;
  }
  t->sending = (dt_sending){.link = l, .at = now};
  dt_sockets_sooner(&d->beat_at, now + dt_link_interval(d), 0);
  if (!l)
    return;
  t->sending.is_reused = l->requests++ > 0;
  t->sending.peer = l->peer;
  l->sent_at = now;
  l->patience = d->silence / 2;
  if (!l->origin)
    l->origin = dt_origin_copy(url);
}

/* --- what HTTP/2 says */

/* Bytes of a text of libcurl that are looked at. */
enum { TEXT = 128 };

/* The number behind 'mark' in 'text', or -1. */
static long number_behind(const char *text, const char *mark, int base) {
  const char *at = strstr(text, mark);
  char *end;
  if (!at)
    return -1;
  at += strlen(mark);
  long number = strtol(at, &end, base);
  return end > at ? number : -1;
}

/* Streams above the last one will not be processed. */
static void judge_streams(dt_link *l) {
  DT_LIST_EACH (dt_transfer, live, t, &l->driver->live)
    if (t->sending.link == l && t->sending.stream > l->last_stream)
      t->sending.is_refused = 1;
}

static void note_goaway(dt_link *l, const char *text) {
  long last = number_behind(text, "last_stream=", 10);
  if (last < 0)
    return;
  l->has_goaway = 1;
  l->last_stream = last; /* a later one may only be lower */
  judge_streams(l);
}

static void note_stream(dt_transfer *t, long stream) {
  dt_link *l = t->sending.link;
  if (stream <= 0 || !l) /* without it nobody hears of a server's end */
    return;
  t->sending.stream = stream;
  l->is_http2 = 1;
  if (l->has_goaway)
    judge_streams(l);
}

/* libcurl has no other way to tell of streams than what it says to people:
 * "Using Stream ID: 5" or "[HTTP/2] [5] OPENED stream for ...", and "received
 * GOAWAY, error=0, last_stream=5", here and there misspelt, and "Downgrades to
 * HTTP/1.1" when the server wants that.  Where it says something else nothing
 * is known, and nothing is taken for refused. */
int dt_link_on_debug(CURL *easy, curl_infotype type, char *data, size_t n,
                     void *transfer) {
  dt_transfer *t = transfer;
  char text[TEXT];
  (void)easy;
  if (type != CURLINFO_TEXT || n == 0 || !t || !strchr("UrD[T", data[0]))
    return 0;
  n = n < TEXT ? n : TEXT - 1;
  memcpy(text, data, n);
  text[n] = '\0';
  dt_link *l = t->sending.link;
  if (strncmp(text, "Using Stream ID: ", 17) == 0)
    note_stream(t, strtol(text + 17, NULL, 10));
  else if (strncmp(text, "[HTTP/2] [", 10) == 0 && strstr(text, "OPENED"))
    note_stream(t, strtol(text + 10, NULL, 10));
  else if (strncmp(text, "Downgrades to HTTP/1.1", 22) == 0)
    t->sending.is_refused = 1;
  else if (l && strstr(text, "GOAWAY, error="))
    note_goaway(l, text);
  else if (l && data[0] == 'T' && strstr(text, "(IN)") &&
           strstr(text, "close notify"))
    l->ended = 1;
  return 0;
}

/* libcurl says nothing of a stream that was refused alone: it sends it again.
 * The end of the connection, which may have met a request in the middle, it
 * treats in the same way. */
bool dt_link_was_refused(const dt_transfer *t, const char *problem) {
  const dt_sending *s = &t->sending;
  if (s->is_refused)
    return true;
  if (s->stream == 0 || s->ended || s->is_lost ||
      (problem[0] && strncmp(problem, "Connection died, tried", 22) != 0))
    return false;
  return !s->link ||
         (!s->link->has_goaway && !s->link->ended && !is_at_end(s->link->fd));
}

/* --- what is heard of them */

#ifdef __linux__
static int ask(const dt_link *l, struct tcp_info *info) {
  socklen_t n = sizeof *info;
  memset(info, 0, sizeof *info);
  return getsockopt(l->fd, IPPROTO_TCP, TCP_INFO, info, &n) == 0;
}

double dt_link_silence(const dt_link *l) {
  struct tcp_info info;
  return ask(l, &info) ? info.tcpi_last_data_recv / 1000.0 : -1;
}

bool dt_link_is_unacknowledged(const dt_link *l, double seconds) {
  struct tcp_info info;
  return ask(l, &info) && info.tcpi_unacked > 0 &&
         info.tcpi_last_ack_recv / 1000.0 >= seconds &&
         info.tcpi_last_data_recv / 1000.0 >= seconds;
}
#else
double dt_link_silence(const dt_link *l) {
  (void)l;
  return -1;
}

bool dt_link_is_unacknowledged(const dt_link *l, double seconds) {
  (void)l, (void)seconds;
  return false;
}
#endif

/* Only what is received ends: libcurl may still write its farewell. */
void dt_link_lose(dt_link *l) {
  if (l->lost)
    return;
  l->lost = 1;
  DT_LIST_EACH (dt_transfer, live, t, &l->driver->live)
    if (t->sending.link == l)
      t->sending.is_lost = 1;
  shutdown(l->fd, SHUT_RD);
}

bool dt_link_has_input(const dt_link *l) {
  char byte;
  ssize_t n = recv(l->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

bool dt_link_is_fit(const dt_link *l) {
  return !l || (!l->lost &&
                (l->requests < 2 || l->is_http2 || !dt_link_has_input(l)));
}

void dt_link_drop(dt_link *l) {
  char bytes[512];
  for (int i = 0; i < 32; i++)
    if (recv(l->fd, bytes, sizeof bytes, MSG_DONTWAIT) <= 0)
      break;
  dt_link_lose(l);
}
