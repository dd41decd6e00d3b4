#include "files.h"
#include "toolbox/path.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads an octal mode of at most 07777; only the nine permission bits are
 * used. False if it is none. */
static bool parse_mode(const char *text, mode_t *mode) {
  char *end;
  unsigned long value = strtoul(text, &end, 8);
  if (end == text || *end || *text == '-' || value > 07777)
    return false;
  *mode = (mode_t)(value & 0777);
  return true;
}

/* POST /files/folder */
void dl_files_folder(dl_http_request *req) {
  const char *path = dl_files_path(req, "path");
  const char *text = dl_http_query(req, "mode");
  mode_t mode = 0755;
  if (!path)
    return;
  if (text && *text && !parse_mode(text, &mode))
    dl_http_reply_error(req, 400, NULL, "bad request: invalid mode format: %s",
                        text);
  else if (dl_path_make(path, mode))
    dl_files_action_failed(req, "mkdir", path, errno);
  else
    dl_http_reply_empty(req, 201);
}

/* Whether the last component is "." or "..", or there is none ("/"): what such
 * a path names cannot be removed, so its contents must not be either. */
static bool names_itself(const char *path) {
  size_t len = strlen(path), start;
  while (len > 0 && path[len - 1] == '/')
    len--;
  for (start = len; start > 0 && path[start - 1] != '/'; start--)
    continue;
  len -= start;
  return len == 0 || (len <= 2 && strncmp(path + start, "..", len) == 0);
}

void dl_files_delete(dl_http_request *req) {
  const char *path = dl_files_path(req, "path");
  const char *recursive = dl_http_query(req, "recursive");
  bool tree = recursive && strcmp(recursive, "true") == 0;
  if (!path)
    return;
  struct stat st;
  if (stat(path, &st)) {
    dl_files_stat_failed(req, errno, path);
    return;
  }
  if (S_ISDIR(st.st_mode) && !tree) {
    dl_http_reply_error(
        req, 400, NULL,
        "bad request: cannot delete directory without recursive flag");
    return;
  }
  if (tree && names_itself(path)) {
    dl_files_action_failed(req, "remove", path, EINVAL);
    return;
  }
  /* Without the last slash, so that a link is removed and not its target. */
  char *clean = dl_path_clean(path);
  if (!clean || (tree ? dl_path_remove_tree(clean) : unlink(clean)))
    dl_files_action_failed(req, "remove", path, errno);
  else
    dl_http_reply_empty(req, 204);
  free(clean);
}

static bool parse_id(const char *text, unsigned *id) {
  char *end;
  unsigned long value = strtoul(text, &end, 10);
  *id = (unsigned)value;
  return end != text && !*end && *text != '-' && value < UINT32_MAX;
}

/* Looks a user up by name or number. False if there is none. */
static bool find_user(const char *name, uid_t *uid) {
  struct passwd entry, *found = NULL;
  char buffer[4096];
  if (getpwnam_r(name, &entry, buffer, sizeof buffer, &found) == 0 && found) {
    *uid = found->pw_uid;
    return true;
  }
  return parse_id(name, uid);
}

static bool find_group(const char *name, gid_t *gid) {
  struct group entry, *found = NULL;
  char buffer[16384];
  if (getgrnam_r(name, &entry, buffer, sizeof buffer, &found) == 0 && found) {
    *gid = found->gr_gid;
    return true;
  }
  return parse_id(name, gid);
}

static const char *given(dl_http_request *req, const char *name) {
  const char *text = dl_http_query(req, name);
  return text && *text ? text : NULL;
}

void dl_files_permissions(dl_http_request *req) {
  const char *path = dl_files_path(req, "path");
  const char *mode_text = given(req, "mode");
  const char *owner = given(req, "owner"), *group = given(req, "group");
  uid_t uid = (uid_t)-1;
  gid_t gid = (gid_t)-1;
  mode_t mode = 0;
  if (!path)
    return;
  struct stat st;
  if (stat(path, &st))
    dl_files_stat_failed(req, errno, path);
  else if (mode_text && !parse_mode(mode_text, &mode))
    dl_http_reply_error(req, 400, NULL, "bad request: invalid mode format: %s",
                        mode_text);
  else if (owner && !find_user(owner, &uid))
    dl_http_reply_error(req, 400, NULL, "bad request: invalid owner: %s",
                        owner);
  else if (group && !find_group(group, &gid))
    dl_http_reply_error(req, 400, NULL, "bad request: invalid group: %s",
                        group);
  else if (mode_text && chmod(path, mode))
    dl_files_action_failed(req, "chmod", path, errno);
  else if ((owner || group) && chown(path, uid, gid))
    dl_files_action_failed(req, "chown", path, errno);
  else
    dl_http_reply_empty(req, 200);
}
