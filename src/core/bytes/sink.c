#include "body.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "beneath.h"

/* The file a symbolic link leads to, else a copy of 'path': renaming onto the
 * link would replace it. */
static char *final_path(const char *path) {
  char *resolved = realpath(path, NULL);
  return resolved ? resolved : strdup(path);
}

/* The directory to which '*path', what is to be used of 's->path', is relative:
 * a descriptor for 'leave', or -1 with errno. */
static int enter(const dt_sink *s, const char **path) {
  if (s->beneath)
    return dt_beneath_parent(s->beneath, s->path, path);
  *path = s->path;
  return AT_FDCWD;
}

static void leave(int at) {
  if (at >= 0)
    close(at);
}

/* How long the directory of 'path' is, with its slash. */
static int directory_length(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? (int)(slash - path) + 1 : 0;
}

/* A file without a name in the directory of 'path': nothing is left of it when
 * the process is killed.  Returns 0 or an errno: not every file system can, and
 * a name can be given only by way of /proc. */
static int open_nameless(dt_sink *s, int at, const char *path, mode_t mode) {
#ifdef O_TMPFILE
  int length = directory_length(path);
  if (access("/proc/self/fd", X_OK) != 0)
    return errno;
  char *directory = length ? strndup(path, (size_t)length) : strdup(".");
  if (!directory)
    return ENOMEM;
  s->fd = openat(at, directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
  int error = s->fd < 0 ? errno : 0;
  free(directory);
  return error;
#else
  (void)s, (void)at, (void)path, (void)mode;
  return ENOTSUP;
#endif
}

/* Gives the open file a name, or makes a new one with it. */
static int use_name(dt_sink *s, int at, mode_t mode) {
  char link[64];
  if (s->fd < 0) {
    s->fd =
        openat(at, s->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    return s->fd < 0 ? errno : 0;
  }
  snprintf(link, sizeof link, "/proc/self/fd/%d", s->fd);
  return linkat(AT_FDCWD, link, at, s->temporary, AT_SYMLINK_FOLLOW) != 0
             ? errno
             : 0;
}

/* A name for the temporary file in the directory of 'path'; it does not grow
 * with that of the file, which may be as long as a name can be. */
static int name_temporary(dt_sink *s, int at, const char *path, mode_t mode) {
  int directory = directory_length(path);
  size_t size = (size_t)directory + 64;
  s->temporary = malloc(size);
  if (!s->temporary)
    return ENOMEM;
  int error = EEXIST;
  for (int attempt = 0; attempt < 100 && error == EEXIST; attempt++) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(s->temporary, size, "%.*s.daytona-%lx-%lx.part", directory, path,
             (long)getpid(), now.tv_nsec);
    error = use_name(s, at, mode);
  }
  if (error) {
    free(s->temporary);
    s->temporary = NULL;
  }
  return error;
}

/* Opens the temporary file, without a name where the file system can do so. */
static int open_temporary(dt_sink *s, int at, const char *path, mode_t mode) {
  if (open_nameless(s, at, path, mode) == 0)
    return 0;
  return name_temporary(s, at, path, mode);
}

/* Opens the temporary file of a sink that follows no link. */
static int open_beneath(dt_sink *s) {
  struct stat st;
  const char *name;
  int at = enter(s, &name), error = 0;
  if (at == -1)
    return errno;
  if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
    error = S_ISDIR(st.st_mode)                          ? EISDIR
            : S_ISREG(st.st_mode) || S_ISLNK(st.st_mode) ? 0
                                                         : EINVAL;
  if (!error)
    error = open_temporary(s, at, name, 0600);
  leave(at);
  return error;
}

int dt_sink_open(dt_sink *s, const char *path, const char *beneath) {
  struct stat st;
  if (beneath) {
    s->path = strdup(path);
    s->beneath = strdup(beneath);
    int failed = s->path && s->beneath ? open_beneath(s) : ENOMEM;
    s->kind = failed ? s->kind : DT_SINK_FILE;
    return failed;
  }
  int exists = stat(path, &st) == 0;
  if (!exists && errno != ENOENT)
    return errno;
  if (exists && S_ISDIR(st.st_mode))
    return EISDIR;
  if (exists && !S_ISREG(st.st_mode))
    return EINVAL;
  if (exists && access(path, W_OK) != 0)
    return errno;
  s->path = final_path(path);
  if (!s->path)
    return ENOMEM;
  int error = open_temporary(s, AT_FDCWD, s->path, 0666);
  if (error)
    return error;
  s->kind = DT_SINK_FILE;
  if (exists && fchmod(s->fd, st.st_mode & 07777) != 0)
    return errno;
  return 0;
}

static int write_file(dt_sink *s, const char *bytes, size_t n) {
  while (n > 0) {
    ssize_t written = write(s->fd, bytes, n);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0) {
      s->error = written < 0 ? errno : EIO;
      return 0;
    }
    bytes += written;
    n -= (size_t)written;
  }
  return 1;
}

int dt_sink_write(dt_sink *s, const void *bytes, size_t n) {
  if (s->kind == DT_SINK_FILE) {
    if (!write_file(s, bytes, n))
      return 0;
  }
  else {
    if (n > s->limit - s->memory.len) {
      s->overflow = 1;
      return 0;
    }
    if (!dt_buffer_add(&s->memory, bytes, n)) {
      s->error = ENOMEM;
      return 0;
    }
  }
  s->done += (curl_off_t)n;
  if (s->checksum)
    dt_sha256_update(&s->checksum->sum, bytes, n);
  return 1;
}

size_t dt_sink_held(const dt_sink *s) {
  return s->memory.len - s->taken;
}

const char *dt_sink_first(const dt_sink *s) {
  return s->memory.data ? s->memory.data + s->taken : "";
}

bool dt_sink_is_full(dt_sink *s, size_t n) {
  s->paused = s->kind == DT_SINK_CHUNKS && dt_sink_held(s) >= s->chunk && n > 0;
  return s->paused;
}

/* Moves the remaining bytes to the front only when they are not more than those
 * taken, so that a byte moves at most once on average. */
void dt_sink_drop(dt_sink *s, size_t n) {
  s->taken += n;
  size_t held = dt_sink_held(s);
  if (held > s->taken)
    return;
  if (held > 0)
    memcpy(s->memory.data, s->memory.data + s->taken, held);
  s->memory.len = held;
  s->taken = 0;
}

/* Called when all is written: gives the file a name if it has none, so that it
 * can be renamed. */
static int name_at_last(dt_sink *s) {
  const char *path;
  int at = enter(s, &path);
  if (at == -1)
    return errno;
  int error = name_temporary(s, at, path, 0);
  leave(at);
  return error;
}

int dt_sink_seal(dt_sink *s) {
  if (s->kind != DT_SINK_FILE || s->fd < 0)
    return 0;
  int error = s->temporary ? 0 : name_at_last(s);
  int fd = s->fd;
  s->fd = -1;
  int failed = close(fd) != 0 ? errno : 0;
  return error ? error : failed;
}

int dt_sink_commit(dt_sink *s) {
  if (s->kind != DT_SINK_FILE)
    return 0;
  int error = dt_sink_seal(s);
  if (error)
    return error;
  const char *path;
  int at = enter(s, &path);
  if (at == -1)
    return errno;
  error = !s->temporary                               ? ENOENT
          : renameat(at, s->temporary, at, path) != 0 ? errno
                                                      : 0;
  leave(at);
  if (error)
    return error;
  free(s->temporary);
  s->temporary = NULL;
  return 0;
}

void dt_sink_close(dt_sink *s) {
  if (s->kind == DT_SINK_FILE && s->fd >= 0)
    close(s->fd);
  if (s->temporary) {
    const char *path;
    int at = enter(s, &path);
    if (at != -1)
      unlinkat(at, s->temporary, 0);
    leave(at);
  }
  free(s->temporary);
  free(s->path);
  free(s->beneath);
  dt_buffer_free(&s->memory);
  *s = (dt_sink){.fd = -1};
}
