/* What the fuzzers of multipart forms share: what a reader told, and forms to
 * be read whose end is known. */
#ifndef fuzz_form_h
#define fuzz_form_h

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORM_TYPE "multipart/form-data; boundary=B"
#define FORM_DELIMITER "\r\n--B"

enum {
  FORM_MOST = 70000, /* bytes of an input */
  FORM_PARTS = FORM_MOST,
  FORM_CONTENT = 2048, /* most bytes of a made part's content */
  FORM_NAME = 6,       /* and of its name */
  FORM_TEXT = 4000000  /* room for a made form */
};

typedef struct form_seen {
  size_t parts, used;
  size_t sizes[FORM_PARTS];
  char bytes[FORM_MOST]; /* the contents of all parts */
  uint64_t sum;          /* of names and of how parts ended */
  int open, closed, broken;
} form_seen;

static void form_clear(form_seen *s) {
  s->parts = s->used = 0;
  s->sum = 0;
  s->open = s->closed = s->broken = 0;
}

static void form_begin(form_seen *s) {
  if (s->open || s->parts == FORM_PARTS)
    abort();
  s->open = 1;
  s->sizes[s->parts++] = 0;
  s->sum = s->sum * 31 + 256;
}

static void form_name(form_seen *s, const char *name, size_t n) {
  for (size_t i = 0; i < n; i++)
    s->sum = s->sum * 31 + (unsigned char)name[i];
  s->sum = s->sum * 31 + 257;
}

static void form_data(form_seen *s, const char *bytes, size_t n) {
  if (!s->open || n == 0 || n > FORM_MOST - s->used)
    abort();
  memcpy(s->bytes + s->used, bytes, n);
  s->used += n;
  s->sizes[s->parts - 1] += n;
}

static void form_end(form_seen *s, const char *problem) {
  if (!s->open)
    abort();
  s->open = 0;
  s->sum = s->sum * 31 + (problem ? 258 : 259);
}

static void form_same(const form_seen *a, const form_seen *b) {
  if (a->parts != b->parts || a->used != b->used || a->sum != b->sum ||
      a->open != b->open || a->closed != b->closed || a->broken != b->broken ||
      memcmp(a->sizes, b->sizes, a->parts * sizeof a->sizes[0]) != 0 ||
      memcmp(a->bytes, b->bytes, a->used) != 0)
    abort();
}

/* Each part's content stands in the body, after that of the part before. */
static void form_stands_in(const form_seen *s, const char *data, size_t size) {
  const char *content = s->bytes;
  for (size_t i = 0; i < s->parts; i++) {
    const char *hit = memmem(data, size, content, s->sizes[i]);
    if (!hit)
      abort();
    size -= (size_t)(hit - data) + s->sizes[i];
    data = hit + s->sizes[i];
    content += s->sizes[i];
  }
}

/* Writes 'name' as a quoted parameter; control bytes cannot be in one. */
static char *form_quote(char *p, const char *name, size_t n, form_seen *s) {
  char plain[FORM_NAME];
  *p++ = '"';
  for (size_t i = 0; i < n; i++) {
    plain[i] = (unsigned char)name[i] < ' ' ? '_' : name[i];
    if (plain[i] == '"' || plain[i] == '\\')
      *p++ = '\\';
    *p++ = plain[i];
  }
  *p++ = '"';
  form_name(s, plain, n);
  return p;
}

/* Makes a form in 'text' of the input, and says in '*s' what must be read from
 * it.  Returns its length. */
static size_t form_make(const char *data, size_t size, char *text,
                        form_seen *s) {
  char *p = text;
  size_t n;
  form_clear(s);
  for (size_t at = 0; at < size; at += n) {
    size_t hint = (unsigned char)data[at];
    n = 1 + (hint % 16) * (hint / 16) * 8;
    n = n > FORM_CONTENT ? FORM_CONTENT : n;
    n = size - at < n ? size - at : n;
    const char *hit =
        memmem(data + at, n, FORM_DELIMITER, strlen(FORM_DELIMITER));
    if (hit) /* the content may end as a boundary begins */
      n = (size_t)(hit - (data + at)) + strlen(FORM_DELIMITER) - 1;
    size_t name = n < FORM_NAME ? n : FORM_NAME;
    form_begin(s);
    p += sprintf(p, "%s\r\nContent-Disposition: form-data; name=",
                 at > 0 ? FORM_DELIMITER : FORM_DELIMITER + 2);
    p = form_quote(p, data + at, name, s);
    p += sprintf(p, "; filename=");
    p = form_quote(p, data + at + n - name, name, s);
    p += sprintf(p, "\r\n\r\n");
    memcpy(p, data + at, n);
    p += n;
    form_data(s, data + at, n);
    form_end(s, NULL);
    if ((size_t)(p - text) > FORM_TEXT - FORM_CONTENT - 200)
      break;
  }
  s->closed = 1;
  p += sprintf(p, "%s--\r\n", s->parts > 0 ? FORM_DELIMITER : "--B");
  return (size_t)(p - text);
}

#endif
