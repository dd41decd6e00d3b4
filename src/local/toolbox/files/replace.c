#include "files.h"
#include "sink.h"
#include "toolbox/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Reads a whole file. 0, or -1 with errno. */
static int read_file(const char *path, dl_strbuf *text) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), saved;
  ssize_t n = -1;
  if (fd < 0)
    return -1;
  for (;;) {
    if (dl_strbuf_reserve(text, (size_t)64 << 10)) {
      errno = ENOMEM;
      break;
    }
    n = read(fd, text->data + text->len, (size_t)64 << 10);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      break;
    text->len += (size_t)n;
    text->data[text->len] = '\0';
  }
  saved = errno;
  close(fd);
  errno = saved;
  return n == 0 ? 0 : -1;
}

/* Puts `text` with every `pattern` replaced into `out`. How many there were. */
static size_t substitute(const dl_strbuf *text, const char *pattern,
                         size_t pattern_len, const char *value,
                         size_t value_len, dl_strbuf *out) {
  const char *at = text->data, *hit;
  size_t left = text->len, count = 0;
  while (left > 0 && (hit = memmem(at, left, pattern, pattern_len))) {
    size_t before = (size_t)(hit - at);
    dl_strbuf_add(out, at, before);
    dl_strbuf_add(out, value, value_len);
    at = hit + pattern_len;
    left -= before + pattern_len;
    count++;
  }
  dl_strbuf_add(out, at, left);
  return count;
}

static void write_file(const char *path, const dl_strbuf *content,
                       dl_strbuf *why) {
  dl_sink *sink = dl_sink_open(path, why);
  if (!sink)
    return;
  char text[128];
  if (dl_sink_write(sink, content->data, content->len)) {
    dl_strbuf_addf(why, "write %s: %s", path,
                   dl_envelope_errno(errno, text, sizeof text));
    dl_sink_abort(sink);
  }
  else if (dl_sink_commit(sink))
    dl_strbuf_addf(why, "rename %s: %s", path,
                   dl_envelope_errno(errno, text, sizeof text));
}

/* One file's entry of the answer. */
static json_t *replace_in(const char *path, const char *pattern,
                          size_t pattern_len, const char *value,
                          size_t value_len) {
  dl_strbuf text = {0}, out = {0}, why = {0};
  char buffer[128];
  json_t *entry = json_pack("{s:o}", "file", dl_text_json_of(path));
  if (read_file(path, &text))
    dl_strbuf_addf(&why, "open %s: %s", path,
                   dl_envelope_errno(errno, buffer, sizeof buffer));
  else if (substitute(&text, pattern, pattern_len, value, value_len, &out) >
           0) {
    if (out.failed)
      dl_strbuf_adds(&why, "out of memory");
    else
      write_file(path, &out, &why);
  }
  json_object_set_new(entry, "success", json_boolean(why.len == 0));
  if (why.len > 0)
    json_object_set_new(entry, "error", dl_text_json_of(why.data));
  dl_strbuf_free(&text);
  dl_strbuf_free(&out);
  dl_strbuf_free(&why);
  return entry;
}

void dl_files_replace(dl_http_request *req) {
  dl_input in;
  dl_input_begin(&in, req, "ReplaceRequest",
                 "invalid body request: ", DL_INPUT_INVALID_BODY);
  json_t *files = dl_input_strings(&in, "files", true);
  size_t pattern_len;
  const char *pattern = dl_input_bytes(&in, "pattern", true, &pattern_len);
  size_t value_len;
  /* Required, yet "" is a value: only its absence is an error. */
  const char *value = dl_input_bytes(
      &in, "newValue", !dl_input_field(&in, "newValue"), &value_len);
  if (!dl_input_ok(&in))
    return;
  json_t *answer = json_array();
  json_t *item;
  size_t i;
  json_array_foreach(files, i, item) {
    json_array_append_new(answer, replace_in(json_string_value(item), pattern,
                                             pattern_len, value, value_len));
  }
  dl_http_reply_json(req, 200, answer);
}
