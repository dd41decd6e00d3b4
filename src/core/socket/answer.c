#include "answer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../flow/request_head.h"

enum { MAX_BODY = 64 * 1024 }; /* more than any error message needs */

/* The value of the header 'name' if 'line' is one, without white space around;
 * it ends the line there. */
static char *value_of(char *line, const char *name) {
  size_t n = strlen(name);
  if (!curl_strnequal(line, name, n) || line[n] != ':')
    return NULL;
  char *value = line + n + 1 + strspn(line + n + 1, " \t");
  size_t end = strlen(value);
  while (end > 0 && strchr(" \t\r\n", value[end - 1]))
    value[--end] = '\0';
  return value;
}

/* Whether a list with commas has the token, in any case. */
static bool has_token(const char *list, const char *token) {
  for (;;) {
    list += strspn(list, ", \t");
    size_t n = strcspn(list, ", \t");
    if (n == 0)
      return false;
    if (n == strlen(token) && curl_strnequal(list, token, n))
      return true;
    list += n;
  }
}

/* Keeps a value that fits; others are as if they had not been sent. */
static void keep(char *to, size_t size, const char *value) {
  size_t n = strlen(value);
  if (n < size)
    memcpy(to, value, n + 1);
}

static void note_header(dt_answer *a, char *line) {
  char *value;
  if ((value = value_of(line, "Upgrade")) != NULL)
    a->upgrades |= has_token(value, "websocket");
  else if ((value = value_of(line, "Connection")) != NULL)
    a->connection_upgrades |= has_token(value, "upgrade");
  else if ((value = value_of(line, "Sec-WebSocket-Accept")) != NULL)
    keep(a->accept, sizeof a->accept, value);
  else if ((value = value_of(line, "Sec-WebSocket-Protocol")) != NULL)
    keep(a->subprotocol, sizeof a->subprotocol, value);
  else if ((value = value_of(line, "Sec-WebSocket-Extensions")) != NULL)
    a->extended = value[0] != '\0';
  else if ((value = value_of(line, "Content-Type")) != NULL)
    keep(a->content_type, sizeof a->content_type, value);
  else if ((value = value_of(line, "Location")) != NULL)
    keep(a->location, sizeof a->location, value);
  else if ((value = value_of(line, "Transfer-Encoding")) != NULL)
    a->chunked |= has_token(value, "chunked");
  else if ((value = value_of(line, "Content-Length")) != NULL)
    a->left = strtoll(value, NULL, 10);
}

/* "HTTP/1.1 404 Not Found" */
static void begin(dt_answer *a) {
  if (strncmp(a->line, "HTTP/1.", 7) != 0 || a->line[8] != ' ' ||
      strspn(a->line + 9, "0123456789") != 3) {
    a->state = DT_ANSWER_BROKEN;
    return;
  }
  a->status = strtol(a->line + 9, NULL, 10);
  a->left = -1;
  a->state = DT_ANSWER_HEADER;
}

/* The head is complete: what comes behind it. */
static void end_head(dt_answer *a) {
  if (a->status == 101 || a->status == 204 || a->status == 304)
    a->state = DT_ANSWER_COMPLETE;
  else if (a->status < 200)
    a->state = DT_ANSWER_STATUS;
  else if (a->chunked)
    a->state = DT_ANSWER_CHUNK_SIZE;
  else if (a->left < 0)
    a->state = DT_ANSWER_TO_END;
  else
    a->state = a->left > 0 ? DT_ANSWER_LENGTH : DT_ANSWER_COMPLETE;
}

static void end_line(dt_answer *a, dt_request *r) {
  size_t n = strcspn(a->line, "\r\n");
  char *end;
  switch (a->state) {
    case DT_ANSWER_STATUS:
    case DT_ANSWER_HEADER:
      if (dt_request_on_header(a->line, 1, a->length, r) != a->length)
        a->state = DT_ANSWER_BROKEN;
      else if (a->state == DT_ANSWER_STATUS)
        begin(a);
      else if (n == 0)
        end_head(a);
      else
        note_header(a, a->line);
      break;
    case DT_ANSWER_CHUNK_SIZE:
      a->left = strtoll(a->line, &end, 16);
      a->state = end == a->line || a->left < 0 ? DT_ANSWER_COMPLETE
                 : a->left == 0                ? DT_ANSWER_TRAILER
                                               : DT_ANSWER_CHUNK;
      break;
    case DT_ANSWER_TRAILER:
      a->state = n == 0 ? DT_ANSWER_COMPLETE : DT_ANSWER_TRAILER;
      break;
    default: /* behind a chunk */
      a->state = DT_ANSWER_CHUNK_SIZE;
  }
  a->length = 0;
}

/* Bytes of a line; returns how many were taken. */
static size_t add_to_line(dt_answer *a, dt_request *r, const char *bytes,
                          size_t n) {
  const char *end = memchr(bytes, '\n', n);
  n = end ? (size_t)(end - bytes) + 1 : n;
  if (n > sizeof a->line - 1 - a->length) {
    a->state = DT_ANSWER_BROKEN;
    return n;
  }
  memcpy(a->line + a->length, bytes, n);
  a->length += n;
  a->line[a->length] = '\0';
  if (end)
    end_line(a, r);
  return n;
}

/* Bytes of the body; returns how many were taken. */
static size_t add_to_body(dt_answer *a, dt_request *r, const char *bytes,
                          size_t n) {
  if (a->state != DT_ANSWER_TO_END && (unsigned long long)a->left < n)
    n = (size_t)a->left;
  size_t room = MAX_BODY - r->error_body.len;
  if (!dt_buffer_add(&r->error_body, bytes, n < room ? n : room) || n > room) {
    a->state = DT_ANSWER_COMPLETE; /* that much is enough */
    return n;
  }
  a->left -= (long long)n;
  if (a->left == 0 && a->state == DT_ANSWER_LENGTH)
    a->state = DT_ANSWER_COMPLETE;
  else if (a->left == 0 && a->state == DT_ANSWER_CHUNK)
    a->state = DT_ANSWER_CHUNK_END;
  return n;
}

size_t dt_answer_feed(dt_answer *a, dt_request *r, const char *bytes,
                      size_t n) {
  size_t used = 0;
  while (used < n && !dt_answer_is_over(a)) {
    bool is_body = a->state == DT_ANSWER_LENGTH ||
                   a->state == DT_ANSWER_CHUNK || a->state == DT_ANSWER_TO_END;
    used += is_body ? add_to_body(a, r, bytes + used, n - used)
                    : add_to_line(a, r, bytes + used, n - used);
  }
  return used;
}

void dt_answer_end(dt_answer *a) {
  if (!dt_answer_is_over(a))
    a->state =
        a->state > DT_ANSWER_HEADER ? DT_ANSWER_COMPLETE : DT_ANSWER_BROKEN;
}
