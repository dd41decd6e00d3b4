#include "cursor.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

json_t *dl_cursor_make(json_t *value, const char *id) {
  json_t *position = json_pack("{s:o,s:s}", "value", value, "id", id);
  char *text = json_dumps(position, JSON_COMPACT);
  size_t len = text ? strlen(text) : 0;
  unsigned char *encoded = malloc(4 * ((len + 2) / 3) + 1);
  json_t *cursor = NULL;
  if (text && encoded) {
    EVP_EncodeBlock(encoded, (const unsigned char *)text, (int)len);
    cursor = json_string((const char *)encoded);
  }
  json_decref(position);
  free(text);
  free(encoded);
  return cursor ? cursor : json_null();
}

json_t *dl_cursor_read(const char *cursor, json_t **value, json_t **id) {
  size_t len = strlen(cursor);
  unsigned char *text = malloc(len + 4);
  json_t *position = NULL;
  int n;
  if (text && len > 0 && len % 4 == 0) {
    n = EVP_DecodeBlock(text, (const unsigned char *)cursor, (int)len);
    while (n > 0 && text[n - 1] == '\0') /* what padding decodes to */
      n--;
    if (n > 0)
      position = json_loadb((const char *)text, (size_t)n, 0, NULL);
  }
  free(text);
  *value = json_object_get(position, "value");
  *id = json_object_get(position, "id");
  if (*value && json_is_string(*id))
    return position;
  json_decref(position);
  return NULL;
}
