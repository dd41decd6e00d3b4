#include "text.h"

#include <string.h>

json_t *dl_text_json(const char *data, size_t len) {
  dl_strbuf clean = {0};
  if (len == 0)
    return json_string("");
  if (dl_strbuf_is_utf8(data, len))
    return json_stringn_nocheck(data, len);
  if (dl_strbuf_add_utf8(&clean, data, len)) {
    dl_strbuf_free(&clean);
    return NULL;
  }
  json_t *text = json_stringn_nocheck(clean.data, clean.len);
  dl_strbuf_free(&clean);
  return text;
}

json_t *dl_text_json_of(const char *text) {
  return dl_text_json(text, strlen(text));
}

void dl_text_add_word(dl_strbuf *script, const char *word) {
  dl_strbuf_adds(script, " '");
  for (; *word; word++) {
    if (*word == '\'')
      dl_strbuf_adds(script, "'\\''");
    else
      dl_strbuf_addc(script, *word);
  }
  dl_strbuf_addc(script, '\'');
}
