#include "account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_USER "nobody"

int dl_account_find(dl_account *account, const char *wanted) {
  uid_t me = geteuid();
  if (me == 0 && !wanted)
    wanted = DEFAULT_USER;
  const struct passwd *pw = wanted ? getpwnam(wanted) : getpwuid(me);
  if (wanted && !pw) {
    fprintf(stderr, "daytona-local: --user: there is no user '%s'\n", wanted);
    return -1;
  }
  if (me != 0 && wanted && pw->pw_uid != me) {
    fprintf(stderr, "daytona-local: --user: only root can become '%s'\n",
            wanted);
    return -1;
  }
  if (pw && pw->pw_uid == 0) {
    fprintf(stderr, "daytona-local: --user: sandboxes are never started by "
                    "root; name another user\n");
    return -1;
  }
  account->uid = pw ? pw->pw_uid : me;
  account->gid = pw ? pw->pw_gid : getegid();
  if (pw)
    snprintf(account->name, sizeof account->name, "%s", pw->pw_name);
  else
    snprintf(account->name, sizeof account->name, "%lu", (unsigned long)me);
  return 0;
}

int dl_account_become(const dl_account *account) {
  if (setgroups(1, &account->gid) ||
      setresgid(account->gid, account->gid, account->gid) ||
      setresuid(account->uid, account->uid, account->uid)) {
    fprintf(stderr, "daytona-local: cannot become user %s: %s\n", account->name,
            strerror(errno));
    return -1;
  }
  if (setuid(0) == 0 || seteuid(0) == 0) {
    fprintf(stderr, "daytona-local: could become root again\n");
    return -1;
  }
  return 0;
}
