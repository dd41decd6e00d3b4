#include "freeze_inside.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fd.h"

/* A signal to all of a namespace's processes reaches each of them, and whoever
 * forks at the time with the child, for the kernel sends it under the lock that
 * a fork needs, too. So nothing slips through, however fast it forks. It can
 * only be sent from inside. */

#define TRIES 200 /* of a millisecond */

/* The namespace of the member's processes, which must not be our own: -1. */
static int open_other(pid_t member) {
  char path[64];
  struct stat theirs, ours;
  int fd;
  snprintf(path, sizeof path, "/proc/%d/ns/pid", (int)member);
  fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd >= 0 && (fstat(fd, &theirs) || stat("/proc/self/ns/pid", &ours) ||
                  theirs.st_ino == ours.st_ino))
    dl_fd_close(&fd);
  return fd;
}

/* In a process inside. Its first one is none of those that get the signal. Only
 * a process whose parent is outside has none that it can name. */
static void stop_all(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  _exit(getppid() == 0 && kill(-1, SIGSTOP) == 0 ? 0 : 1);
}

/* Who is inside may be stopped by a guest: it is not waited for forever. */
static bool succeeds(pid_t pid) {
  const struct timespec moment = {0, 1000000};
  int i, status;
  for (i = 0; i < TRIES; i++) {
    if (waitpid(pid, &status, WNOHANG) == pid)
      return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    nanosleep(&moment, NULL);
  }
  kill(pid, SIGKILL);
  return false;
}

/* In a child, for nobody comes back from another user namespace: only system
 * calls. What is in its memory is for no guest to read. */
static void send(int user_fd, int pid_fd) {
  pid_t pid;
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || setns(user_fd, CLONE_NEWUSER) ||
      setns(pid_fd, CLONE_NEWPID))
    _exit(1);
  pid = _Fork();
  if (pid == 0)
    stop_all();
  _exit(pid > 0 && succeeds(pid) ? 0 : 1);
}

/* Sends SIGSTOP to all processes of the member's namespace of processes, but
 * for its first one, at one moment. 0; -1 where it has none of its own, or it
 * cannot be entered. */
int dl_freeze_inside(pid_t member) {
  int pid_fd = open_other(member);
  int user_fd = pid_fd < 0 ? -1 : ioctl(pid_fd, NS_GET_USERNS);
  int status = -1;
  pid_t pid = user_fd < 0 ? -1 : _Fork();
  if (pid == 0)
    send(user_fd, pid_fd);
  if (pid > 0 && waitpid(pid, &status, 0) != pid)
    status = -1;
  dl_fd_close(&user_fd);
  dl_fd_close(&pid_fd);
  return pid > 0 && status == 0 ? 0 : -1;
}
