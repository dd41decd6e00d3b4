#include "frames.h"

#include <string.h>
#include <strings.h>

#define HEAD ((size_t)4 << 10) /* bytes of a head, the most */

static const char length_name[] = "content-length:";

/* Takes in what a server has printed. 0, or -1 without memory. */
int dl_lsp_frames_add(dl_lsp_frames *frames, const char *data, size_t len) {
  dl_strbuf *bytes = &frames->bytes;
  if (frames->given > 0) {
    bytes->len -= frames->given;
    memmove(bytes->data, bytes->data + frames->given, bytes->len);
    frames->given = 0;
  }
  return dl_strbuf_add(bytes, data, len);
}

/* The number of a line's value. -1: it is none, or more than a message may
 * have. */
static long read_length(const char *text, const char *end) {
  long n = 0;
  while (text < end && (*text == ' ' || *text == '\t'))
    text++;
  while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
    end--;
  if (text == end)
    return -1;
  for (; text < end; text++) {
    if (*text < '0' || *text > '9')
      return -1;
    n = n * 10 + (*text - '0');
    if ((size_t)n > DL_LSP_MESSAGE)
      return -1;
  }
  return n;
}

/* The length that a head tells. -1: none, two, or one that cannot be. */
static long head_length(const char *head, const char *end) {
  const size_t n = sizeof length_name - 1;
  long length = -1;
  while (head < end) {
    const char *line = head;
    const char *stop = memchr(head, '\n', (size_t)(end - head));
    if (!stop || stop == line || stop[-1] != '\r')
      return -1;
    head = stop + 1;
    if ((size_t)(stop - line) <= n || strncasecmp(line, length_name, n) != 0)
      continue;
    if (length >= 0)
      return -1;
    length = read_length(line + n, stop - 1);
    if (length < 0)
      return -1;
  }
  return length;
}

/* Whether a line of a head does not end as it has to. */
static bool has_bare_newline(const char *head, size_t len) {
  const char *at = head, *end = head + len;
  while ((at = memchr(at, '\n', (size_t)(end - at)))) {
    if (at == head || at[-1] != '\r')
      return true;
    at++;
  }
  return false;
}

/* Gives the next message, which stays where it is until more is added. 1; 0 if
 * it is not all there; -1 if this is none: no head, or more than is taken. A
 * length is looked at before its bytes are waited for. */
int dl_lsp_frames_next(dl_lsp_frames *frames, const char **message,
                       size_t *len) {
  const char *start = frames->bytes.data + frames->given, *end;
  size_t left = frames->bytes.len - frames->given, head;
  long length;
  if (left == 0)
    return 0;
  end = memmem(start, left < HEAD ? left : HEAD, "\r\n\r\n", 4);
  if (!end)
    return left < HEAD && !has_bare_newline(start, left) ? 0 : -1;
  head = (size_t)(end - start) + 4;
  length = head_length(start, end + 2);
  if (length < 0)
    return -1;
  if (left - head < (size_t)length)
    return 0;
  *message = start + head;
  *len = (size_t)length;
  frames->given += head + (size_t)length;
  return 1;
}

/* Frees what is held. */
void dl_lsp_frames_free(dl_lsp_frames *frames) {
  dl_strbuf_free(&frames->bytes);
  frames->given = 0;
}
