#include "datadir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto.h"
#include "fd.h"
#include "strbuf.h"
#include "account.h"

#define KEY_PREFIX "dtn_"
#define KEY_DIGITS 64
#define KEY_SIZE (sizeof KEY_PREFIX + KEY_DIGITS)

static int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int fail(const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  fputs("daytona-local: ", stderr);
  vfprintf(stderr, format, ap);
  fputc('\n', stderr);
  va_end(ap);
  return -1;
}

void dl_datadir_fail(const dl_datadir *dir, const char *what) {
  fail("data directory %s: %s: %s", dir->path, what, strerror(errno));
}

/* mkdir -p; parents get the usual mode, the last one is private. */
static int make_path(const char *path) {
  char *copy = strdup(path);
  char *slash = copy;
  int rc = 0;
  if (!copy)
    return -1;
  while (rc == 0 && *slash && (slash = strchr(slash + 1, '/'))) {
    *slash = '\0';
    if (mkdir(copy, 0755) && errno != EEXIST)
      rc = -1;
    *slash = '/';
  }
  if (rc == 0 && mkdir(path, 0700) && errno != EEXIST)
    rc = -1;
  free(copy);
  return rc;
}

static bool is_empty(int fd) {
  int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = copy < 0 ? NULL : fdopendir(copy);
  bool empty = true;
  if (!dir)
    return false;
  struct dirent *entry;
  while (empty && (entry = readdir(dir)))
    empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
  closedir(dir);
  return empty;
}

/* As root: hands a new or empty directory to the service user. One that holds
 * something of another user is not touched: it may be somebody's home. */
static int give_away(const dl_datadir *dir, const dl_account *account) {
  struct stat st;
  if (fstat(dir->fd, &st))
    return fail("data directory %s: %s", dir->path, strerror(errno));
  if (st.st_uid == account->uid)
    return 0;
  if (!is_empty(dir->fd))
    return fail("data directory %s belongs to another user than %s and is not "
                "empty; give --data a new directory, or --user its owner",
                dir->path, account->name);
  if (fchown(dir->fd, account->uid, account->gid) || fchmod(dir->fd, 0700))
    return fail("data directory %s: %s", dir->path, strerror(errno));
  return 0;
}

/* Whether this process, being the service user now, can work in there. */
static int check_access(const dl_datadir *dir, const char *user) {
  struct stat by_path, by_fd;
  if (stat(dir->path, &by_path) || fstat(dir->fd, &by_fd) ||
      access(dir->path, R_OK | W_OK | X_OK))
    return fail("data directory %s cannot be used by user %s: %s; give --data "
                "a directory that this user can reach",
                dir->path, user, strerror(errno));
  if (by_path.st_ino != by_fd.st_ino || by_path.st_dev != by_fd.st_dev)
    return fail("data directory %s was replaced while starting", dir->path);
  return 0;
}

static int take_lock(dl_datadir *dir) {
  dir->lock_fd =
      openat(dir->fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (dir->lock_fd < 0)
    return fail("data directory %s: lock: %s", dir->path, strerror(errno));
  if (flock(dir->lock_fd, LOCK_EX | LOCK_NB) == 0)
    return 0;
  if (errno == EWOULDBLOCK)
    return fail("data directory %s is in use by another daytona-local; give "
                "this one its own --data",
                dir->path);
  return fail("data directory %s: lock: %s", dir->path, strerror(errno));
}

static int copy_fd(int from, int to) {
  char chunk[65536];
  ssize_t n;
  while ((n = read(from, chunk, sizeof chunk)) != 0) {
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 || dl_fd_write_all(to, chunk, (size_t)n))
      return -1;
  }
  return 0;
}

/* Writes a file by a temporary one and rename, so that it is never half
 * there. The content is `text`, or what is read from `source`. */
static int place_file(const dl_datadir *dir, const char *name, mode_t mode,
                      const char *text, int source) {
  dl_strbuf temporary = {0};
  int fd = -1, rc = -1;
  dl_strbuf_addf(&temporary, "%s.new", name);
  if (!temporary.failed) {
    unlinkat(dir->fd, temporary.data, 0);
    fd = openat(dir->fd, temporary.data,
                O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  }
  if (fd >= 0 &&
      (text ? dl_fd_write_all(fd, text, strlen(text)) : copy_fd(source, fd)) ==
          0 &&
      fchmod(fd, mode) == 0 && close(fd) == 0) {
    fd = -1;
    rc = renameat(dir->fd, temporary.data, dir->fd, name);
  }
  if (rc)
    dl_datadir_fail(dir, name);
  if (fd >= 0)
    close(fd);
  dl_strbuf_free(&temporary);
  return rc;
}

/* Whether there is such a file with these bytes and this mode. Then it is left
 * alone: a disk that is full must not prevent a start. */
static bool is_right(const dl_datadir *dir, const char *name, mode_t mode,
                     const char *bytes, size_t len) {
  int fd = openat(dir->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  char *there = MAP_FAILED;
  bool right = false;
  if (fd < 0)
    return false;
  struct stat st;
  if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
      (st.st_mode & 07777) == mode && (size_t)st.st_size == len && len > 0)
    there = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
  close(fd);
  if (there == MAP_FAILED)
    return false;
  right = memcmp(there, bytes, len) == 0;
  munmap(there, len);
  return right;
}

int dl_datadir_place_text(const dl_datadir *dir, const char *name,
                          const char *text) {
  return is_right(dir, name, 0644, text, strlen(text))
             ? 0
             : place_file(dir, name, 0644, text, -1);
}

int dl_datadir_place(const dl_datadir *dir, const char *name, mode_t mode,
                     const char *text) {
  return place_file(dir, name, mode, text, -1);
}

/* The copy of this program, which sandboxes run. */
static int place_program(const dl_datadir *dir, int executable) {
  static const char name[] = "bin/daytona-local";
  struct stat st;
  char *bytes = MAP_FAILED;
  if (fstat(executable, &st) == 0 && st.st_size > 0)
    bytes =
        mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, executable, 0);
  bool right;
  if (bytes != MAP_FAILED) {
    right = is_right(dir, name, 0755, bytes, (size_t)st.st_size);
    munmap(bytes, (size_t)st.st_size);
    if (right)
      return 0;
  }
  return place_file(dir, name, 0755, NULL, executable);
}

static int fill(const dl_datadir *dir, int executable) {
  static const char *const folders[] = {"bin",     "etc",       "sandboxes",
                                        "archive", "trash",     "run",
                                        "volumes", "snapshots", "copies"};
  static const char passwd[] =
      "root:x:0:0:root:/root:/usr/sbin/nologin\n"
      "daytona:x:1000:1000:daytona:/home/daytona:/bin/bash\n"
      "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
  static const char group[] = "root:x:0:\ndaytona:x:1000:\nnogroup:x:65534:\n";
  size_t i;
  for (i = 0; i < sizeof folders / sizeof *folders; i++) {
    if (mkdirat(dir->fd, folders[i], 0700) && errno != EEXIST)
      return fail("data directory %s: %s: %s", dir->path, folders[i],
                  strerror(errno));
  }
  if (dl_datadir_place_text(dir, "etc/passwd", passwd) ||
      dl_datadir_place_text(dir, "etc/group", group) ||
      place_program(dir, executable))
    return -1;
  return 0;
}

static int open_directory(dl_datadir *dir, const char *path) {
  if (make_path(path) || !(dir->path = realpath(path, NULL)))
    return fail("data directory %s: %s", path, strerror(errno));
  dir->fd = open(dir->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (dir->fd < 0)
    return fail("data directory %s: %s", dir->path, strerror(errno));
  return 0;
}

int dl_datadir_open(dl_datadir *dir, dl_reserve *reserve,
                    const dl_options *options) {
  int executable = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  int rc = -1;
  dir->path = NULL;
  dir->fd = dir->lock_fd = -1;
  if (executable < 0)
    return fail("/proc/self/exe: %s", strerror(errno));
  umask(022);
  dl_account account;
  if (dl_account_find(&account, options->user) == 0 &&
      open_directory(dir, options->data) == 0 &&
      (geteuid() != 0 ||
       (give_away(dir, &account) == 0 && dl_account_become(&account) == 0))) {
    umask(077);
    rc = check_access(dir, account.name) || take_lock(dir) ? -1 : 0;
    if (rc == 0) {
      dl_reserve_open(reserve, dir->fd);
      rc = fill(dir, executable);
    }
  }
  close(executable);
  return rc;
}

void dl_datadir_close(dl_datadir *dir) {
  if (dir->fd >= 0)
    close(dir->fd);
  if (dir->lock_fd >= 0)
    close(dir->lock_fd);
  free(dir->path);
  dir->path = NULL;
  dir->fd = dir->lock_fd = -1;
}

char *dl_datadir_path(const dl_datadir *dir, const char *relative) {
  dl_strbuf path = {0};
  dl_strbuf_addf(&path, "%s/%s", dir->path, relative);
  return dl_strbuf_detach(&path);
}

char *dl_datadir_api_key(const dl_datadir *dir) {
  char key[KEY_SIZE + 1] = KEY_PREFIX;
  int fd = openat(dir->fd, "api-key", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0 && errno == ENOENT) {
    if (dl_crypto_random_hex(key + sizeof KEY_PREFIX - 1, KEY_DIGITS) ||
        place_file(dir, "api-key", 0600, key, -1))
      return NULL;
    return strdup(key);
  }
  ssize_t n = fd < 0 ? -1 : read(fd, key, sizeof key - 1);
  if (n < 0)
    fail("data directory %s: api-key: %s", dir->path, strerror(errno));
  if (fd >= 0)
    close(fd);
  if (n < 0)
    return NULL;
  while (n > 0 && key[n - 1] == '\n')
    n--;
  key[n] = '\0';
  if ((size_t)n == KEY_SIZE - 1)
    return strdup(key);
  fail("data directory %s: api-key is damaged; remove it to get a new key",
       dir->path);
  return NULL;
}
