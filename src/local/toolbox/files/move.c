#include "copy.h"
#include "files.h"
#include "toolbox/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

static bool parent_exists(const char *path) {
  char *parent = dl_path_parent(path);
  struct stat st;
  bool found = parent && stat(parent, &st) == 0 && S_ISDIR(st.st_mode);
  free(parent);
  return found;
}

/* Between file systems a move is a copy. */
static void move_by_copy(dl_http_request *req, const char *from,
                         const char *to) {
  char text[128];
  if (dl_copy_tree(from, to)) {
    int error = errno;
    dl_path_remove_tree(to);
    dl_files_action_failed(req, "copy", from, error);
  }
  else if (dl_path_remove_tree(from))
    dl_http_reply_json(
        req, 200,
        json_pack("{s:s, s:s}", "message",
                  "file copied successfully but source could not be deleted",
                  "error", dl_envelope_errno(errno, text, sizeof text)));
  else
    dl_http_reply_empty(req, 200);
}

static void move(dl_http_request *req, const char *from, const char *to) {
  if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    dl_http_reply_empty(req, 200);
  else if (errno == EEXIST)
    dl_http_reply_error(req, 409, NULL,
                        "conflict: destination already exists: %s", to);
  else if (errno == EXDEV)
    move_by_copy(req, from, to);
  else
    dl_files_action_failed(req, "rename", from, errno);
}

void dl_files_move(dl_http_request *req) {
  const char *source = dl_files_path(req, "source");
  const char *destination = source ? dl_files_path(req, "destination") : NULL;
  if (!destination)
    return;
  struct stat st;
  if (stat(source, &st)) {
    dl_files_stat_failed(req, errno, source);
    return;
  }
  if (!parent_exists(destination)) {
    dl_files_stat_failed(req, ENOENT, destination);
    return;
  }
  if (lstat(destination, &st) == 0) {
    dl_http_reply_error(req, 409, NULL,
                        "conflict: destination already exists: %s",
                        destination);
    return;
  }
  char *from = dl_path_clean(source);
  char *to = dl_path_clean(destination);
  if (from && to)
    move(req, from, to);
  free(from);
  free(to);
}
