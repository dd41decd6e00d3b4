#ifndef DL_CONTROL_SIGNING_H
#define DL_CONTROL_SIGNING_H

#include "store.h"

#define DL_SIGNING_KEY 33  /* size of a signing key with its NUL */
#define DL_SIGNING_FILE 47 /* size of a file's signature with its NUL */
#define DL_SIGNING_TOKEN                                                       \
  17 /* size of a signed preview's token with its NUL                          \
      */

/* What lets others in without the API key: signatures of file URLs, which
 * clients make by themselves with a sandbox's signing key, and tokens of signed
 * previews, which are known here. The store is not locked here. */

#pragma GCC visibility push(hidden)

int dl_signing_find(dl_store *store, const char *id, char key[DL_SIGNING_KEY]);
int dl_signing_key(dl_store *store, const char *id, char key[DL_SIGNING_KEY]);
int dl_signing_rotate(dl_store *store, const char *id,
                      char key[DL_SIGNING_KEY]);
int dl_signing_file(const char *key, const char *method, const char *path,
                    int64_t expires, char signature[DL_SIGNING_FILE]);
int dl_signing_preview(dl_store *store, const char *id, unsigned port,
                       int64_t now, int64_t seconds,
                       char token[DL_SIGNING_TOKEN]);
int dl_signing_expire(dl_store *store, const char *id, unsigned port,
                      const char *token);
bool dl_signing_is_token(const char *text);
int dl_signing_sandbox(dl_store *store, unsigned port, const char *token,
                       int64_t now, char **id);

#pragma GCC visibility pop

#endif
