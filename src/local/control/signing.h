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

/* The key of a sandbox that had one made. DL_STORE_FOUND, _NONE or _ERROR. */
int dl_signing_find(dl_store *store, const char *id, char key[DL_SIGNING_KEY]);

/* The key that signs a sandbox's file URLs, made by the first call. It lasts as
 * long as the sandbox, or until it is rotated. 0, or -1. */
int dl_signing_key(dl_store *store, const char *id, char key[DL_SIGNING_KEY]);

/* A new key in the place of the present one, whose signatures are good for
 * nothing from now on. 0, or -1. */
int dl_signing_rotate(dl_store *store, const char *id,
                      char key[DL_SIGNING_KEY]);

/* The signature of a file URL: of the method (GET to read, POST to write), the
 * path as it is meant, and the second since 1970 after which it is void (0:
 * never). 0, or -1. */
int dl_signing_file(const char *key, const char *method, const char *path,
                    int64_t expires, char signature[DL_SIGNING_FILE]);

/* A token that opens this port of the sandbox for so many seconds from `now`
 * (that of dl_instants_now). Those that have expired are forgotten. 0, or
 * -1. */
int dl_signing_preview(dl_store *store, const char *id, unsigned port,
                       int64_t now, int64_t seconds,
                       char token[DL_SIGNING_TOKEN]);

/* Makes a token of this sandbox void; one that is none is no error. 0, or
 * -1. */
int dl_signing_expire(dl_store *store, const char *id, unsigned port,
                      const char *token);

/* Whether it looks like a token, good or not. */
bool dl_signing_is_token(const char *text);

/* The sandbox of which a token opens that port at that time, to be freed.
 * DL_STORE_FOUND, _NONE or _ERROR. */
int dl_signing_sandbox(dl_store *store, unsigned port, const char *token,
                       int64_t now, char **id);

#pragma GCC visibility pop

#endif
