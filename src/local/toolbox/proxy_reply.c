#include "proxy.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEAD_LIMIT ((size_t)256 << 10)

/* Waits for the line break sequence `end` in what is unread. NULL if the
 * server ends first or talks too long. */
static char *wait_for(dl_proxy *p, const char *end, size_t limit) {
  for (;;) {
    char *hit = p->in.data ? strstr(p->in.data + p->at, end) : NULL;
    if (hit)
      return hit;
    if (p->in.len - p->at > limit || dl_proxy_receive(p) <= 0)
      return NULL;
  }
}

static void take_header(dl_http_request *req, dl_proxy *p, char *line) {
  char *value = strchr(line, ':');
  if (!value)
    return;
  *value++ = '\0';
  value += strspn(value, " \t");
  if (strcasecmp(line, "Content-Length") == 0) {
    if (p->framing == DL_PROXY_TO_END)
      p->framing = DL_PROXY_LENGTH;
    p->left = strtoull(value, NULL, 10);
  }
  else if (strcasecmp(line, "Transfer-Encoding") == 0) {
    if (strcasecmp(value, "chunked") == 0)
      p->framing = DL_PROXY_CHUNKED;
  }
  else if (!dl_proxy_is_hop_header(line))
    dl_http_add_header(req, line, value);
}

/* Reads the status line and the headers, which become the reply's. Interim
 * answers are passed over. Returns the status, 0 if there is none. */
static unsigned read_head(dl_http_request *req, dl_proxy *p) {
  unsigned long status;
  char *end, *line;
  do {
    end = wait_for(p, "\r\n\r\n", HEAD_LIMIT);
    line = end ? p->in.data + p->at : NULL;
    if (!end || strncmp(line, "HTTP/1.", 7) != 0 || !strchr(line, ' '))
      return 0;
    status = strtoul(strchr(line, ' '), NULL, 10);
    p->at = (size_t)(end - p->in.data) + 4;
  } while (status >= 100 && status < 200);
  if (status < 200 || status > 999)
    return 0;
  *end = '\0';
  p->framing = DL_PROXY_TO_END;
  p->left = 0;
  while ((line = strstr(line, "\r\n"))) {
    char *next;
    line += 2;
    next = strstr(line, "\r\n");
    if (next)
      *next = '\0';
    take_header(req, p, line);
    if (!next)
      break;
    *next = '\r';
    line = next;
  }
  return (unsigned)status;
}

/* Steps to the next chunk of a chunked body. False if it makes no sense. */
static bool next_chunk(dl_proxy *p) {
  char *line, *end;
  if (p->chunk_started) {
    if (!wait_for(p, "\r\n", 2))
      return false;
    p->at += 2;
  }
  end = wait_for(p, "\r\n", 4096);
  if (!end)
    return false;
  line = p->in.data + p->at;
  if (!strchr("0123456789abcdefABCDEF", *line))
    return false;
  p->left = strtoull(line, NULL, 16);
  p->at = (size_t)(end - p->in.data) + 2;
  p->chunk_started = true;
  p->ended = p->left == 0;
  return true;
}

/* Gives the body on as it comes, whatever its framing. */
static ssize_t read_body(void *state, uint64_t pos, char *buffer, size_t size) {
  dl_proxy *p = state;
  size_t have;
  (void)pos;
  if (p->framing == DL_PROXY_CHUNKED && p->left == 0 && !p->ended &&
      !next_chunk(p))
    return MHD_CONTENT_READER_END_WITH_ERROR;
  if (p->ended)
    return MHD_CONTENT_READER_END_OF_STREAM;
  if (p->at == p->in.len) {
    ssize_t n = dl_proxy_receive(p);
    if (n == 0 && p->framing == DL_PROXY_TO_END)
      return MHD_CONTENT_READER_END_OF_STREAM;
    if (n <= 0)
      return MHD_CONTENT_READER_END_WITH_ERROR;
  }
  have = p->in.len - p->at;
  if (have > size)
    have = size;
  if (p->framing != DL_PROXY_TO_END && have > p->left)
    have = (size_t)p->left;
  memcpy(buffer, p->in.data + p->at, have);
  p->at += have;
  if (p->framing != DL_PROXY_TO_END)
    p->left -= have;
  return (ssize_t)have;
}

/* Waits for the server's answer and makes it the reply. Owns `p`. */
void dl_proxy_reply(dl_http_request *req, dl_proxy *p) {
  unsigned status = read_head(req, p);
  int64_t len = -1;
  if (status == 0) {
    dl_proxy_free(p);
    dl_http_reply_error(req, 502, NULL,
                        "the server behind the port gave no "
                        "proper answer");
    return;
  }
  if (status == 204 || status == 304) {
    dl_proxy_free(p);
    dl_http_reply_empty(req, status);
    return;
  }
  if (p->framing == DL_PROXY_LENGTH)
    len = (int64_t)p->left;
  dl_http_reply_stream(req, status, len, read_body, p, dl_proxy_free);
}
