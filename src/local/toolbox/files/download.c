#include "as.h"
#include "lend.h"
#include "disposition.h"
#include "files.h"
#include "strbuf.h"
#include "toolbox/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void http_date(time_t when, char out[64]) {
  struct tm tm;
  gmtime_r(&when, &tm);
  strftime(out, 64, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

/* The time in a conditional header, or -1. */
static time_t date_header(dl_http_request *req, const char *name) {
  const char *text = dl_http_header(req, name);
  struct tm tm;
  memset(&tm, 0, sizeof tm);
  if (!text || !strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm))
    return -1;
  return timegm(&tm);
}

static void add_headers(dl_http_request *req, const char *path,
                        const struct stat *st) {
  dl_strbuf disposition = {0};
  dl_strbuf_adds(&disposition, "attachment; ");
  dl_disposition_add_filename(&disposition, dl_path_base(path));
  if (!disposition.failed)
    dl_http_add_header(req, "Content-Disposition", disposition.data);
  dl_strbuf_free(&disposition);
  char date[64];
  http_date(st->st_mtime, date);
  dl_http_add_header(req, "Content-Type", "application/octet-stream");
  dl_http_add_header(req, "Content-Description", "File Transfer");
  dl_http_add_header(req, "Content-Transfer-Encoding", "binary");
  dl_http_add_header(req, "Cache-Control", "must-revalidate");
  dl_http_add_header(req, "Expires", "0");
  dl_http_add_header(req, "Pragma", "public");
  dl_http_add_header(req, "Last-Modified", date);
  dl_http_add_header(req, "Accept-Ranges", "bytes");
}

enum range { WHOLE, PART, OUTSIDE };

static bool read_number(const char **p, uint64_t *value) {
  if (**p < '0' || **p > '9')
    return false;
  char *end;
  errno = 0;
  *value = strtoull(*p, &end, 10);
  *p = end;
  return errno == 0;
}

/* Understands "bytes=a-b", "bytes=a-" and "bytes=-n". Several ranges, or
 * anything else, is the whole file, as the protocol allows. */
static enum range parse_range(const char *text, uint64_t size, uint64_t *from,
                              uint64_t *len) {
  *from = 0;
  *len = size;
  if (!text || strncmp(text, "bytes=", 6) != 0)
    return WHOLE;
  text += 6;
  uint64_t last;
  if (*text == '-') {
    text++;
    if (!read_number(&text, &last) || *text)
      return WHOLE;
    if (last == 0 || size == 0)
      return OUTSIDE;
    *len = last < size ? last : size;
    *from = size - *len;
    return PART;
  }
  uint64_t first;
  if (!read_number(&text, &first) || *text++ != '-')
    return WHOLE;
  last = UINT64_MAX;
  if (*text && (!read_number(&text, &last) || *text || last < first))
    return WHOLE;
  if (first >= size)
    return OUTSIDE;
  *from = first;
  *len = (last >= size ? size - 1 : last) - first + 1;
  return PART;
}

/* A range only counts while the file is the one the client knows.  Of an empty
 * file there is none: the original sends it whole. */
static const char *wanted_range(dl_http_request *req, const struct stat *st) {
  if (st->st_size == 0)
    return NULL;
  if (dl_http_header(req, "If-Range") &&
      date_header(req, "If-Range") != st->st_mtime)
    return NULL;
  return dl_http_header(req, "Range");
}

static void send_file(dl_http_request *req, int fd, const struct stat *st) {
  uint64_t size = (uint64_t)st->st_size, from, len;
  enum range range = parse_range(wanted_range(req, st), size, &from, &len);
  char text[80];
  if (range == OUTSIDE) {
    close(fd);
    snprintf(text, sizeof text, "bytes */%llu", (unsigned long long)size);
    dl_http_add_header(req, "Content-Range", text);
    dl_http_reply_text(req, 416, NULL, "invalid range: failed to overlap\n");
    return;
  }
  if (range == PART) {
    snprintf(text, sizeof text, "bytes %llu-%llu/%llu",
             (unsigned long long)from, (unsigned long long)(from + len - 1),
             (unsigned long long)size);
    dl_http_add_header(req, "Content-Range", text);
  }
  if (dl_lend_file(req, range == PART ? 206 : 200, fd, from, len))
    close(fd);
  else
    dl_http_reply_fd(req, range == PART ? 206 : 200, fd, from, len);
}

static ssize_t read_on(void *state, uint64_t at, char *buffer, size_t size) {
  const int *fd = state;
  (void)at;
  ssize_t n;
  do
    n = read(*fd, buffer, size);
  while (n < 0 && errno == EINTR);
  if (n > 0)
    return n;
  return n == 0 ? MHD_CONTENT_READER_END_OF_STREAM
                : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void close_state(void *state) {
  close(*(int *)state);
  free(state);
}

/* Files under /proc and /sys say they are empty and are not. */
static void send_unsized(dl_http_request *req, int fd) {
  int *state = malloc(sizeof *state);
  if (!state) {
    close(fd);
    dl_http_reply_error(req, 500, NULL, "out of memory");
    return;
  }
  *state = fd;
  dl_http_reply_stream(req, 200, -1, read_on, state, close_state);
}

static void answer(dl_http_request *req, const char *path, int fd,
                   const struct stat *st) {
  time_t since = date_header(req, "If-Modified-Since");
  time_t until = date_header(req, "If-Unmodified-Since");
  bool fresh = since != -1 && st->st_mtime <= since;
  add_headers(req, path, st);
  char byte;
  if ((until != -1 && st->st_mtime > until) || fresh) {
    close(fd);
    dl_http_reply_empty(req, fresh ? 304 : 412);
  }
  else if (st->st_size == 0 && !dl_as_now()->old_files &&
           pread(fd, &byte, 1, 0) == 1)
    send_unsized(req, fd);
  else
    send_file(req, fd, st);
}

/* GET /files/download */
void dl_files_download(dl_http_request *req) {
  const char *path = dl_files_path(req, "path");
  if (!path)
    return;
  /* Not waiting for a writer, should it be a pipe. */
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat st;
  if (fd < 0 || fstat(fd, &st)) {
    dl_files_stat_failed(req, errno, path);
    if (fd >= 0)
      close(fd);
  }
  else if (!S_ISREG(st.st_mode)) {
    close(fd);
    dl_http_reply_error(
        req, 400, "BAD_REQUEST", "bad request: path is %s: %s",
        S_ISDIR(st.st_mode) ? "a directory" : "not a regular file", path);
  }
  else
    answer(req, path, fd, &st);
}
