#ifndef DL_STRBUF_H
#define DL_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

/* A growing byte string. Zero-initialise it; `data` is always followed by a
 * NUL once anything was added. After a failed allocation `failed` stays set
 * and later additions do nothing, so one check at the end is enough. */
typedef struct dl_strbuf {
  char *data;
  size_t len;
  size_t cap;
  bool failed;
} dl_strbuf;

#pragma GCC visibility push(hidden)

void dl_strbuf_free(dl_strbuf *sb);
void dl_strbuf_clear(dl_strbuf *sb);
int dl_strbuf_reserve(dl_strbuf *sb, size_t extra);
int dl_strbuf_add(dl_strbuf *sb, const void *data, size_t len);
int dl_strbuf_adds(dl_strbuf *sb, const char *s);
int dl_strbuf_addc(dl_strbuf *sb, char c);
int dl_strbuf_addf(dl_strbuf *sb, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int dl_strbuf_add_utf8(dl_strbuf *sb, const char *data, size_t len);
bool dl_strbuf_is_utf8(const char *data, size_t len);
size_t dl_strbuf_utf8_start(const char *data, size_t len);
char *dl_strbuf_detach(dl_strbuf *sb);

#pragma GCC visibility pop

#endif
