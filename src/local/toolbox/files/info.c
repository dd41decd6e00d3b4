#include "as.h"
#include "clock.h"
#include "files.h"
#include "toolbox/path.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The mode in the daemon's notation: flag letters, or "-" if there is none,
 * then the nine permissions. */
static void mode_text(mode_t mode, char out[24]) {
  static const char bits[] = "rwxrwxrwx";
  char *p = out;
  if (S_ISDIR(mode))
    *p++ = 'd';
  if (S_ISLNK(mode))
    *p++ = 'L';
  if (S_ISBLK(mode) || S_ISCHR(mode))
    *p++ = 'D';
  if (S_ISFIFO(mode))
    *p++ = 'p';
  if (S_ISSOCK(mode))
    *p++ = 'S';
  if (mode & S_ISUID)
    *p++ = 'u';
  if (mode & S_ISGID)
    *p++ = 'g';
  if (S_ISCHR(mode))
    *p++ = 'c';
  if (mode & S_ISVTX)
    *p++ = 't';
  if (p == out)
    *p++ = '-';
  for (int i = 0; i < 9; i++)
    *p++ = mode & (0400u >> i) ? bits[i] : '-';
  *p = '\0';
}

/* The daemon's description of a file: `st` is its target's, `name` its own,
 * `path` absolute. NULL without memory. */
static json_t *describe(const char *name, const char *path,
                        const struct stat *st) {
  char mode[24];
  mode_text(st->st_mode, mode);
  char permissions[8];
  snprintf(permissions, sizeof permissions, "%04o",
           (unsigned)st->st_mode & 0777u);
  char owner[16];
  snprintf(owner, sizeof owner, "%u", (unsigned)st->st_uid);
  char group[16];
  snprintf(group, sizeof group, "%u", (unsigned)st->st_gid);
  char modified[DL_CLOCK_TEXT];
  dl_clock_rfc3339(st->st_mtim, modified);
  char text[DL_CLOCK_TEXT];
  dl_clock_go_text(st->st_mtim, text);
  json_t *info =
      json_pack("{s:o, s:o, s:I, s:s, s:s, s:s, s:b, s:s, s:s, s:s}", "name",
                dl_text_json_of(name), "path", dl_text_json_of(path), "size",
                (json_int_t)st->st_size, "mode", mode, "modTime", text,
                "modifiedAt", modified, "isDir", (int)S_ISDIR(st->st_mode),
                "owner", owner, "group", group, "permissions", permissions);
  if (dl_as_now()->no_newer)
    json_object_del(info, "path");
  return info;
}

/* GET /files/info */
void dl_files_info(dl_http_request *req) {
  const char *path = dl_files_path(req, "path");
  if (!path)
    return;
  struct stat st;
  if (stat(path, &st)) {
    dl_files_stat_failed(req, errno, path);
    return;
  }
  char *full = dl_path_absolute(path);
  dl_http_reply_json(req, 200,
                     full ? describe(dl_path_base(full), full, &st) : NULL);
  free(full);
}

static int by_name(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_dots(const struct dirent *entry) {
  return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int add_directory(json_t *list, const char *directory, long depth);

/* Adds one entry, and what is in it while `depth` allows. A link that leads
 * nowhere is left out; a link to a directory is not entered. */
static int add_entry(json_t *list, const char *directory,
                     const struct dirent *entry, long depth) {
  char *path = dl_path_join(directory, entry->d_name);
  int rc = 0;
  if (!path)
    return -1;
  struct stat st, own;
  if (stat(path, &st) == 0) {
    rc = json_array_append_new(list, describe(entry->d_name, path, &st));
    if (rc == 0 && depth > 1 && lstat(path, &own) == 0 && S_ISDIR(own.st_mode))
      add_directory(list, path, depth - 1);
  }
  free(path);
  return rc;
}

/* 0, or -1 with errno. */
static int add_directory(json_t *list, const char *directory, long depth) {
  struct dirent **entries;
  int i, rc = 0, n = scandir(directory, &entries, not_dots, by_name);
  if (n < 0)
    return -1;
  for (i = 0; i < n; i++) {
    if (rc == 0 && add_entry(list, directory, entries[i], depth)) {
      errno = ENOMEM;
      rc = -1;
    }
    free(entries[i]);
  }
  free(entries);
  return rc;
}

void dl_files_list(dl_http_request *req) {
  const char *path = dl_http_query(req, "path");
  const char *depth_text = dl_http_query(req, "depth");
  char *end;
  long depth = 1;
  if (depth_text && *depth_text && !dl_as_now()->no_newer) {
    depth = strtol(depth_text, &end, 10);
    if (*end || depth < 1) {
      dl_http_reply_error(req, 400, NULL,
                          "bad request: depth must be at least 1");
      return;
    }
  }
  if (!path || !*path)
    path = ".";
  char *full = dl_path_absolute(path);
  json_t *list = json_array();
  if (full && add_directory(list, full, depth) == 0)
    dl_http_reply_json(req, 200, list);
  else {
    dl_files_stat_failed(req, errno, path);
    json_decref(list);
  }
  free(full);
}
