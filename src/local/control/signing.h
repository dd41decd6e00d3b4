#ifndef DL_CONTROL_SIGNING_H
#define DL_CONTROL_SIGNING_H

#include "store.h"

#define DL_SIGNING_KEY 33  /* size of a signing key with its NUL */
#define DL_SIGNING_FILE 47 /* size of a file's signature with its NUL */

/* What lets others in without the API key: signatures of file URLs, which
 * clients make by themselves with a sandbox's signing key. The store is not
 * locked here. */

#pragma GCC visibility push(hidden)

int dl_signing_find(dl_store *store, const char *id, char key[DL_SIGNING_KEY]);
int dl_signing_key(dl_store *store, const char *id, char key[DL_SIGNING_KEY]);
int dl_signing_rotate(dl_store *store, const char *id,
                      char key[DL_SIGNING_KEY]);
int dl_signing_file(const char *key, const char *method, const char *path,
                    int64_t expires, char signature[DL_SIGNING_FILE]);

#pragma GCC visibility pop

#endif
