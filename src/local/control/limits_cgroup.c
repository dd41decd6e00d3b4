#include "limits_cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "fd.h"
#include "strbuf.h"

/* Control groups (v2): a group of its own for each sandbox, where the server's
 * own group is delegated to its user. The main thread's alone. */

/* The threads of a toolbox, which the kernel counts with the processes. */
#define TOOLBOX_TASKS 2048
#define CPU_PERIOD 100000 /* microseconds */
#define SERVER "daytona-local"
#define PREFIX "sandbox-"
/* The kernel counts a process to its group a moment longer than it can be
 * waited for; so long a group is tried to be removed, so often. */
#define LEAVE_MS 5000
#define LEAVE_EVERY_MS 20

/* A group that still had processes when it was to be removed. */
typedef struct leaving {
  struct leaving *next;
  int64_t until;
  char name[NAME_MAX + 1];
} leaving;

static int base = -1; /* the directory in which groups are made */
static leaving *leavings;
static int64_t leave_at; /* when they are tried next */

/* The first bytes of a file as a string; false if it cannot be read. */
static bool read_text(int dir, const char *path, char *text, size_t size) {
  int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
  dl_fd_close(&fd);
  text[n > 0 ? n : 0] = '\0';
  return n >= 0;
}

/* The kernel makes these files; O_CREAT is for a directory that stands for
 * its tree. */
static int write_text(int dir, const char *path, const char *text) {
  int fd = openat(dir, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  int rc = fd < 0 ? -1 : dl_fd_write_all(fd, text, strlen(text));
  dl_fd_close(&fd);
  return rc;
}

/* Where the kernel shows the tree; to be freed, NULL if nowhere. */
static char *find_tree(void) {
  FILE *mounts = setmntent("/proc/self/mounts", "re");
  const struct mntent *mount;
  char *path = NULL;
  while (mounts && !path && (mount = getmntent(mounts))) {
    if (strcmp(mount->mnt_type, "cgroup2") == 0)
      path = strdup(mount->mnt_dir);
  }
  if (mounts)
    endmntent(mounts);
  return path;
}

/* The directory of this process's group; -1 if there is none. A variable may
 * name another, for tests. */
static int open_own(void) {
  const char *name = getenv("DAYTONA_LOCAL_CGROUP");
  dl_strbuf path = {0};
  int fd = -1;
  if (name && *name)
    return open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  char *tree = find_tree();
  char own[4096];
  if (tree && read_text(AT_FDCWD, "/proc/self/cgroup", own, sizeof own)) {
    name = strncmp(own, "0::/", 4) == 0 ? own : strstr(own, "\n0::/");
    name = name ? strchr(name, '/') : NULL;
    if (name && dl_strbuf_addf(&path, "%s%.*s", tree, (int)strcspn(name, "\n"),
                               name) == 0)
      fd = open(path.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  }
  dl_strbuf_free(&path);
  free(tree);
  return fd;
}

/* Why the group of that directory is of no use, or NULL. */
static const char *look(int fd) {
  if (fd < 0)
    return "there is no cgroup v2";
  char controllers[512];
  if (!read_text(fd, "cgroup.controllers", controllers, sizeof controllers) ||
      !strstr(controllers, "memory") || !strstr(controllers, "pids"))
    return "the server's cgroup has not both memory and pids";
  if (faccessat(fd, "cgroup.procs", W_OK, AT_EACCESS) ||
      faccessat(fd, "cgroup.subtree_control", W_OK, AT_EACCESS))
    return "the server's cgroup is not delegated to its user";
  return NULL;
}

/* Why sandboxes have no groups here, or NULL; nothing is changed. */
const char *dl_cgroup_lack(void) {
  int fd = open_own();
  const char *why = look(fd);
  dl_fd_close(&fd);
  return why;
}

/* A group that has groups with controllers has no processes itself, so the
 * server moves into one beside the sandboxes'. */
static int prepare(int fd) {
  char controllers[512];
  if (!read_text(fd, "cgroup.controllers", controllers, sizeof controllers))
    return -1;
  bool cpu = strstr(controllers, "cpu ") || strstr(controllers, "cpu\n");
  if (mkdirat(fd, SERVER, 0755) && errno != EEXIST)
    return -1;
  if (write_text(fd, SERVER "/cgroup.procs", "0"))
    return -1;
  if (write_text(fd, "cgroup.subtree_control", "+memory +pids") == 0) {
    if (cpu)
      write_text(fd, "cgroup.subtree_control", "+cpu");
    return 0;
  }
  /* Others are in it, who are none of ours. */
  write_text(fd, "cgroup.procs", "0");
  unlinkat(fd, SERVER, AT_REMOVEDIR);
  return -1;
}

/* The first process of a plain sandbox has been told to end all others, which
 * it can only where it is not frozen. */
static void thaw_old(int fd, const char *name) {
  char path[NAME_MAX + 16];
  snprintf(path, sizeof path, "%s/cgroup.freeze", name);
  int freeze = openat(fd, path, O_WRONLY | O_CLOEXEC);
  if (freeze >= 0)
    (void)!write(freeze, "0", 1);
  dl_fd_close(&freeze);
}

/* Forgets that a group was to be removed. */
static void stay(const char *name) {
  leaving **l = &leavings;
  while (*l && strcmp((*l)->name, name) != 0)
    l = &(*l)->next;
  leaving *found = *l;
  if (found)
    *l = found->next;
  free(found);
}

/* Removes a group now, or once its last process has gone. */
static void leave(const char *name) {
  if (unlinkat(base, name, AT_REMOVEDIR) == 0 ||
      (errno != EBUSY && errno != ENOTEMPTY))
    return;
  leaving *l = calloc(1, sizeof *l);
  if (!l)
    return; /* an empty group costs next to nothing */
  snprintf(l->name, sizeof l->name, "%s", name);
  l->until = dl_clock_monotonic_ms() + LEAVE_MS;
  leave_at = dl_clock_monotonic_ms() + LEAVE_EVERY_MS;
  l->next = leavings;
  leavings = l;
}

int64_t dl_cgroup_leave_at(void) {
  return leavings ? leave_at : INT64_MAX;
}

void dl_cgroup_leave(void) {
  int64_t now = dl_clock_monotonic_ms();
  if (!leavings || now < leave_at)
    return;
  leave_at = now + LEAVE_EVERY_MS;
  leaving *l, *next;
  for (l = leavings; l; l = next) {
    next = l->next;
    if (unlinkat(base, l->name, AT_REMOVEDIR) == 0 || errno == ENOENT ||
        now >= l->until)
      stay(l->name);
  }
}

/* What a server that was killed has left. */
static void remove_old(int fd) {
  int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *list = copy < 0 ? NULL : fdopendir(copy);
  const struct dirent *entry;
  while (list && (entry = readdir(list))) {
    if (strncmp(entry->d_name, PREFIX, sizeof PREFIX - 1) != 0)
      continue;
    thaw_old(fd, entry->d_name);
    leave(entry->d_name);
  }
  if (list)
    closedir(list);
  else
    dl_fd_close(&copy);
}

void dl_cgroup_open(void) {
  int fd = open_own();
  if (look(fd) == NULL && prepare(fd) == 0) {
    base = fd;
    remove_old(fd);
  }
  else
    dl_fd_close(&fd);
}

bool dl_cgroup_used(void) {
  return base >= 0;
}

static void name_of(const char *id, char *name, size_t size) {
  snprintf(name, size, PREFIX "%s", id);
}

static int set_limits(int fd, const dl_limits *limits) {
  char text[64];
  snprintf(text, sizeof text, "%" PRId64, limits->memory * DL_LIMITS_GIB);
  int rc = write_text(fd, "memory.max", text);
  write_text(fd, "memory.swap.max", "0"); /* not where nothing is swapped */
  snprintf(text, sizeof text, "%d", DL_LIMITS_PROCESSES + TOOLBOX_TASKS);
  rc |= write_text(fd, "pids.max", text);
  snprintf(text, sizeof text, "%" PRId64 " %d", limits->cpu * CPU_PERIOD,
           CPU_PERIOD);
  write_text(fd, "cpu.max", text); /* not where that is not delegated */
  return rc;
}

int dl_cgroup_make(const dl_limits *limits) {
  int fd, procs = -1;
  if (base < 0)
    return -1;
  char name[128];
  name_of(limits->id, name, sizeof name);
  stay(name); /* it is in use again */
  if (mkdirat(base, name, 0755) && errno != EEXIST)
    return -1;
  fd = openat(base, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0 && set_limits(fd, limits) == 0)
    procs = openat(fd, "cgroup.procs", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  dl_fd_close(&fd);
  return procs;
}

void dl_cgroup_remove(const char *id) {
  if (base < 0)
    return;
  char name[128];
  name_of(id, name, sizeof name);
  leave(name);
}

static int open_group(const char *id) {
  if (base < 0)
    return -1;
  char name[128];
  name_of(id, name, sizeof name);
  return openat(base, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int write_there(int dir, const char *path, const char *text) {
  int fd = openat(dir, path, O_WRONLY | O_CLOEXEC);
  int rc = fd < 0 ? -1 : dl_fd_write_all(fd, text, strlen(text));
  dl_fd_close(&fd);
  return rc;
}

/* Whether the kernel says so of the group: "populated 1", "frozen 1". */
static bool tells(int fd, const char *event) {
  char events[256];
  return fd >= 0 && read_text(fd, "cgroup.events", events, sizeof events) &&
         strstr(events, event);
}

int dl_cgroup_freeze(const char *id, bool on) {
  int fd = open_group(id);
  int rc = !tells(fd, "populated 1")
               ? -1
               : write_there(fd, "cgroup.freeze", on ? "1" : "0");
  dl_fd_close(&fd);
  return rc;
}

bool dl_cgroup_is_frozen(const char *id) {
  int fd = open_group(id);
  bool frozen = tells(fd, "frozen 1");
  dl_fd_close(&fd);
  return frozen;
}

int dl_cgroup_resize(const dl_limits *limits) {
  int fd = open_group(limits->id);
  int rc = fd < 0 ? -1 : set_limits(fd, limits);
  dl_fd_close(&fd);
  return rc;
}
