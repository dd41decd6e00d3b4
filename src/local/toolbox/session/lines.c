#include "lines.h"

#include <string.h>

/* A log as servers keep it whose shells read the output of commands line by
 * line: each line has its marker, NUL bytes are lost, what looks like a marker
 * stays and is one, and a last line without an end is given one. */

static void add_marker(dl_strbuf *out, int stream) {
  char byte = stream == DT_MARKERS_STDOUT ? 1 : 2;
  char marker[3];
  memset(marker, byte, sizeof marker);
  dl_strbuf_add(out, marker, sizeof marker);
}

static void add_without_nul(dl_strbuf *out, const char *data, size_t len) {
  while (len > 0) {
    const char *nul = memchr(data, 0, len);
    size_t n = nul ? (size_t)(nul - data) : len;
    dl_strbuf_add(out, data, n);
    n += nul != NULL;
    data += n;
    len -= n;
  }
}

void dl_lines_log(dl_command *command, int stream, dl_strbuf *partial,
                  const char *data, size_t len) {
  dl_strbuf out = {0};
  const char *end;
  while ((end = memchr(data, '\n', len))) {
    size_t n = (size_t)(end - data) + 1;
    add_marker(&out, stream);
    dl_strbuf_add(&out, partial->data, partial->len);
    dl_strbuf_clear(partial);
    add_without_nul(&out, data, n);
    data += n;
    len -= n;
  }
  add_without_nul(partial, data, len);
  if (out.len > 0)
    dl_command_log_raw(command, out.data, out.len);
  dl_strbuf_free(&out);
}

void dl_lines_end(dl_command *command, int stream, dl_strbuf *partial) {
  if (partial->len > 0)
    dl_lines_log(command, stream, partial, "\n", 1);
  dl_strbuf_free(partial);
}
