#include "beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* Whether the first 'n' bytes can be the name of an entry. */
static bool is_name(const char *s, size_t n) {
  return n > 0 && !(n == 1 && s[0] == '.') &&
         !(n == 2 && s[0] == '.' && s[1] == '.');
}

/* Opens a directory inside another one, and closes the outer one. */
static int descend(int directory, const char *part, size_t n) {
  char name[NAME_MAX + 1];
  int next = -1, error = 0;
  if (!is_name(part, n) || n > NAME_MAX)
    error = n > NAME_MAX ? ENAMETOOLONG : EINVAL;
  else {
    memcpy(name, part, n);
    name[n] = '\0';
    next =
        openat(directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    error = next < 0 ? errno : 0;
  }
  close(directory);
  errno = error;
  return next;
}

int dt_beneath_parent(const char *root, const char *relative,
                      const char **name) {
  const char *slash;
  int directory = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  while (directory >= 0 && (slash = strchr(relative, '/')) != NULL) {
    directory = descend(directory, relative, (size_t)(slash - relative));
    relative = slash + 1;
  }
  if (directory >= 0 && !is_name(relative, strlen(relative))) {
    close(directory);
    errno = EINVAL;
    return -1;
  }
  *name = relative;
  return directory;
}

int dt_beneath_open(const char *root, const char *relative, int flags) {
  const char *name;
  if (strcmp(relative, ".") == 0)
    return open(root, flags | O_CLOEXEC);
  int directory = dt_beneath_parent(root, relative, &name);
  if (directory < 0)
    return -1;
  int fd = openat(directory, name, flags | O_NOFOLLOW | O_CLOEXEC);
  int error = errno;
  close(directory);
  errno = error;
  return fd;
}
