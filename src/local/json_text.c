#include "json_text.h"

#include <string.h>

/* The comma and the key. What was opened last is empty, or nothing was. */
static void begin(dl_strbuf *out, const char *key) {
  const char last = out->len > 0 ? out->data[out->len - 1] : '[';
  if (last != '{' && last != '[')
    dl_strbuf_addc(out, ',');
  if (!key)
    return;
  size_t len = strlen(key);
  if (dl_strbuf_reserve(out, len + 3))
    return;
  char *at = out->data + out->len;
  *at++ = '"';
  memcpy(at, key, len);
  memcpy(at + len, "\":", 3);
  out->len += len + 3;
}

void dl_json_open(dl_strbuf *out, const char *key, char bracket) {
  begin(out, key);
  dl_strbuf_addc(out, bracket);
}

void dl_json_close(dl_strbuf *out, char bracket) {
  dl_strbuf_addc(out, bracket);
}

static bool is_plain(unsigned char c) {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Whether a string stands for itself. Nearly all do. */
static bool all_plain(const char *text, size_t len) {
  for (size_t i = 0; i < len; i++) {
    if (!is_plain((unsigned char)text[i]))
      return false;
  }
  return true;
}

static void add_special(dl_strbuf *out, unsigned char c) {
  static const char named[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
  const char *found = strchr(named, c);
  if (!found)
    dl_strbuf_addf(out, "\\u%04X", c);
  else {
    dl_strbuf_addc(out, '\\');
    dl_strbuf_addc(out, names[found - named]);
  }
}

static void add_escaped(dl_strbuf *out, const char *text, size_t len) {
  while (len > 0) {
    size_t n = 0;
    while (n < len &&
           ((unsigned char)text[n] >= 0x80 || is_plain((unsigned char)text[n])))
      n++;
    dl_strbuf_add_utf8(out, text, n);
    if (n < len)
      add_special(out, (unsigned char)text[n++]);
    text += n;
    len -= n;
  }
}

void dl_json_text(dl_strbuf *out, const char *key, const char *text) {
  size_t len = text ? strlen(text) : 0;
  if (!text) {
    dl_json_raw(out, key, "null");
    return;
  }
  begin(out, key);
  dl_strbuf_addc(out, '"');
  if (all_plain(text, len))
    dl_strbuf_add(out, text, len);
  else
    add_escaped(out, text, len);
  dl_strbuf_addc(out, '"');
}

void dl_json_integer(dl_strbuf *out, const char *key, int64_t value) {
  char digits[20], *end = digits + sizeof digits, *p = end;
  uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  do
    *--p = (char)('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (value < 0)
    *--p = '-';
  begin(out, key);
  dl_strbuf_add(out, p, (size_t)(end - p));
}

void dl_json_boolean(dl_strbuf *out, const char *key, bool value) {
  dl_json_raw(out, key, value ? "true" : "false");
}

void dl_json_raw(dl_strbuf *out, const char *key, const char *json) {
  begin(out, key);
  dl_strbuf_adds(out, json);
}
