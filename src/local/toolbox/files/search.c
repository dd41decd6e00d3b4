#include "files.h"
#include "toolbox/path.h"
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_LIMIT ((size_t)64 << 10)
#define PROBE ((size_t)512)

typedef struct search {
  const char *pattern;
  size_t pattern_len;
  json_t *found;
  char *buffer; /* of LINE_LIMIT bytes */
} search;

static ssize_t read_some(int fd, char *to, size_t len) {
  ssize_t n;
  do
    n = read(fd, to, len);
  while (n < 0 && errno == EINTR);
  return n;
}

static void try_line(const search *s, const char *path, json_int_t number,
                     const char *line, size_t len) {
  if (len > 0 && line[len - 1] == '\r')
    len--;
  if (memmem(line, len, s->pattern, s->pattern_len))
    json_array_append_new(s->found,
                          json_pack("{s:o, s:I, s:o}", "file",
                                    dl_text_json_of(path), "line", number,
                                    "content", dl_text_json(line, len)));
}

/* Looks at each line. Stops at one that does not fit the buffer. */
static void scan(const search *s, const char *path, int fd) {
  size_t have = 0;
  json_int_t number = 1;
  bool first = true;
  ssize_t n;
  while ((n = read_some(fd, s->buffer + have, LINE_LIMIT - have)) > 0) {
    char *line = s->buffer, *end;
    have += (size_t)n;
    if (first && memchr(s->buffer, '\0', have < PROBE ? have : PROBE))
      return;
    first = false;
    while ((end = memchr(line, '\n', have))) {
      size_t len = (size_t)(end - line);
      try_line(s, path, number++, line, len);
      line += len + 1;
      have -= len + 1;
    }
    if (have == LINE_LIMIT)
      return;
    memmove(s->buffer, line, have);
  }
  if (have > 0)
    try_line(s, path, number, s->buffer, have);
}

static void find_in(const char *path, const struct stat *st, void *arg) {
  if (!S_ISREG(st->st_mode))
    return;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return;
  scan(arg, path, fd);
  close(fd);
}

/* Reads the parameters of both searches. False if it has answered 400. */
static bool begin(dl_http_request *req, search *s, const char **path) {
  *path = dl_files_path(req, "path");
  s->pattern = *path ? dl_files_path(req, "pattern") : NULL;
  if (!s->pattern)
    return false;
  s->pattern_len = strlen(s->pattern);
  s->found = json_array();
  return true;
}

/* GET /files/find: lines that contain a text. */
void dl_files_find(dl_http_request *req) {
  const char *path;
  search s;
  if (!begin(req, &s, &path))
    return;
  s.buffer = malloc(LINE_LIMIT);
  if (s.buffer)
    dl_walk(path, find_in, &s);
  free(s.buffer);
  dl_http_reply_json(req, 200, s.found);
}

static void match_name(const char *path, const struct stat *st, void *arg) {
  const search *s = arg;
  (void)st;
  if (fnmatch(s->pattern, dl_path_base(path), 0) == 0)
    json_array_append_new(s->found, dl_text_json_of(path));
}

/* Whether every "[" is closed and no backslash stands last; fnmatch would take
 * these literally. */
static bool is_glob(const char *p) {
  for (; *p; p++) {
    if (*p == '\\' && !*++p)
      return false;
    if (*p == '[') {
      p += p[1] == '^' || p[1] == '!' ? 2 : 1;
      if (!*p || *p == ']')
        return false;
      while (*p != ']') {
        if (!*p || (*p == '\\' && !*++p))
          return false;
        p++;
      }
    }
  }
  return true;
}

void dl_files_search(dl_http_request *req) {
  const char *path;
  search s;
  if (!begin(req, &s, &path))
    return;
  if (is_glob(s.pattern))
    dl_walk(path, match_name, &s);
  dl_http_reply_json(req, 200, json_pack("{s:o}", "files", s.found));
}
