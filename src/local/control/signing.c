#include "signing.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "strbuf.h"
#include "wire/base64.h"

#define KEY_BYTES 24 /* whose base64 has no padding */

/* As the original's: 32 characters that need no escape anywhere. */
static int make_key(char key[DL_SIGNING_KEY]) {
  unsigned char raw[KEY_BYTES];
  if (dl_crypto_random(raw, sizeof raw))
    return -1;
  key[dt_base64_encode(raw, sizeof raw, true, key)] = '\0';
  return 0;
}

/* Runs a statement that answers with a key. Takes `values`. */
static int ask(dl_store *store, const char *sql, json_t *values,
               char key[DL_SIGNING_KEY]) {
  char *kept = NULL;
  int rc = values ? dl_store_text(store, sql, values, &kept) : DL_STORE_ERROR;
  if (rc == DL_STORE_FOUND && strlen(kept) < DL_SIGNING_KEY)
    strcpy(key, kept);
  else if (rc == DL_STORE_FOUND)
    rc = DL_STORE_ERROR;
  json_decref(values);
  free(kept);
  return rc;
}

/* Runs an insertion of a new key, which returns the key there is then. */
static int keep_key(dl_store *store, const char *sql, const char *id,
                    char key[DL_SIGNING_KEY]) {
  char made[DL_SIGNING_KEY];
  return make_key(made) == 0 && ask(store, sql, json_pack("[s,s]", id, made),
                                    key) == DL_STORE_FOUND
             ? 0
             : -1;
}

/* The key of a sandbox that had one made. DL_STORE_FOUND, _NONE or _ERROR. */
int dl_signing_find(dl_store *store, const char *id, char key[DL_SIGNING_KEY]) {
  return ask(store, "SELECT key FROM signing_keys WHERE sandbox_id = ?",
             json_pack("[s]", id), key);
}

/* The key that signs a sandbox's file URLs, made by the first call. It lasts as
 * long as the sandbox, or until it is rotated. 0, or -1. */
int dl_signing_key(dl_store *store, const char *id, char key[DL_SIGNING_KEY]) {
  return keep_key(store,
                  "INSERT INTO signing_keys (sandbox_id, key) VALUES (?, ?)"
                  " ON CONFLICT (sandbox_id) DO UPDATE SET key = key"
                  " RETURNING key",
                  id, key);
}

/* A new key in the place of the present one, whose signatures are good for
 * nothing from now on. 0, or -1. */
int dl_signing_rotate(dl_store *store, const char *id,
                      char key[DL_SIGNING_KEY]) {
  return keep_key(store,
                  "INSERT INTO signing_keys (sandbox_id, key) VALUES (?, ?)"
                  " ON CONFLICT (sandbox_id) DO UPDATE SET key = excluded.key"
                  " RETURNING key",
                  id, key);
}

/* The signature of a file URL: of the method (GET to read, POST to write), the
 * path as it is meant, and the second since 1970 after which it is void (0:
 * never). 0, or -1. */
int dl_signing_file(const char *key, const char *method, const char *path,
                    int64_t expires, char signature[DL_SIGNING_FILE]) {
  dl_strbuf text = {0};
  int rc = -1;
  dl_strbuf_addf(&text, "v1:files:%s:%s:%" PRId64, method, path, expires);
  unsigned char digest[DL_CRYPTO_SHA256];
  if (!text.failed)
    rc = dl_crypto_hmac_sha256(key, text.data, text.len, digest);
  dl_strbuf_free(&text);
  if (rc)
    return -1;
  strcpy(signature, "v1_");
  signature[3 + dt_base64_encode(digest, sizeof digest, true, signature + 3)] =
      '\0';
  return 0;
}

/* As the original's: lower case, for it becomes a part of a host name. */
static const char characters[] = "0123456789abcdefghijklmnopqrstuvwxyz";

/* Whether it looks like a token, good or not. */
bool dl_signing_is_token(const char *text) {
  return strspn(text, characters) == DL_SIGNING_TOKEN - 1 &&
         !text[DL_SIGNING_TOKEN - 1];
}

/* Bytes that would make some characters more likely are left out. */
static int make_token(char token[DL_SIGNING_TOKEN]) {
  const unsigned count = sizeof characters - 1;
  size_t len = 0;
  while (len < DL_SIGNING_TOKEN - 1) {
    unsigned char byte;
    if (dl_crypto_random(&byte, 1))
      return -1;
    if (byte < 256 / count * count)
      token[len++] = characters[byte % count];
  }
  token[len] = '\0';
  return 0;
}

/* What is stored of a token: how long it takes to find tells nothing of it. */
static int digest_of(unsigned port, const char *token,
                     char digest[DL_CRYPTO_SHA256_HEX]) {
  dl_strbuf text = {0};
  int rc = -1;
  dl_strbuf_addf(&text, "%u:%s", port, token);
  if (!text.failed)
    rc = dl_crypto_sha256_hex(text.data, text.len, digest);
  dl_strbuf_free(&text);
  return rc;
}

/* Takes `values`, which may be NULL. 0, or -1. */
static int change(dl_store *store, const char *sql, json_t *values) {
  int rc = values && dl_store_change(store, sql, values) == 0 ? 0 : -1;
  json_decref(values);
  return rc;
}

/* A token that opens this port of the sandbox for so many seconds from `now`
 * (that of dl_plane_now). Those that have expired are forgotten. 0, or
 * -1. */
int dl_signing_preview(dl_store *store, const char *id, unsigned port,
                       int64_t now, int64_t seconds,
                       char token[DL_SIGNING_TOKEN]) {
  char digest[DL_CRYPTO_SHA256_HEX];
  if (make_token(token) || digest_of(port, token, digest) ||
      change(store, "DELETE FROM signed_previews WHERE expires_at <= ?",
             json_pack("[I]", (json_int_t)now)))
    return -1;
  return change(
      store,
      "INSERT INTO signed_previews (digest, sandbox_id, expires_at)"
      " VALUES (?, ?, ?)",
      json_pack("[s,s,I]", digest, id, (json_int_t)(now + seconds * 1000)));
}

/* Makes a token of this sandbox void; one that is none is no error. 0, or
 * -1. */
int dl_signing_expire(dl_store *store, const char *id, unsigned port,
                      const char *token) {
  char digest[DL_CRYPTO_SHA256_HEX];
  if (digest_of(port, token, digest))
    return -1;
  return change(store,
                "DELETE FROM signed_previews WHERE digest = ?"
                " AND sandbox_id = ?",
                json_pack("[s,s]", digest, id));
}

/* The sandbox of which a token opens that port at that time, to be freed.
 * DL_STORE_FOUND, _NONE or _ERROR. */
int dl_signing_sandbox(dl_store *store, unsigned port, const char *token,
                       int64_t now, char **id) {
  char digest[DL_CRYPTO_SHA256_HEX];
  int rc = DL_STORE_ERROR;
  *id = NULL;
  if (digest_of(port, token, digest))
    return rc;
  json_t *values = json_pack("[s,I]", digest, (json_int_t)now);
  if (values)
    rc = dl_store_text(store,
                       "SELECT sandbox_id FROM signed_previews"
                       " WHERE digest = ? AND expires_at > ?",
                       values, id);
  json_decref(values);
  return rc;
}
