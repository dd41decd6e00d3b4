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

int dl_account_find(dl_account *account, const char *wanted);
int dl_account_become(const dl_account *account);

#pragma GCC visibility pop

#endif
