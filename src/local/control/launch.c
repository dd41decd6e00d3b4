#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "signals.h"
#include "launch_args.h"
#include "limits_entry.h"
#include "mounts.h"
#include "programs.h"
#include "uplink.h"

#define PROBE_ID "probe"

static char *find_inside(const dl_launcher *launcher, const char *name) {
  return launcher->bwrap ? dl_programs_find_in(DL_LAUNCH_PATH, name)
                         : dl_programs_find(name);
}

/* What `python` shall mean where a machine has only `python3`: the path of
 * that, to be freed; NULL where there is nothing to add. */
static char *find_python(const dl_launcher *launcher) {
  char *there = find_inside(launcher, "python");
  char *python = there ? NULL : find_inside(launcher, "python3");
  free(there);
  return python;
}

/* Without isolation the link is a file of the data directory. Best effort: one
 * that cannot be made is missed by who asks for `python` only. */
static void link_python(const dl_launcher *launcher) {
  static const char name[] = "links/python";
  char now[PATH_MAX];
  ssize_t n = readlinkat(launcher->dir->fd, name, now, sizeof now);
  if (launcher->python && n == (ssize_t)strlen(launcher->python) &&
      memcmp(now, launcher->python, (size_t)n) == 0)
    return;
  unlinkat(launcher->dir->fd, name, 0);
  mkdirat(launcher->dir->fd, "links", 0700);
  if (launcher->python)
    (void)!symlinkat(launcher->python, launcher->dir->fd, name);
}

/* Waits until a process has ended: 0 if all went well in it, else -1. */
static int end_of(pid_t pid) {
  int status = -1;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
    ;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static void remove_probe(const dl_datadir *dir) {
  static const char *const names[] = {"/home", "/tmp", "/var-tmp", ""};
  char path[64];
  size_t i;
  for (i = 0; i < sizeof names / sizeof *names; i++) {
    snprintf(path, sizeof path, "sandboxes/" PROBE_ID "%s", names[i]);
    unlinkat(dir->fd, path, AT_REMOVEDIR);
  }
}

int dl_launch_try(const dl_launcher *launcher, int uplink_log_fd,
                  dl_strbuf *said) {
  dl_launch launch = {
      PROBE_ID, {PROBE_ID, 1, 1, 1}, true, -1, uplink_log_fd, NULL, NULL};
  dl_process process;
  if (dl_launch_start(launcher, &launch, &process)) {
    dl_strbuf_adds(said, strerror(errno));
    return -1;
  }
  char chunk[1024];
  ssize_t n;
  while ((n = read(process.log_fd, chunk, sizeof chunk)) > 0 ||
         (n < 0 && errno == EINTR)) {
    if (n > 0)
      dl_strbuf_add(said, chunk, (size_t)n);
  }
  int rc = end_of(process.pid);
  if (process.uplink_pid > 0 && end_of(process.uplink_pid))
    rc = -1;
  close(process.log_fd);
  close(process.control_fd);
  close(process.pid_fd);
  remove_probe(launcher->dir);
  return rc;
}

static int refuse(char *why) {
  fprintf(stderr,
          "daytona-local: sandboxes cannot be isolated on this machine: %s\n"
          "They need bubblewrap (the Debian package is named so) and a kernel "
          "that gives user namespaces\nto unprivileged users (see the sysctls "
          "user.max_user_namespaces, kernel.unprivileged_userns_clone\nand "
          "kernel.apparmor_restrict_unprivileged_userns).\n"
          "To run sandboxes as plain processes, without any isolation, start "
          "with --isolation none,\nor set DAYTONA_LOCAL_ISOLATION=none, which "
          "daytona.testing and the demo hand on.\n",
          why);
  free(why);
  return -1;
}

/* Lets the owner of a directory in, who may have taken all rights away from
 * himself. Its name may be a link by now, without isolation. */
static int let_in(int dir_fd, const char *path) {
  int fd = openat(dir_fd, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  char link[64];
  struct stat st;
  int rc = fd < 0 || fstat(fd, &st) ? -1 : 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  if (rc == 0 && (st.st_mode & 0700) != 0700)
    rc = chmod(link, (st.st_mode & 07777) | 0700);
  dl_fd_close(&fd);
  return rc;
}

/* What of a sandbox outlives its processes. A directory that is there stays as
 * it is, for its modes are the sandbox's own business; but nothing can begin
 * in a home that is closed. */
static int make_home(const dl_launcher *launcher, const char *id) {
  static const char *const names[] = {"", "/home", "/tmp", "/var-tmp"};
  size_t i, count = launcher->bwrap ? 4 : 2;
  dl_strbuf path = {0};
  int rc = 0;
  for (i = 0; rc == 0 && i < count; i++) {
    dl_strbuf_clear(&path);
    dl_strbuf_addf(&path, "sandboxes/%s%s", id, names[i]);
    errno = ENOMEM;
    if (path.failed || mkdirat(launcher->dir->fd, path.data, 0755))
      rc = errno != EEXIST ? -1
           : i == 1        ? let_in(launcher->dir->fd, path.data)
                           : 0;
    else if (i >= 2)
      rc = fchmodat(launcher->dir->fd, path.data, 01777, 0);
  }
  dl_strbuf_free(&path);
  return rc;
}

/* Whether not even a directory can be made. Then nothing can be tried, and
 * nothing says that sandboxes could not be isolated; the server is needed to
 * delete what fills the disk. */
static bool has_no_room(const dl_launcher *launcher) {
  bool full =
      make_home(launcher, PROBE_ID) && (errno == ENOSPC || errno == EDQUOT);
  if (full) {
    remove_probe(launcher->dir);
    fputs("daytona-local: the disk of the data directory is full: whether "
          "sandboxes can be isolated was not tried\n",
          stderr);
  }
  return full;
}

static char *probe(const dl_launcher *launcher) {
  dl_strbuf said = {0};
  if (has_no_room(launcher))
    return NULL;
  int rc = dl_launch_try(launcher, -1, &said);
  while (said.len > 0 && said.data[said.len - 1] == '\n')
    said.data[--said.len] = '\0';
  if (rc && said.len == 0)
    dl_strbuf_adds(&said, "bubblewrap failed without a word");
  if (rc)
    return dl_strbuf_detach(&said);
  dl_strbuf_free(&said);
  return NULL;
}

char *dl_launch_isolate(dl_launcher *launcher, const dl_datadir *dir) {
  launcher->dir = dir;
  launcher->walls.filter = NULL;
  launcher->python = NULL;
  memset(&launcher->uplink, 0, sizeof launcher->uplink);
  launcher->bwrap = dl_programs_find("bwrap");
  dl_walls_join_keyring();
  if (!launcher->bwrap)
    return strdup("the program bwrap was not found");
  launcher->python = find_python(launcher);
  if (dl_walls_build(&launcher->walls))
    return strdup("the filter of system calls cannot be made");
  return probe(launcher);
}

int dl_launch_open(dl_launcher *launcher, const dl_datadir *dir,
                   const dl_options *options) {
  char *why;
  if (options->isolated) {
    why = dl_launch_isolate(launcher, dir);
    if (why)
      return refuse(why);
    dl_uplink_open(launcher, options, dl_launch_try);
    return 0;
  }
  launcher->dir = dir;
  launcher->bwrap = NULL;
  launcher->walls.filter = NULL;
  launcher->python = find_python(launcher);
  link_python(launcher);
  memset(&launcher->uplink, 0, sizeof launcher->uplink);
  dl_walls_join_keyring();
  fputs("daytona-local: WARNING: no isolation (--isolation none or "
        "DAYTONA_LOCAL_ISOLATION): sandboxes are plain\nprocesses of this user "
        "and can read and change all that it can;\nthey share the network of "
        "this machine.\n",
        stderr);
  return 0;
}

void dl_launch_close(dl_launcher *launcher) {
  free(launcher->bwrap);
  free(launcher->python);
  launcher->bwrap = launcher->python = NULL;
  dl_walls_free(&launcher->walls);
  dl_uplink_close(&launcher->uplink);
}

char *dl_launch_home(const dl_launcher *launcher, const char *id) {
  dl_strbuf path = {0};
  if (launcher->bwrap)
    dl_strbuf_adds(&path, DL_LAUNCH_HOME);
  else
    dl_strbuf_addf(&path, "%s/sandboxes/%s/home", launcher->dir->path, id);
  return dl_strbuf_detach(&path);
}

/* Says on stderr, which is the log by now, why there will be no sandbox. */
static void give_up(const char *what, const char *name) {
  const char *why = strerrordesc_np(errno);
  if (write(2, what, strlen(what)) > 0 && write(2, name, strlen(name)) > 0 &&
      write(2, ": ", 2) > 0 && why)
    (void)!write(2, why, strlen(why));
  _exit(127);
}

/* In the child: only what is safe after fork in a program with threads. `fds`:
 * in the order of DL_LAUNCH_*_FD. Once they are placed there are descriptors
 * enough, however many the server has. */
static void become(char **argv, char **env, const char *cwd, int *fds,
                   int log_fd) {
  int null_fd = -1;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  /* Whoever started the server may have had some ignored: a shell does that to
   * what it puts in the background, and nobody inside could undo it. */
  dl_signals_reset();
  dl_walls_join_keyring();
  umask(022);
  setsid();
  if (dup2(log_fd, 1) < 0 || dup2(log_fd, 2) < 0)
    _exit(127);
  if (dl_fd_place(fds, DL_LAUNCH_FDS) ||
      (null_fd = open("/dev/null", O_RDONLY)) < 0 || dup2(null_fd, 0) < 0)
    give_up("cannot prepare ", argv[0]);
  close(null_fd);
  if (!cwd || chdir(cwd) == 0)
    execve(argv[0], argv, env);
  give_up("cannot execute ", argv[0]);
}

/* Forks and executes. The ends of the pairs are closed by the caller. */
static pid_t spawn(const dl_launcher *launcher, const dl_launch *launch,
                   int control_fd, int log_fd,
                   const dl_uplink_process *uplink) {
  dl_args argv = {0}, env = {0};
  char *home = dl_launch_home(launcher, launch->id);
  bool walled = launcher->walls.filter != NULL;
  int fds[DL_LAUNCH_FDS] = {launch->listen_fd, control_fd, -1, uplink->info_fd,
                            uplink->gate_fd};
  int *volumes = fds + DL_LAUNCH_VOLUME_FD - 3;
  pid_t pid = -1;
  for (int i = 0; i < DL_LAUNCH_VOLUMES; i++)
    volumes[i] = -1;
  dl_limits_entry entry;
  dl_limits_prepare(&entry, &launch->limits);
  dl_launch_args(&argv, launcher, launch);
  dl_launch_env(&env, launcher, launch);
  if (argv.failed || env.failed || !home) {
    errno = ENOMEM;
  }
  else if (dl_mounts_open(launcher, launch, volumes) == 0 &&
           (!walled || (fds[2] = dl_walls_open(&launcher->walls)) >= 0)) {
    pid = fork();
    if (pid == 0) {
      dl_limits_enter(&entry);
      become(argv.list, env.list, launcher->bwrap ? NULL : home, fds, log_fd);
    }
  }
  dl_limits_release(&entry);
  dl_fd_close(&fds[2]);
  for (int i = 0; i < DL_LAUNCH_VOLUMES; i++)
    dl_fd_close(&volumes[i]);
  dl_args_free(&argv);
  dl_args_free(&env);
  free(home);
  return pid;
}

/* The sandbox's process, and before it the helper that it needs. */
static int start_all(const dl_launcher *launcher, const dl_launch *launch,
                     int control_fd, int log_fd, dl_process *out) {
  dl_uplink_process uplink = {-1, -1, -1};
  if (dl_launch_has_uplink(launcher, launch) &&
      dl_uplink_start(launcher, launch->id, launch->uplink_log_fd, &uplink))
    return -1;
  out->pid = spawn(launcher, launch, control_fd, log_fd, &uplink);
  out->uplink_pid = uplink.pid;
  dl_fd_close(&uplink.info_fd);
  dl_fd_close(&uplink.gate_fd);
  if (out->pid >= 0)
    out->pid_fd = pidfd_open(out->pid, 0);
  return out->pid_fd < 0 ? -1 : 0;
}

int dl_launch_start(const dl_launcher *launcher, const dl_launch *launch,
                    dl_process *out) {
  int control[2] = {-1, -1}, log[2] = {-1, -1};
  int rc = -1, saved;
  out->pid = -1;
  out->pid_fd = -1;
  out->uplink_pid = -1;
  if (make_home(launcher, launch->id) == 0 &&
      socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) == 0 &&
      pipe2(log, O_CLOEXEC) == 0)
    rc = start_all(launcher, launch, control[1], log[1], out);
  dl_fd_close(&control[1]);
  dl_fd_close(&log[1]);
  if (rc == 0) {
    out->control_fd = control[0];
    out->log_fd = log[0];
    return 0;
  }
  saved = errno;
  if (out->pid >= 0) {
    kill(out->pid, SIGKILL);
    waitpid(out->pid, NULL, 0);
  }
  dl_uplink_end(&out->uplink_pid);
  dl_fd_close(&control[0]);
  dl_fd_close(&log[0]);
  errno = saved;
  return -1;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LIMIT_MEMORY 0 /* a sanitizer reserves terabytes */
#else
#define LIMIT_MEMORY 1
#endif

static int limit(int resource, const char *text) {
  rlim_t wanted = (rlim_t)strtoull(text, NULL, 10);
  if (wanted == 0)
    return 0;
  struct rlimit now;
  if (getrlimit((__rlimit_resource_t)resource, &now))
    return -1;
  if (now.rlim_max != RLIM_INFINITY && now.rlim_max < wanted)
    wanted = now.rlim_max;
  now.rlim_cur = wanted;
  if (resource != RLIMIT_DATA) /* which grows with the sandbox */
    now.rlim_max = wanted;
  return setrlimit((__rlimit_resource_t)resource, &now);
}

int dl_launch_confine(int argc, char **argv) {
  struct rlimit no_core = {0, 0};
  if (argc < 3)
    return -1;
  if ((LIMIT_MEMORY && limit(RLIMIT_DATA, argv[1])) ||
      limit(RLIMIT_NOFILE, argv[2]) || setrlimit(RLIMIT_CORE, &no_core)) {
    fprintf(stderr, "daytona-local: limits: %s\n", strerror(errno));
    return -1;
  }
  return 0;
}
