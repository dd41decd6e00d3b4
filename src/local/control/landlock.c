#include "landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define READING                                                                \
  (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |                 \
   LANDLOCK_ACCESS_FS_READ_DIR)
#define OF_FILES                                                               \
  (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |                 \
   LANDLOCK_ACCESS_FS_WRITE_FILE)
/* Every right that the first version of Landlock knows. */
#define ALL (LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1)

static void allow(int rules, const char *path, uint64_t rights) {
  int fd = open(path, O_PATH | O_CLOEXEC);
  if (fd < 0)
    return;
  struct landlock_path_beneath_attr rule;
  rule.parent_fd = fd;
  struct stat st;
  rule.allowed_access =
      fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) ? rights : rights & OF_FILES;
  syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  close(fd);
}

void dl_landlock_keep(const char *const *readable, const char *writable) {
  struct landlock_ruleset_attr attr = {ALL};
  int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
  if (rules < 0)
    return;
  for (; *readable; readable++)
    allow(rules, *readable, READING);
  allow(rules, writable, OF_FILES & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE);
  syscall(SYS_landlock_restrict_self, rules, 0);
  close(rules);
}
