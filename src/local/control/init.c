#include "init.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUND_NS 10000000L /* between two looks for new children */

static volatile sig_atomic_t told_to_end;

static void on_end(int number) {
  (void)number;
  told_to_end = 1;
}

/* Only there so that sigsuspend returns. */
static void on_child(int number) {
  (void)number;
}

static void handle(int number, void (*handler)(int)) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  sigaction(number, &action, NULL);
}

/* Whether /proc/PID/stat names this process as the parent. The program's name
 * in it may hold anything, so it is skipped from behind. */
static bool is_child(const char *pid, pid_t me) {
  char path[300];
  snprintf(path, sizeof path, "/proc/%s/stat", pid);
  FILE *f = fopen(path, "re");
  if (!f)
    return false;
  char stat[512];
  size_t n = fread(stat, 1, sizeof stat - 1, f);
  fclose(f);
  stat[n] = '\0';
  const char *rest = strrchr(stat, ')');
  return rest && strlen(rest) > 4 && strtol(rest + 4, NULL, 10) == (long)me;
}

static void kill_children(void) {
  DIR *proc = opendir("/proc");
  pid_t me = getpid();
  if (!proc)
    return;
  struct dirent *entry;
  while ((entry = readdir(proc))) {
    long pid = strtol(entry->d_name, NULL, 10);
    if (pid > 0 && is_child(entry->d_name, me))
      kill((pid_t)pid, SIGKILL);
  }
  closedir(proc);
}

/* The children of what is killed become ours in turn, so this ends when
 * nothing is left. */
static void end_all(void) {
  struct timespec pause = {0, ROUND_NS};
  pid_t pid;
  for (;;) {
    kill_children();
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
      ;
    if (pid < 0 && errno == ECHILD)
      return;
    nanosleep(&pause, NULL);
  }
}

/* Reaps until `first` has ended (its wait status) or the end was asked for
 * (-1). SIGTERM is blocked but while waiting, so none is missed. */
static int reap_until(pid_t first, const sigset_t *unblocked) {
  int status;
  pid_t pid;
  while (!told_to_end) {
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
      if (pid == first)
        return status;
    }
    sigsuspend(unblocked);
  }
  return -1;
}

/* Its parent, the server, may be killed while all others are frozen and cannot
 * see that. */
static void watch(pid_t first, const sigset_t *unblocked) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  for (int fd = 3; fd < 16; fd++)
    close(fd);
  int status = reap_until(first, unblocked);
  end_all();
  if (status >= 0 && WIFEXITED(status))
    _exit(WEXITSTATUS(status));
  _exit(128 + (status >= 0 ? WTERMSIG(status) : SIGTERM));
}

int dl_init_enter(void) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGCHLD);
  sigset_t before;
  sigprocmask(SIG_BLOCK, &signals, &before);
  pid_t pid = prctl(PR_SET_CHILD_SUBREAPER, 1) ? -1 : fork();
  if (pid < 0) {
    fprintf(stderr, "daytona-local: init: %s\n", strerror(errno));
    return -1;
  }
  if (pid > 0) {
    handle(SIGTERM, on_end);
    handle(SIGCHLD, on_child);
    watch(pid, &before);
  }
  sigprocmask(SIG_SETMASK, &before, NULL);
  return 0;
}
