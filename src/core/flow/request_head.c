#include "request_head.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void note_retry_after(dt_request *r, const char *value) {
  double seconds = dt_header_number(value);
  if (seconds < 0) {
    time_t when = curl_getdate(value, NULL);
    seconds = when < 0 ? -1 : difftime(when, time(NULL));
    seconds = when >= 0 && seconds < 0 ? 0 : seconds;
  }
  if (seconds >= 0 && seconds < 1e9)
    r->retry_after = seconds;
}

/* An id that does not fit, or holds the credential, is none. */
static void note_request_id(dt_request *r, const char *value) {
  size_t n = strcspn(value, "\r\n");
  if (n >= sizeof r->request_id || strstr(value, r->client->token))
    return;
  memcpy(r->request_id, value, n);
  r->request_id[n] = '\0';
}

/* Kept as it is: few ask for it. */
static void note_date(dt_request *r, const char *value) {
  size_t n = strcspn(value, "\r\n");
  if (n >= sizeof r->date)
    return;
  memcpy(r->date, value, n);
  r->date[n] = '\0';
}

/* "bytes 5-9/100"; of a part beyond the end an asterisk in place of 5-9 */
static void note_range(dt_request *r, const char *value) {
  const char *slash = strchr(value, '/');
  if (!curl_strnequal(value, "bytes ", 6))
    return;
  r->begins = (curl_off_t)strtoll(value + 6, NULL, 10);
  if (slash && slash[1] >= '0' && slash[1] <= '9')
    r->file_size = (curl_off_t)strtoll(slash + 1, NULL, 10);
}

/* If 'line' is the header 'name' ("retry-after" also with any suffix), its
 * value. */
static const char *header_value(const char *line, const char *name) {
  size_t n = strlen(name);
  if ((line[0] | 32) != name[0] || !curl_strnequal(line, name, n))
    return NULL;
  const char *colon = strchr(line, ':');
  if (!colon || (line[n] != ':' && line[n] != '-'))
    return NULL;
  return colon + 1 + strspn(colon + 1, " \t");
}

/* Keeps a line of the head, the last one's after those of 1xx. */
static int keep_line(dt_request *r, const char *data, size_t n) {
  if (n >= 5 && memcmp(data, "HTTP/", 5) == 0)
    dt_buffer_clear(&r->head);
  return dt_buffer_add(&r->head, data, n);
}

/* Whether a line that begins so may be wanted: most are not looked at. */
static bool is_of_interest(const dt_request *r, char first) {
  switch (first | 32) {
    case 'c':
      return r->range[0] != '\0';
    case 'd':
    case 'h':
    case 'r':
    case 'x':
      return 1;
    default:
      return 0;
  }
}

size_t dt_request_on_header(char *data, size_t size, size_t count, void *arg) {
  dt_request *r = arg;
  char line[256];
  size_t n = size * count, kept = n < sizeof line ? n : sizeof line - 1;
  const char *value;
  r->header_bytes += n;
  if (r->header_bytes > DT_HEADER_BYTES)
    return 0;
  if ((r->operation->flags & DT_EXCHANGE) && !keep_line(r, data, n))
    return 0;
  if (n == 0 || !is_of_interest(r, data[0]))
    return n;
  memcpy(line, data, kept);
  line[kept] = '\0';
  if (strncmp(line, "HTTP/", 5) == 0) {
    r->retry_after = -1;
    r->request_id[0] = '\0';
    r->date[0] = '\0';
    r->limits.count = 0;
  }
  else if (r->range[0] && (value = header_value(line, "content-range")) != NULL)
    note_range(r, value);
  else if ((value = header_value(line, "date")) != NULL)
    note_date(r, value);
  else if ((value = header_value(line, "retry-after")) != NULL)
    note_retry_after(r, value);
  else if (kept < n || (line[0] != 'x' && line[0] != 'X'))
    return n;
  else if ((value = header_value(line, "x-request-id")) != NULL)
    note_request_id(r, value);
  else
    dt_rate_limit_note(&r->limits, line);
  return n;
}
