#ifndef DL_TOOLBOX_PROXY_H
#define DL_TOOLBOX_PROXY_H

#include "http.h"
#include "strbuf.h"

/* One request that is passed on to a server inside the sandbox. */
typedef struct dl_proxy {
  int fd;
  bool chunked_request;
  bool broken;  /* the server went away while the body was sent */
  dl_strbuf in; /* received, from `at` on not yet used */
  size_t at;
  enum { DL_PROXY_LENGTH, DL_PROXY_CHUNKED, DL_PROXY_TO_END } framing;
  uint64_t left;      /* of the body, or of the present chunk */
  bool chunk_started; /* a chunk's line break is due before the next one */
  bool ended;
} dl_proxy;

#pragma GCC visibility push(hidden)

void dl_proxy_free(void *proxy);
ssize_t dl_proxy_receive(dl_proxy *p);
bool dl_proxy_is_hop_header(const char *name);
void dl_proxy_reply(dl_http_request *req, dl_proxy *p);

#pragma GCC visibility pop

#endif
