#include "relay.h"
#include "http/internal.h"
#include "lend.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_LIMIT ((size_t)256 << 10)
#define BLOCK ((size_t)256 << 10)
#define INTERIM_LIMIT 1000

/* Waits for the line break sequence `end` in what is unread. NULL if the
 * server ends first or talks too long. */
static char *wait_for(dl_relay *r, const char *end, size_t limit) {
  for (;;) {
    char *hit = r->in.data ? strstr(r->in.data + r->at, end) : NULL;
    if (hit)
      return hit;
    if (r->in.len - r->at > limit || !dl_relay_fill(r))
      return NULL;
  }
}

/* The length of the body. Nobody knows what is meant by one that is no number,
 * or by two that differ. */
static void take_length(dl_relay *r, const char *text) {
  uint64_t length = strtoull(text, NULL, 10);
  size_t digits = strspn(text, "0123456789");
  if (digits == 0 || text[digits] || length > INT64_MAX ||
      (r->has_length && length != r->missing))
    r->unclear = true;
  r->has_length = true;
  r->missing = length;
  if (r->framing == DL_RELAY_TO_END)
    r->framing = DL_RELAY_LENGTH;
}

static void take_header(dl_http_request *req, dl_relay *r, char *line) {
  char *value = strchr(line, ':'), *end;
  if (!value)
    return;
  *value++ = '\0';
  value += strspn(value, " \t");
  for (end = value + strlen(value);
       end > value && (end[-1] == ' ' || end[-1] == '\t');)
    *--end = '\0';
  if (strcasecmp(line, "Content-Length") == 0)
    take_length(r, value);
  else if (strcasecmp(line, "Transfer-Encoding") == 0) {
    if (strcasecmp(value, "chunked") != 0)
      r->unclear = true; /* we could not take it off */
    r->framing = DL_RELAY_CHUNKED;
  }
  else if (strcasecmp(line, "Connection") == 0)
    r->closes = strcasestr(value, "close") != NULL;
  else if (!dl_relay_is_hop_header(line))
    r->answers(req, line, value);
}

/* Reads a status line and the headers, which become the reply's. Returns the
 * status, 0 if there is none, or none that all would read in the same way; of
 * interim ones 101 to a request for it, which is the last, and 100 for all
 * others. */
unsigned dl_relay_read_head(dl_http_request *req, dl_relay *r) {
  unsigned long status;
  char *end = wait_for(r, "\r\n\r\n", HEAD_LIMIT);
  char *line = end ? r->in.data + r->at : NULL;
  if (!end || strncmp(line, "HTTP/1.", 7) != 0 || !strchr(line, ' '))
    return 0;
  status = strtoul(strchr(line, ' '), NULL, 10);
  r->at = (size_t)(end - r->in.data) + 4;
  if (status >= 100 && status < 200 && !(status == 101 && r->asks_upgrade))
    return r->interim++ < INTERIM_LIMIT ? 100 : 0;
  if (status < 100 || status > 999)
    return 0;
  *end = '\0';
  r->framing = DL_RELAY_TO_END;
  r->missing = 0;
  r->has_length = r->unclear = r->closes = false;
  while ((line = strstr(line, "\r\n"))) {
    char *next;
    line += 2;
    next = strstr(line, "\r\n");
    if (next)
      *next = '\0';
    take_header(req, r, line);
    if (!next)
      break;
    *next = '\r';
    line = next;
  }
  if (r->framing == DL_RELAY_CHUNKED)
    r->missing = 0;
  return r->unclear ? 0 : (unsigned)status;
}

/* Steps to the next chunk of a chunked body. False if it makes no sense. */
static bool next_chunk(dl_relay *r) {
  char *line, *end;
  if (r->chunk_started) {
    if (!wait_for(r, "\r\n", 2))
      return false;
    r->at += 2;
  }
  end = wait_for(r, "\r\n", 4096);
  if (!end)
    return false;
  line = r->in.data + r->at;
  if (!strchr("0123456789abcdefABCDEF", *line))
    return false;
  r->missing = strtoull(line, NULL, 16);
  r->at = (size_t)(end - r->in.data) + 2;
  r->chunk_started = true;
  r->ended = r->missing == 0;
  return true;
}

/* Gives the body on as it comes, whatever its framing. */
static ssize_t read_body(void *state, uint64_t pos, char *buffer, size_t size) {
  dl_relay *r = state;
  size_t have;
  (void)pos;
  if (r->framing == DL_RELAY_CHUNKED && r->missing == 0 && !r->ended &&
      !next_chunk(r))
    return MHD_CONTENT_READER_END_WITH_ERROR;
  if (r->ended)
    return MHD_CONTENT_READER_END_OF_STREAM;
  if (r->framing != DL_RELAY_TO_END && size > r->missing)
    size = (size_t)r->missing;
  have = r->in.len - r->at;
  if (have > 0) {
    if (have > size)
      have = size;
    memcpy(buffer, r->in.data + r->at, have);
    r->at += have;
  }
  else {
    ssize_t n = dl_relay_receive(r, buffer, size);
    if (n == 0 && r->framing == DL_RELAY_TO_END)
      return MHD_CONTENT_READER_END_OF_STREAM;
    if (n <= 0)
      return MHD_CONTENT_READER_END_WITH_ERROR;
    have = (size_t)n;
  }
  if (r->framing != DL_RELAY_TO_END)
    r->missing -= have;
  dl_record_answer(r->record, buffer, have);
  return (ssize_t)have;
}

/* Whether the server is still there, without which its file is not given on
 * either: what it lent ends with it. */
static bool is_there(const dl_relay *r) {
  struct pollfd fd = {r->fd, POLLRDHUP, 0};
  return poll(&fd, 1, 0) == 0;
}

/* Reads the file that was lent. One that has become shorter breaks off. */
static ssize_t read_file(void *state, uint64_t pos, char *buffer, size_t size) {
  dl_relay *r = state;
  ssize_t n = -1;
  if (size > r->missing)
    size = (size_t)r->missing;
  if (size > 0 && is_there(r)) {
    do
      n = pread(r->file, buffer, size, r->from + (off_t)pos);
    while (n < 0 && errno == EINTR);
  }
  if (n <= 0)
    return MHD_CONTENT_READER_END_WITH_ERROR;
  r->missing -= (uint64_t)n;
  dl_record_answer(r->record, buffer, (size_t)n);
  return n;
}

/* Whether what came in the place of the body is one: who lends it is not
 * trusted. */
static bool is_lent(dl_relay *r) {
  struct stat st;
  r->from = lseek(r->file, 0, SEEK_CUR);
  return r->framing == DL_RELAY_LENGTH && r->missing > 0 &&
         dl_lend_is_plain(r->file) && r->from >= 0 &&
         fstat(r->file, &st) == 0 && st.st_size >= r->from &&
         (uint64_t)(st.st_size - r->from) >= r->missing;
}

/* The whole body came with the head. */
static bool is_at_hand(const dl_relay *r) {
  return r->file < 0 && r->framing == DL_RELAY_LENGTH &&
         r->in.len - r->at == r->missing;
}

/* Head and body go out together, and the connection is free before. */
static void reply_at_hand(dl_http_request *req, dl_relay *r, unsigned status) {
  struct MHD_Response *response;
  size_t len = r->in.len - r->at;
  char *body = r->in.data + r->at;
  dl_record_answer(req->record, body, len);
  response = MHD_create_response_from_buffer(len, body, MHD_RESPMEM_MUST_COPY);
  r->at = r->in.len;
  r->missing = 0;
  dl_relay_free(r);
  dl_http_reply_response(req, status, response);
}

/* The library clears the block that it reads into. */
static size_t block_for(uint64_t len) {
  return len == 0 ? 1 : len < BLOCK ? (size_t)len : BLOCK;
}

static void stream(dl_http_request *req, dl_relay *r, unsigned status) {
  uint64_t len = r->framing == DL_RELAY_LENGTH ? r->missing : MHD_SIZE_UNKNOWN;
  struct MHD_Response *response;
  r->idle_seconds = dl_http_idle_seconds(req->server);
  r->record = req->record;
  response = MHD_create_response_from_callback(
      len, block_for(len), r->file < 0 ? read_body : read_file, r,
      dl_relay_free);
  if (!response)
    dl_relay_free(r);
  /* The library would end a body of chunks that a HEAD does not have. */
  if (response && len == MHD_SIZE_UNKNOWN &&
      strcmp(dl_http_method(req), "HEAD") == 0)
    MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT,
                             MHD_RO_END);
  dl_http_reply_response(req, status, response);
}

/* Makes the server's answer, whose head was read, the reply. Owns `r`. A server
 * that ended without a word leaves the client without one, too: what became of
 * the request nobody knows. */
void dl_relay_reply(dl_http_request *req, dl_relay *r, unsigned status) {
  bool silent = r->left || (r->passes_loss && r->in.len == 0);
  bool has_body = status >= 200 && status != 204 && status != 304;
  bool misled = r->file >= 0 && status >= 200 && !(has_body && is_lent(r));
  if (has_body && !misled) {
    if (is_at_hand(r))
      reply_at_hand(req, r, status);
    else
      stream(req, r, status);
    return;
  }
  dl_relay_free(r);
  if (status >= 200 && !misled)
    dl_http_reply_empty(req, status);
  else if (silent)
    dl_http_drop(req);
  else
    dl_http_reply_empty(req, 502);
}
