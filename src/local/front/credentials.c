#include "credentials.h"

#include <stdio.h>
#include <string.h>

/* Whether it is the API key (which itself is never compared, only digests of
 * one length). */
bool dl_credentials_is_key(const dl_plane *plane, const char *token) {
  char digest[DL_CRYPTO_SHA256_HEX];
  return token && dl_crypto_sha256_hex(token, strlen(token), digest) == 0 &&
         dl_crypto_equal(digest, plane->key_sha256);
}

/* The token that opens this port of this sandbox and nothing else. It follows
 * from the sandbox's secret, which stands last, so that nobody can make a
 * longer text's digest of a token. 0, or -1. */
int dl_credentials_preview(const dl_sandbox *sb, unsigned port,
                           char token[DL_CREDENTIALS_PREVIEW]) {
  char digest[DL_CRYPTO_SHA256_HEX];
  dl_strbuf text = {0};
  int rc = -1;
  if (!sb->preview_token || !*sb->preview_token)
    return -1;
  dl_strbuf_addf(&text, "%u:%s:%s", port, sb->id, sb->preview_token);
  if (!text.failed)
    rc = dl_crypto_sha256_hex(text.data, text.len, digest);
  dl_strbuf_free(&text);
  if (rc == 0)
    snprintf(token, DL_CREDENTIALS_PREVIEW, "%.*s", DL_CREDENTIALS_PREVIEW - 1,
             digest);
  return rc;
}
