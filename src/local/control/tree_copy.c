#include "tree_copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "file_copy.h"

/* Copies what sandboxes have written, perhaps while they go on: what vanishes
 * or becomes something else meanwhile is left out, and no link is followed. */

#define MAX_DEPTH 200 /* two descriptors for each */
#define ENTRY 512     /* what a name counts for, so that names have an end */

/* A file of several names that was met before; `ino` 0 is a free place. */
struct dl_tree_link {
  dev_t dev;
  ino_t ino;
  unsigned number; /* its name in the directory of links */
};

static int fail(dl_tree_copy *copy, const char *why) {
  copy->why = why;
  errno = EIO;
  return -1;
}

static int count(dl_tree_copy *copy, int64_t bytes) {
  copy->bytes += bytes;
  if (copy->bytes > copy->limit)
    return fail(copy, "it holds more than its disk");
  if (atomic_load(copy->stop)) {
    errno = ECANCELED;
    return -1;
  }
  return 0;
}

static struct dl_tree_link *place_of(struct dl_tree_link *links, unsigned room,
                                     const struct stat *st) {
  size_t i = (size_t)((st->st_ino * 2654435761u) ^ st->st_dev) & (room - 1);
  while (links[i].ino &&
         (links[i].ino != st->st_ino || links[i].dev != st->st_dev))
    i = (i + 1) & (room - 1);
  return &links[i];
}

/* Where the file is, or is to be, noted; NULL without memory. */
static struct dl_tree_link *link_of(dl_tree_copy *copy, const struct stat *st) {
  unsigned i, room = copy->room ? copy->room * 2 : 64;
  struct dl_tree_link *links;
  if (copy->count * 2 >= copy->room) {
    links = calloc(room, sizeof *links);
    if (!links)
      return NULL;
    for (i = 0; i < copy->room; i++) {
      struct stat known = {.st_dev = copy->links[i].dev,
                           .st_ino = copy->links[i].ino};
      if (copy->links[i].ino)
        *place_of(links, room, &known) = copy->links[i];
    }
    free(copy->links);
    copy->links = links;
    copy->room = room;
  }
  return place_of(copy->links, copy->room, st);
}

static int copy_file(dl_tree_copy *copy, int from, int to, const char *name,
                     const struct stat *st) {
  int in = dl_file_open_own(from, name), out = -1, rc = -1;
  int64_t bytes = 0;
  if (in < 0)
    return dl_file_is_gone(errno) ? 0 : -1;
  struct stat now;
  if (fstat(in, &now) || !S_ISREG(now.st_mode))
    rc = 0; /* it has become something else */
  else if ((out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                         0600)) >= 0) {
    bytes = (int64_t)now.st_blocks * 512;
    rc = count(copy, bytes);
    if (rc == 0)
      rc = dl_file_copy_data(in, out, now.st_size, copy->buffer, copy->stop);
    if (rc == 0)
      rc = dl_file_copy_rest(in, out, st, copy->buffer);
  }
  dl_fd_close(&in);
  dl_fd_close(&out);
  return rc;
}

/* A file of several names: the copy of the first becomes a link in the
 * directory of links, from which the others come. */
static int copy_linked(dl_tree_copy *copy, int from, int to, const char *name,
                       const struct stat *st) {
  struct dl_tree_link *link = link_of(copy, st);
  if (!link) {
    errno = ENOMEM;
    return -1;
  }
  char number[16];
  if (link->ino) {
    snprintf(number, sizeof number, "%u", link->number);
    if (linkat(copy->links_fd, number, to, name, 0) == 0)
      return 0;
    return errno == EMLINK ? copy_file(copy, from, to, name, st) : -1;
  }
  if (copy_file(copy, from, to, name, st))
    return -1;
  snprintf(number, sizeof number, "%u", copy->count);
  if (linkat(to, name, copy->links_fd, number, 0))
    return errno == ENOENT ? 0 : -1; /* it was gone, so there is no copy */
  link->dev = st->st_dev;
  link->ino = st->st_ino;
  link->number = copy->count++;
  return 0;
}

static int copy_symlink(int from, int to, const char *name,
                        const struct stat *st) {
  struct timespec times[2] = {st->st_atim, st->st_mtim};
  char target[PATH_MAX];
  ssize_t n = readlinkat(from, name, target, sizeof target - 1);
  if (n < 0)
    return errno == EINVAL || errno == ENOENT ? 0 : -1;
  target[n] = '\0';
  if (symlinkat(target, to, name))
    return -1;
  utimensat(to, name, times, AT_SYMLINK_NOFOLLOW);
  return 0;
}

static int copy_all(dl_tree_copy *copy, int from, int to, int depth);

static int copy_folder(dl_tree_copy *copy, int from, int to, const char *name,
                       const struct stat *st, int depth) {
  int in = -1, out = -1, rc = -1;
  bool closed = (st->st_mode & 0500) != 0500;
  if (depth >= MAX_DEPTH)
    return fail(copy, "its directories are nested more than 200 deep");
  in = dl_file_open_own(from, name);
  if (in < 0)
    return dl_file_is_gone(errno) ? 0 : -1;
  struct stat now;
  if (fstat(in, &now) || !S_ISDIR(now.st_mode))
    rc = 0;
  else if (mkdirat(to, name, 0700) == 0 &&
           (out = openat(to, name,
                         O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) >=
               0) {
    if (closed) /* names in it are looked up by its mode */
      fchmod(in, (st->st_mode & 07777) | 0500);
    rc = copy_all(copy, in, out, depth + 1);
    if (closed)
      fchmod(in, st->st_mode & 07777);
    if (rc == 0)
      rc = dl_file_copy_rest(in, out, st, copy->buffer);
  }
  dl_fd_close(&in);
  dl_fd_close(&out);
  return rc;
}

static int copy_entry(dl_tree_copy *copy, int from, int to, const char *name,
                      int depth) {
  struct stat st;
  if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW))
    return errno == ENOENT ? 0 : -1;
  if (count(copy, ENTRY))
    return -1;
  if (S_ISDIR(st.st_mode))
    return copy_folder(copy, from, to, name, &st, depth);
  if (S_ISREG(st.st_mode) && st.st_nlink > 1)
    return copy_linked(copy, from, to, name, &st);
  if (S_ISREG(st.st_mode))
    return copy_file(copy, from, to, name, &st);
  if (S_ISLNK(st.st_mode))
    return copy_symlink(from, to, name, &st);
  if (S_ISFIFO(st.st_mode)) /* the mode without what the umask leaves out */
    return mkfifoat(to, name, 0600) ? -1
                                    : fchmodat(to, name, st.st_mode & 07777, 0);
  return 0; /* a socket has no life without its process */
}

static int copy_all(dl_tree_copy *copy, int from, int to, int depth) {
  int fd = fcntl(from, F_DUPFD_CLOEXEC, 0);
  DIR *list = fd < 0 ? NULL : fdopendir(fd);
  int rc = 0;
  if (!list) {
    dl_fd_close(&fd);
    return -1;
  }
  struct dirent *entry;
  while (rc == 0 && (errno = 0, entry = readdir(list))) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      rc = copy_entry(copy, from, to, entry->d_name, depth);
  }
  if (rc == 0 && errno)
    rc = -1;
  fd = errno;
  closedir(list);
  errno = fd;
  return rc;
}

int dl_tree_copy_into(dl_tree_copy *copy, int from, int to) {
  if (!copy->buffer && !(copy->buffer = malloc(DL_FILE_COPY_BUFFER)))
    return -1;
  return copy_all(copy, from, to, 0);
}

void dl_tree_copy_end(dl_tree_copy *copy) {
  free(copy->links);
  free(copy->buffer);
  copy->links = NULL;
  copy->buffer = NULL;
}
