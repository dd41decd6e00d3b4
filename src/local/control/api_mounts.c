#include "api.h"

#include <limits.h>
#include <string.h>

#include "mounts.h"
#include "volumes.h"

/* The field `volumes` of a new sandbox. */

static bool is_below(const char *path, const char *top) {
  size_t len = strlen(top);
  return strncmp(path, top, len) == 0 && (path[len] == '/' || !path[len]);
}

static bool is_below_any(const char *path, const char *const *tops) {
  for (; *tops; tops++) {
    if (is_below(path, *tops))
      return true;
  }
  return false;
}

/* Whether a part of the path is `.` or `..`. */
static bool has_relative_part(const char *path) {
  while (*path) {
    size_t len = strcspn(path, "/");
    if ((len == 1 && path[0] == '.') ||
        (len == 2 && memcmp(path, "..", 2) == 0))
      return true;
    path += len;
    path += strspn(path, "/");
  }
  return false;
}

/* Why the original takes no such path; NULL if it does. The last one is ours:
 * no such directory can be. */
static const char *refusal(const char *path, size_t len) {
  static const char *const system[] = {"/proc",  "/sys", "/dev",  "/boot",
                                       "/etc",   "/bin", "/sbin", "/lib",
                                       "/lib64", NULL};
  if (path[0] != '/')
    return "must be absolute";
  if (strcmp(path, "/") == 0 || strcmp(path, "//") == 0)
    return "cannot mount to the root directory";
  if (has_relative_part(path))
    return "cannot contain relative path components";
  if (strstr(path, "//"))
    return "cannot contain consecutive slashes";
  if (is_below_any(path, system))
    return "cannot mount to system directory";
  if (strlen(path) != len || len >= PATH_MAX)
    return "must be the name of a directory";
  return NULL;
}

/* What the program of sandboxes itself needs is not hidden, and the machine's
 * own is read-only. */
static bool check_place(dl_http_request *req, const json_t *value) {
  static const char *const ours[] = {"/usr", "/lib32", "/libx32",
                                     "/opt/daytona", NULL};
  static const char *const parents[] = {"/opt", "/opt/", "/home", "/home/",
                                        NULL};
  const char *path = json_string_value(value);
  const char *why = refusal(path, json_string_length(value));
  size_t i;
  if (why) {
    dl_api_fail(req, 400, "Invalid mount path %s (%s)", path, why);
    return false;
  }
  for (i = 0; parents[i] && strcmp(path, parents[i]) != 0; i++)
    ;
  if (!parents[i] && !is_below_any(path, ours))
    return true;
  dl_api_unsupported(req, "Mounting a volume in a directory that is the "
                          "machine's own (/usr, /home, /opt) is");
  return false;
}

static bool check_subpath(dl_http_request *req, const json_t *value) {
  const char *path = value ? json_string_value(value) : "";
  const char *why = NULL;
  if (path[0] == '/')
    why = "S3 key prefixes cannot start with /";
  else if (strstr(path, ".."))
    why = "cannot contain .. for security";
  else if (strstr(path, "//"))
    why = "cannot contain consecutive slashes";
  else if (strlen(path) != (value ? json_string_length(value) : 0) ||
           strlen(path) >= PATH_MAX / 2)
    why = "must be the name of a directory";
  if (why)
    dl_api_fail(req, 400, "Invalid subpath \"%s\" (%s)", path, why);
  return !why;
}

/* The path without a slash at its end. */
static size_t bare(const char *path) {
  size_t len = strlen(path);
  return len > 1 && path[len - 1] == '/' ? len - 1 : len;
}

static bool holds(const char *outer, const char *inner) {
  size_t len = bare(outer);
  return strncmp(outer, inner, len) == 0 &&
         (inner[len] == '/' || inner[len] == '\0');
}

/* One volume within another: what the outer one has there is changed by all
 * who mount it, while bubblewrap looks for the place. */
static bool check_apart(dl_http_request *req, const json_t *mounts,
                        const char *path) {
  for (size_t i = 0; i < json_array_size(mounts); i++) {
    const char *other = json_string_value(
        json_object_get(json_array_get(mounts, i), "mountPath"));
    if (!holds(other, path) && !holds(path, other))
      continue;
    dl_api_unsupported(req, "Mounting a volume inside another one is");
    return false;
  }
  return true;
}

/* The row of the volume that is asked for by id or name, new; NULL: that was
 * replied. */
static json_t *find(dl_http_request *req, dl_plane *plane, const char *key) {
  json_t *row = NULL;
  int found = dl_volumes_find(plane,
                              "WHERE (id = ?1 OR name = ?1) AND"
                              " state <> 'deleted' ORDER BY id <> ?1",
                              key, &row);
  if (found == DL_STORE_NONE)
    dl_api_fail(req, 404, "Volume '%s' not found", key);
  else if (!row)
    dl_api_broken(req);
  const char *state = json_string_value(json_object_get(row, "state"));
  if (!row || strcmp(state, "ready") == 0)
    return row;
  dl_api_fail(req, 400,
              "Volume '%s' is not in a ready state. Current state: %s",
              json_string_value(json_object_get(row, "name")), state);
  json_decref(row);
  return NULL;
}

static bool add(dl_http_request *req, dl_plane *plane, const json_t *given,
                json_t *mounts) {
  json_t *path = json_object_get(given, "mountPath");
  json_t *sub = dl_fields_get(given, "subpath");
  json_t *row =
      find(req, plane, json_string_value(json_object_get(given, "volumeId")));
  json_t *mount;
  if (!row || !check_place(req, path) || !check_subpath(req, sub) ||
      !check_apart(req, mounts, json_string_value(path))) {
    json_decref(row);
    return false;
  }
  mount = json_pack("{s:O,s:O}", "volumeId", json_object_get(row, "id"),
                    "mountPath", path);
  if (json_string_length(sub) > 0)
    json_object_set(mount, "subpath", sub);
  json_array_append_new(mounts, mount);
  json_decref(row);
  return true;
}

/* The volumes that the body of a create asks for, checked, with their ids: a
 * new array for dl_mounts_write. NULL: that was replied. Locked. */
json_t *dl_api_read_mounts(dl_http_request *req, dl_plane *plane,
                           const json_t *body) {
  const json_t *list = dl_fields_get(body, "volumes");
  json_t *mounts = json_array();
  size_t i;
  bool ok = true;
  for (i = 0; ok && i < json_array_size(list); i++)
    ok = add(req, plane, json_array_get(list, i), mounts);
  if (ok && i > DL_LAUNCH_VOLUMES)
    dl_api_unsupported(req, "More than 16 volumes in a sandbox are");
  else if (ok && i > 0 && !plane->launcher.bwrap)
    dl_api_unsupported(req, "Mounting volumes without isolation is");
  else if (ok)
    return mounts;
  json_decref(mounts);
  return NULL;
}

int dl_api_keep_mounts(dl_plane *plane, const char *sandbox_id,
                       const json_t *mounts) {
  int rc = dl_mounts_write(plane->store, sandbox_id, mounts);
  for (size_t i = 0; rc == 0 && i < json_array_size(mounts); i++)
    rc = dl_volumes_used(plane, json_string_value(json_object_get(
                                    json_array_get(mounts, i), "volumeId")));
  return rc;
}
