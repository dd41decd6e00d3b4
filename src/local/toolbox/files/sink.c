#include "sink.h"
#include "room.h"
#include "toolbox/daemon.h"
#include "fd.h"
#include "toolbox/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct dl_sink {
  int fd;
  char *target;    /* the file itself, links resolved */
  char *temporary; /* NULL: written in place */
};

/* Follows the links that `path` is, also one that leads to no file yet. The
 * result is malloc'd; NULL with errno. */
static char *follow_links(const char *path) {
  char *at = strdup(path);
  for (int hops = 0; at && hops < 40; hops++) {
    char link[PATH_MAX];
    dl_strbuf next = {0};
    const char *base = dl_path_base(at);
    ssize_t n = readlink(at, link, sizeof link - 1);
    if (n < 0)
      return at;
    link[n] = '\0';
    if (*link != '/')
      dl_strbuf_add(&next, at, (size_t)(base - at));
    dl_strbuf_adds(&next, link);
    free(at);
    at = dl_strbuf_detach(&next);
  }
  free(at);
  errno = at ? ELOOP : ENOMEM;
  return NULL;
}

/* Opens a new file beside the target, with the mode the target has or, if it
 * is new, 0644. */
static int open_beside(dl_sink *sink, const struct stat *old) {
  const char *base = dl_path_base(sink->target);
  dl_strbuf name = {0};
  dl_strbuf_add(&name, sink->target, (size_t)(base - sink->target));
  dl_strbuf_adds(&name, ".daytona-upload-XXXXXX");
  sink->temporary = dl_strbuf_detach(&name);
  if (!sink->temporary)
    return -1;
  sink->fd = mkostemp(sink->temporary, O_CLOEXEC);
  if (sink->fd < 0) {
    free(sink->temporary);
    sink->temporary = NULL;
    return -1;
  }
  /* Only root can give a file away; others keep what they write. */
  if (old && geteuid() == 0 && fchown(sink->fd, old->st_uid, old->st_gid))
    return -1;
  return fchmod(sink->fd, old ? old->st_mode & 07777 : 0644);
}

static int open_target(dl_sink *sink) {
  struct stat st;
  bool exists = stat(sink->target, &st) == 0;
  if (!exists && errno != ENOENT)
    return -1;
  if ((exists && S_ISDIR(st.st_mode)) || !*dl_path_base(sink->target)) {
    errno = EISDIR;
    return -1;
  }
  if (exists && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))) {
    errno = EINVAL; /* opening it would wait for somebody to read */
    return -1;
  }
  if (exists && access(sink->target, W_OK))
    return -1;
  if ((!exists || S_ISREG(st.st_mode)) &&
      open_beside(sink, exists ? &st : NULL) == 0)
    return 0;
  if (sink->temporary || !exists)
    return -1;
  /* A device, or a writable file in a directory that is not. */
  sink->fd = open(sink->target, O_WRONLY | O_TRUNC | O_CLOEXEC);
  return sink->fd < 0 ? -1 : 0;
}

static int make_parent(const char *path, dl_strbuf *why) {
  char *parent = dl_path_parent(path), text[128];
  int rc = parent ? dl_path_make(parent, 0755) : -1;
  if (rc)
    dl_strbuf_addf(why, "mkdir %s: %s", parent ? parent : "",
                   dl_envelope_errno(errno, text, sizeof text));
  free(parent);
  return rc;
}

dl_sink *dl_sink_open(const char *path, dl_strbuf *why) {
  if (make_parent(path, why))
    return NULL;
  dl_sink *sink;
  sink = calloc(1, sizeof *sink);
  if (sink) {
    sink->fd = -1;
    sink->target = follow_links(path);
    if (sink->target && open_target(sink) == 0)
      return sink;
  }
  int error = sink ? errno : ENOMEM;
  dl_sink_abort(sink);
  char text[128];
  dl_strbuf_addf(why, "create: open %s: %s", path,
                 dl_envelope_errno(error, text, sizeof text));
  return NULL;
}

int dl_sink_write(dl_sink *sink, const char *data, size_t len) {
  return dl_room_take(len) ? -1 : dl_fd_write_all(sink->fd, data, len);
}

int dl_sink_commit(dl_sink *sink) {
  int rc = close(sink->fd), saved;
  sink->fd = -1;
  if (rc == 0 && sink->temporary)
    rc = rename(sink->temporary, sink->target);
  if (rc == 0) {
    free(sink->temporary);
    sink->temporary = NULL;
  }
  saved = errno;
  dl_sink_abort(sink);
  errno = saved;
  return rc;
}

void dl_sink_abort(dl_sink *sink) {
  if (!sink)
    return;
  if (sink->fd >= 0)
    close(sink->fd);
  if (sink->temporary)
    unlink(sink->temporary);
  free(sink->temporary);
  free(sink->target);
  free(sink);
}
