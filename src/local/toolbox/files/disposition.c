#include "disposition.h"
#include "toolbox/path.h"

#include <string.h>
#include <strings.h>

/* Decodes the UTF-8 character at *p and steps over it; a byte that is no part
 * of one is U+FFFD. */
static unsigned next_character(const char **p) {
  const unsigned char *s = (const unsigned char *)*p;
  size_t n = s[0] < 0x80 ? 1 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
  unsigned c = s[0];
  if (n > strlen(*p) || !dl_strbuf_is_utf8(*p, n)) {
    (*p)++;
    return 0xFFFD;
  }
  if (n > 1)
    c &= 0x7Fu >> n;
  for (size_t i = 1; i < n; i++)
    c = c << 6 | (s[i] & 0x3Fu);
  *p += n;
  return c;
}

/* The name as Latin-1 in a quoted string: what does not fit becomes "_". */
static void add_quoted(dl_strbuf *out, const char *name) {
  while (*name) {
    unsigned c = next_character(&name);
    if (c == '\r' || c == '\n')
      continue;
    if (c == '"' || c == '\\')
      dl_strbuf_addc(out, '\\');
    if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c > 0xFF)
      c = '_';
    dl_strbuf_addc(out, (char)c);
  }
}

/* The name's bytes, percent-encoded. */
static void add_encoded(dl_strbuf *out, const char *name) {
  static const char plain[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
      "!#$&+-.^_`|~";
  for (; *name; name++) {
    if (strchr(plain, *name))
      dl_strbuf_addc(out, *name);
    else
      dl_strbuf_addf(out, "%%%02X", (unsigned)(unsigned char)*name);
  }
}

void dl_disposition_add_filename(dl_strbuf *out, const char *name) {
  dl_strbuf_adds(out, "filename=\"");
  add_quoted(out, name);
  dl_strbuf_adds(out, "\"; filename*=utf-8''");
  add_encoded(out, name);
}

const char *dl_disposition_type(const char *name) {
  static const char *const types[][2] = {
      {"avif", "image/avif"},
      {"css", "text/css; charset=utf-8"},
      {"csv", "text/csv; charset=utf-8"},
      {"gif", "image/gif"},
      {"gz", "application/gzip"},
      {"htm", "text/html; charset=utf-8"},
      {"html", "text/html; charset=utf-8"},
      {"jpeg", "image/jpeg"},
      {"jpg", "image/jpeg"},
      {"js", "text/javascript; charset=utf-8"},
      {"json", "application/json"},
      {"md", "text/markdown; charset=utf-8"},
      {"mjs", "text/javascript; charset=utf-8"},
      {"mp4", "video/mp4"},
      {"pdf", "application/pdf"},
      {"png", "image/png"},
      {"svg", "image/svg+xml"},
      {"tar", "application/x-tar"},
      {"txt", "text/plain; charset=utf-8"},
      {"wasm", "application/wasm"},
      {"webp", "image/webp"},
      {"xml", "text/xml; charset=utf-8"},
      {"zip", "application/zip"}};
  const char *dot = strrchr(dl_path_base(name), '.');
  size_t i;
  for (i = 0; dot && i < sizeof types / sizeof *types; i++) {
    if (strcasecmp(dot + 1, types[i][0]) == 0)
      return types[i][1];
  }
  return "application/octet-stream";
}
