#ifndef DL_STRBUF_H
#define DL_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/buffer.h"

/* A growing text: a buffer whose `data` is always followed by a NUL once
 * anything was added. Zero-initialise it. After a failed allocation `failed`
 * stays set and later additions do nothing, so one check at the end is
 * enough. */
typedef dt_buffer dl_strbuf;

#pragma GCC visibility push(hidden)

/* Frees the contents and makes the buffer empty and usable again. */
void dl_strbuf_free(dl_strbuf *sb);

/* Forgets the contents, keeps the memory. */
void dl_strbuf_clear(dl_strbuf *sb);

/* Makes room for `extra` more bytes and a NUL. 0, or -1 without memory. */
int dl_strbuf_reserve(dl_strbuf *sb, size_t extra);

/* Appends `len` bytes. 0, or -1 without memory. */
int dl_strbuf_add(dl_strbuf *sb, const void *data, size_t len);

/* Appends a C string. 0, or -1 without memory. */
int dl_strbuf_adds(dl_strbuf *sb, const char *s);

/* Appends one byte. 0, or -1 without memory. */
int dl_strbuf_addc(dl_strbuf *sb, char c);

/* Appends formatted text as printf does. 0, or -1 without memory. */
int dl_strbuf_addf(dl_strbuf *sb, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends `len` bytes, each byte that is not part of valid UTF-8 replaced by
 * U+FFFD. 0, or -1 without memory. */
int dl_strbuf_add_utf8(dl_strbuf *sb, const char *data, size_t len);

/* Whether the bytes are valid UTF-8 (NUL bytes are). */
bool dl_strbuf_is_utf8(const char *data, size_t len);

/* How many bytes at the end may be the start of a character that goes on. */
size_t dl_strbuf_utf8_start(const char *data, size_t len);

/* Gives the contents away as a malloc'd C string (never NULL unless memory
 * ran out) and leaves the buffer empty. */
char *dl_strbuf_detach(dl_strbuf *sb);

#pragma GCC visibility pop

#endif
