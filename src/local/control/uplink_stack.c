#include "uplink.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "landlock.h"
#include "args.h"
#include "launch_plan.h"

/* The numbers are those of dl_fd_place: ready, exit, user, net. */
static void add_arguments(dl_args *args, const char *program) {
  dl_args_add(args, "%s", program);
  dl_args_add(args, "--configure");
  dl_args_add(args, "--mtu=65520");
  dl_args_add(args, "--disable-host-loopback");
  dl_args_add(args, "--enable-seccomp");
  dl_args_add(args, "--ready-fd=3");
  dl_args_add(args, "--exit-fd=4");
  dl_args_add(args, "--netns-type=path");
  dl_args_add(args, "--userns-path=/proc/self/fd/5");
  dl_args_add(args, "/proc/self/fd/6");
  dl_args_add(args, "tap0");
}

/* slirp4netns reads what the sandbox sends, outside of the sandbox. Whoever got
 * the better of it shall not find the server's files. One that is not the
 * system's may need any file to start, and is left alone. */
static void keep_from_files(const char *program) {
  const char *readable[] = {"/usr", "/lib", "/lib64",           "/bin", "/proc",
                            "/etc", "/run", "/etc/resolv.conf", NULL};
  if (strncmp(program, "/usr/", 5) == 0 || strncmp(program, "/bin/", 5) == 0)
    dl_landlock_keep(readable, DL_UPLINK_TUN);
}

/* In the child. */
static void become(char **argv, int *fds, int log_fd, pid_t parent) {
  int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent || null_fd < 0 || dup2(null_fd, 0) < 0 ||
      dup2(log_fd, 1) < 0 || dup2(log_fd, 2) < 0 || dl_fd_place(fds, 4))
    _exit(127);
  keep_from_files(argv[0]);
  execv(argv[0], argv);
  perror(argv[0]);
  _exit(127);
}

int dl_stack_start(dl_stack *stack, const char *program, int user_fd,
                   int net_fd) {
  int ready = -1, end[2] = {-1, -1}, log = -1;
  pid_t parent = getpid();
  dl_args args = {0};
  add_arguments(&args, program);
  stack->pid = -1;
  stack->ready_fd = stack->log_fd = stack->exit_fd = -1;
  if (args.failed)
    errno = ENOMEM;
  else if (dl_fd_pipe(&stack->ready_fd, &ready, true) == 0 &&
           dl_fd_pipe(&stack->log_fd, &log, true) == 0 &&
           pipe2(end, O_CLOEXEC) == 0) {
    stack->exit_fd = end[1];
    stack->pid = fork();
  }
  if (stack->pid == 0) {
    int fds[] = {ready, end[0], user_fd, net_fd};
    become(args.list, fds, log, parent);
  }
  dl_args_free(&args);
  dl_fd_close(&ready);
  dl_fd_close(&log);
  dl_fd_close(&end[0]);
  return stack->pid < 0 ? -1 : 0;
}

void dl_stack_end(dl_stack *stack) {
  dl_fd_close(&stack->ready_fd);
  dl_fd_close(&stack->log_fd);
  dl_fd_close(&stack->exit_fd);
  if (stack->pid <= 0)
    return;
  kill(-stack->pid, SIGKILL);
  kill(stack->pid, SIGKILL);
  waitpid(stack->pid, NULL, 0);
  stack->pid = -1;
}
