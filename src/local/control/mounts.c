#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"

json_t *dl_mounts_read(dl_store *store, const char *sandbox_id) {
  json_t *values = json_pack("[s]", sandbox_id);
  json_t *rows = dl_store_rows(store,
                               "SELECT volume_id AS volumeId, mount_path AS"
                               " mountPath, subpath FROM mounts"
                               " WHERE sandbox_id = ?1 ORDER BY position",
                               values);
  json_decref(values);
  return rows;
}

int dl_mounts_write(dl_store *store, const char *sandbox_id,
                    const json_t *mounts) {
  json_t *values = json_pack("[s]", sandbox_id);
  int rc = values ? dl_store_change(store,
                                    "DELETE FROM mounts WHERE sandbox_id = ?1",
                                    values)
                  : -1;
  json_decref(values);
  const json_t *mount;
  for (size_t i = 0; rc == 0 && i < json_array_size(mounts); i++) {
    mount = json_array_get(mounts, i);
    values = json_pack("[s,I,O,O,O*]", sandbox_id, (json_int_t)i,
                       json_object_get(mount, "volumeId"),
                       json_object_get(mount, "mountPath"),
                       json_object_get(mount, "subpath"));
    rc = values ? dl_store_change(store,
                                  "INSERT INTO mounts (sandbox_id, position,"
                                  " volume_id, mount_path, subpath)"
                                  " VALUES (?1, ?2, ?3, ?4, ?5)",
                                  values)
                : -1;
    json_decref(values);
  }
  return rc ? -1 : 0;
}

void dl_mounts_sweep(dl_store *store) {
  dl_store_change(store,
                  "DELETE FROM mounts WHERE sandbox_id NOT IN"
                  " (SELECT id FROM sandboxes)",
                  NULL);
}

static int open_folder(int parent, const char *name) {
  return openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Opens the directory `path` below `parent`, which is closed, making what is
 * missing. Each part is opened by itself and no symbolic link followed, so that
 * what sandboxes have put there, and change meanwhile, leads nowhere else. -1
 * with errno. */
static int open_below(int parent, const char *path) {
  while (parent >= 0 && *(path += strspn(path, "/"))) {
    size_t len = strcspn(path, "/");
    char *name = strndup(path, len);
    int next = -1;
    if (!name)
      errno = ENOMEM;
    else if (strcmp(name, "..") == 0)
      errno = EINVAL;
    else if (mkdirat(parent, name, 0755) == 0 || errno == EEXIST)
      next = open_folder(parent, name);
    free(name);
    dl_fd_close(&parent);
    parent = next;
    path += len;
  }
  return parent;
}

/* What lies in the sandbox's own storage is made by us and not by bubblewrap,
 * which follows links there. Nothing runs in the sandbox now. */
static int make_place(const dl_launcher *launcher, const char *id,
                      const char *path) {
  static const char *const places[][2] = {
      {DL_LAUNCH_HOME "/", "home"}, {"/tmp/", "tmp"}, {"/var/tmp/", "var-tmp"}};
  dl_strbuf own = {0};
  size_t i, len;
  int fd = 0;
  for (i = 0; i < sizeof places / sizeof *places; i++) {
    len = strlen(places[i][0]);
    if (strncmp(path, places[i][0], len) != 0)
      continue;
    dl_strbuf_addf(&own, "sandboxes/%s/%s", id, places[i][1]);
    errno = ENOMEM;
    fd = own.failed ? -1 : open_folder(launcher->dir->fd, own.data);
    fd = open_below(fd, path + len);
    dl_strbuf_free(&own);
    if (fd < 0)
      return -1;
    close(fd);
    return 0;
  }
  return 0;
}

static int open_one(const dl_launcher *launcher, const char *id,
                    const json_t *mount, dl_strbuf *why) {
  const char *volume = json_string_value(json_object_get(mount, "volumeId"));
  const char *path = json_string_value(json_object_get(mount, "mountPath"));
  const char *sub = json_string_value(json_object_get(mount, "subpath"));
  dl_strbuf root = {0};
  int fd = -1;
  if (!volume || !path || strchr(volume, '/') || path[0] != '/') {
    dl_strbuf_adds(why, "the database has no proper values for its volumes");
    return -1;
  }
  dl_strbuf_addf(&root, "volumes/%s", volume);
  if (!root.failed)
    fd = open_folder(launcher->dir->fd, root.data);
  dl_strbuf_free(&root);
  if (fd < 0)
    dl_strbuf_addf(why, "volume %s: %s", volume, strerror(errno));
  else if ((fd = open_below(fd, sub ? sub : "")) < 0)
    dl_strbuf_addf(why, "subpath %s of volume %s is no directory of it: %s",
                   sub, volume, strerror(errno));
  else if (make_place(launcher, id, path)) {
    dl_strbuf_addf(why, "mount path %s is no directory: %s", path,
                   strerror(errno));
    dl_fd_close(&fd);
  }
  return fd;
}

int dl_mounts_open(const dl_launcher *launcher, const dl_launch *launch,
                   int *fds) {
  size_t i, count = json_array_size(launch->mounts);
  dl_strbuf *why = launch->why;
  if (count > DL_LAUNCH_VOLUMES) {
    dl_strbuf_adds(why, "it has too many volumes");
    return -1;
  }
  for (i = 0; i < count; i++) {
    fds[i] =
        open_one(launcher, launch->id, json_array_get(launch->mounts, i), why);
    if (fds[i] < 0)
      return -1;
  }
  return 0;
}

void dl_mounts_args(dl_args *args, const dl_launcher *launcher,
                    const json_t *mounts) {
  const json_t *mount, *sub;
  for (size_t i = 0; i < json_array_size(mounts); i++) {
    mount = json_array_get(mounts, i);
    sub = json_object_get(mount, "subpath");
    dl_args_add(args, "--bind");
    dl_args_add(args, "%s/volumes/%s/%s", launcher->dir->path,
                json_string_value(json_object_get(mount, "volumeId")),
                sub ? json_string_value(sub) : "");
    dl_args_add(args, "%s",
                json_string_value(json_object_get(mount, "mountPath")));
  }
}

void dl_mounts_check_args(dl_args *args, const json_t *mounts) {
  size_t i, count = json_array_size(mounts);
  if (count == 0)
    return;
  dl_args_add(args, "volumes");
  dl_args_add(args, "%zu", count);
  for (i = 0; i < count; i++)
    dl_args_add(args, "%s",
                json_string_value(
                    json_object_get(json_array_get(mounts, i), "mountPath")));
}

int dl_mounts_check(int argc, char **argv) {
  int i, count = argc > 1 ? atoi(argv[1]) : -1;
  if (count < 0 || count > argc - 2)
    return -1;
  struct stat opened, mounted;
  for (i = 0; i < count; i++) {
    const char *path = argv[i + 2];
    if (fstat(DL_LAUNCH_VOLUME_FD + i, &opened) || stat(path, &mounted) ||
        opened.st_dev != mounted.st_dev || opened.st_ino != mounted.st_ino) {
      fprintf(stderr,
              "daytona-local: what is mounted at %s is not the volume\n", path);
      return -1;
    }
    close(DL_LAUNCH_VOLUME_FD + i);
  }
  return count + 2;
}
