#ifndef DL_CONTROL_ACCOUNT_H
#define DL_CONTROL_ACCOUNT_H

#include <sys/types.h>

/* The user the server runs as. */
typedef struct dl_account {
  char name[64];
  uid_t uid;
  gid_t gid;
} dl_account;

#pragma GCC visibility push(hidden)

/* Finds the user to run as: the present one, or, for root, `wanted` (NULL:
 * nobody). 0, or -1 after a message on stderr. */
int dl_account_find(dl_account *account, const char *wanted);

/* Root becomes that user, for good. 0, or -1 after a message on stderr: then
 * the process must end. */
int dl_account_become(const dl_account *account);

#pragma GCC visibility pop

#endif
