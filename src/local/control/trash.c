#include "trash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto.h"
#include "strbuf.h"

struct dl_trash {
  int data_fd; /* not owned */
  int fd;      /* the trash directory */
  unsigned long counter;
  char stamp[17]; /* makes names new even after a restart */
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t filled;
  bool dirty;
  bool stopping;
};

static bool is_dots(const char *name) {
  return name[0] == '.' &&
         (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

static bool is_stopping(dl_trash *trash) {
  pthread_mutex_lock(&trash->lock);
  bool stopping = trash->stopping;
  pthread_mutex_unlock(&trash->lock);
  return stopping;
}

static void next_name(dl_trash *trash, char out[64]) {
  pthread_mutex_lock(&trash->lock);
  unsigned long n = trash->counter++;
  pthread_mutex_unlock(&trash->lock);
  snprintf(out, 64, "%s-%lu", trash->stamp, n);
}

/* Opens a directory without following a link, making it usable first: its
 * owner may have taken every permission away. -1 if it is none. */
static int open_folder(int parent, const char *name) {
  struct stat st;
  if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISDIR(st.st_mode))
    return -1;
  if ((st.st_mode & 0700) != 0700)
    fchmodat(parent, name, 0700, 0);
  return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Removes what is in the folder. Folders in it are moved up into the trash
 * directory and removed in a later round, so that depth costs neither stack
 * nor descriptors. */
static void empty_folder(dl_trash *trash, int fd) {
  DIR *dir = fdopendir(fd);
  if (!dir) {
    close(fd);
    return;
  }
  struct dirent *entry;
  struct stat st;
  char name[64];
  while (!is_stopping(trash) && (entry = readdir(dir))) {
    if (is_dots(entry->d_name))
      continue;
    if (unlinkat(fd, entry->d_name, 0) == 0)
      continue;
    if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
        !S_ISDIR(st.st_mode))
      continue;
    if ((st.st_mode & 0700) != 0700)
      fchmodat(fd, entry->d_name, 0700, 0);
    next_name(trash, name);
    (void)!renameat(fd, entry->d_name, trash->fd, name);
  }
  closedir(dir);
}

/* One round over the trash directory: how many entries were removed or moved
 * up, so that no progress ends the work. */
static size_t sweep(dl_trash *trash) {
  int copy = openat(trash->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = copy < 0 ? NULL : fdopendir(copy);
  size_t removed = 0;
  if (!dir) {
    if (copy >= 0)
      close(copy);
    return 0;
  }
  struct dirent *entry;
  while (!is_stopping(trash) && (entry = readdir(dir))) {
    if (is_dots(entry->d_name))
      continue;
    int fd = open_folder(trash->fd, entry->d_name);
    if (fd >= 0)
      empty_folder(trash, fd);
    if (unlinkat(trash->fd, entry->d_name, fd >= 0 ? AT_REMOVEDIR : 0) == 0)
      removed++;
  }
  closedir(dir);
  return removed;
}

static void *work(void *arg) {
  dl_trash *trash = arg;
  pthread_mutex_lock(&trash->lock);
  while (!trash->stopping) {
    if (!trash->dirty) {
      pthread_cond_wait(&trash->filled, &trash->lock);
      continue;
    }
    trash->dirty = false;
    pthread_mutex_unlock(&trash->lock);
    while (sweep(trash) > 0)
      ;
    pthread_mutex_lock(&trash->lock);
  }
  pthread_mutex_unlock(&trash->lock);
  return NULL;
}

dl_trash *dl_trash_open(int data_fd) {
  dl_trash *trash = calloc(1, sizeof *trash);
  if (!trash)
    return NULL;
  trash->data_fd = data_fd;
  trash->dirty = true;
  trash->fd =
      openat(data_fd, "trash", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (trash->fd < 0 || dl_crypto_random_hex(trash->stamp, 16)) {
    if (trash->fd >= 0)
      close(trash->fd);
    free(trash);
    return NULL;
  }
  pthread_mutex_init(&trash->lock, NULL);
  pthread_cond_init(&trash->filled, NULL);
  errno = pthread_create(&trash->thread, NULL, work, trash);
  if (errno == 0)
    return trash;
  close(trash->fd);
  free(trash);
  return NULL;
}

void dl_trash_close(dl_trash *trash) {
  if (!trash)
    return;
  pthread_mutex_lock(&trash->lock);
  trash->stopping = true;
  pthread_cond_signal(&trash->filled);
  pthread_mutex_unlock(&trash->lock);
  pthread_join(trash->thread, NULL);
  close(trash->fd);
  pthread_mutex_destroy(&trash->lock);
  pthread_cond_destroy(&trash->filled);
  free(trash);
}

int dl_trash_take(dl_trash *trash, const char *directory, const char *id) {
  dl_strbuf path = {0};
  char name[64];
  next_name(trash, name);
  dl_strbuf_addf(&path, "%s/%s", directory, id);
  if (path.failed) {
    errno = ENOMEM;
    return -1;
  }
  int rc = renameat(trash->data_fd, path.data, trash->fd, name);
  dl_strbuf_free(&path);
  if (rc)
    return errno == ENOENT ? 0 : -1;
  pthread_mutex_lock(&trash->lock);
  trash->dirty = true;
  pthread_cond_signal(&trash->filled);
  pthread_mutex_unlock(&trash->lock);
  return 0;
}
