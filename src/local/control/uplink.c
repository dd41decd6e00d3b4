#include "uplink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "args.h"
#include "launch_plan.h"
#include "options.h"
#include "programs.h"

#define GATE_MS "250"        /* what a start may wait for its way out */
#define PROBE_GATE_MS "4000" /* more than the stack itself is given */

static void add_arguments(dl_args *args, const dl_launcher *launcher,
                          const char *id, bool probes) {
  const dl_uplink *uplink = &launcher->uplink;
  dl_args_add(args, "%s/bin/daytona-local", launcher->dir->path);
  dl_args_add(args, "uplink");
  if (probes)
    dl_args_add(args, "%s", "");
  else
    dl_args_add(args, "daytona-local: sandbox %s: ", id);
  dl_args_add(args, probes ? PROBE_GATE_MS : GATE_MS);
  dl_args_add(args, "%s", uplink->stack ? uplink->stack : "");
  for (size_t i = 0; uplink->exposed && i < uplink->exposed->count; i++)
    dl_args_add(args, "%s", uplink->exposed->texts[i]);
}

/* In the child: only what is safe after fork in a program with threads. */
static void become(char **argv, int info_fd, int gate_fd, int log_fd,
                   pid_t parent) {
  static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
  char *const env[] = {path, NULL};
  int fds[] = {info_fd, gate_fd};
  int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  sigset_t none;
  int number;
  for (number = 1; number < NSIG; number++)
    signal(number, SIG_DFL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent || null_fd < 0 || dup2(null_fd, 0) < 0 ||
      dup2(null_fd, 1) < 0 || (log_fd >= 0 && dup2(log_fd, 2) < 0) ||
      dl_fd_place(fds, 2))
    _exit(127);
  execve(argv[0], argv, env);
  _exit(127);
}

bool dl_uplink_is_needed(const dl_uplink *uplink) {
  return uplink->mode != DL_NETWORK_HOST &&
         (uplink->stack || (uplink->exposed && uplink->exposed->count > 0));
}

int dl_uplink_start(const dl_launcher *launcher, const char *id, int log_fd,
                    dl_uplink_process *out) {
  int info[2] = {-1, -1}, gate[2] = {-1, -1};
  dl_args args = {0};
  pid_t parent = getpid();
  out->pid = -1;
  add_arguments(&args, launcher, id, log_fd >= 0);
  if (args.failed)
    errno = ENOMEM;
  else if (pipe2(info, O_CLOEXEC) == 0 && pipe2(gate, O_CLOEXEC) == 0)
    out->pid = fork();
  if (out->pid == 0)
    become(args.list, info[0], gate[1], log_fd, parent);
  dl_args_free(&args);
  dl_fd_close(&info[0]);
  dl_fd_close(&gate[1]);
  out->info_fd = info[1];
  out->gate_fd = gate[0];
  if (out->pid > 0)
    return 0;
  dl_fd_close(&out->info_fd);
  dl_fd_close(&out->gate_fd);
  return -1;
}

void dl_uplink_end(pid_t *pid) {
  if (*pid <= 0)
    return;
  kill(*pid, SIGKILL);
  while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
    ;
  *pid = -1;
}

/* Starts a sandbox that has nothing to do, and waits for what its helper says.
 * Both end by themselves, in bounded time. NULL where there is a way out, else
 * why not. */
static char *try_stack(dl_launcher *launcher, dl_uplink_try *try_it) {
  dl_strbuf why = {0}, printed = {0};
  int log[2];
  if (pipe2(log, O_CLOEXEC))
    return strdup(strerror(errno));
  int rc = try_it(launcher, log[1], &printed);
  close(log[1]);
  char chunk[512];
  ssize_t n;
  while ((n = read(log[0], chunk, sizeof chunk)) > 0)
    dl_strbuf_add(&why, chunk, (size_t)n);
  close(log[0]);
  dl_strbuf_free(&printed);
  while (why.len > 0 && why.data[why.len - 1] == '\n')
    why.data[--why.len] = '\0';
  if (rc && why.len == 0)
    dl_strbuf_adds(&why, "slirp4netns could not be tried");
  if (rc)
    return dl_strbuf_detach(&why);
  dl_strbuf_free(&why);
  return NULL;
}

static char *find_stack(dl_launcher *launcher, dl_uplink_try *try_it) {
  launcher->uplink.stack = dl_programs_find("slirp4netns");
  if (!launcher->uplink.stack)
    return strdup("the program slirp4netns was not found");
  char *why;
  if (access(DL_UPLINK_TUN, R_OK | W_OK)) {
    dl_strbuf text = {0};
    dl_strbuf_addf(&text, "%s: %s", DL_UPLINK_TUN, strerror(errno));
    why = dl_strbuf_detach(&text);
  }
  else
    why = try_stack(launcher, try_it);
  if (why)
    dl_uplink_close(&launcher->uplink);
  return why;
}

/* A file for the sandboxes: the stack's resolver, and how this machine searches
 * for names. */
static int place_resolv_conf(const dl_datadir *dir) {
  dl_strbuf text = {0};
  char *line = NULL;
  size_t size = 0;
  FILE *own = fopen("/etc/resolv.conf", "re");
  dl_strbuf_adds(&text, "nameserver " DL_UPLINK_RESOLVER "\n");
  while (own && getline(&line, &size, own) > 0) {
    if (strncmp(line, "search", 6) == 0 || strncmp(line, "options", 7) == 0 ||
        strncmp(line, "domain", 6) == 0)
      dl_strbuf_adds(&text, line);
  }
  free(line);
  if (own)
    fclose(own);
  int rc = text.failed
               ? -1
               : dl_datadir_place_text(dir, DL_UPLINK_RESOLV_CONF, text.data);
  dl_strbuf_free(&text);
  return rc;
}

char *dl_uplink_find(dl_launcher *launcher, const dl_options *options,
                     dl_uplink_try *try_it) {
  char *why = NULL;
  launcher->uplink.mode = options->network;
  launcher->uplink.exposed = NULL; /* nothing while the stack is tried */
  launcher->uplink.stack = NULL;
  if (options->network == DL_NETWORK_OWN)
    why = find_stack(launcher, try_it);
  launcher->uplink.exposed = &options->exposed;
  if (!launcher->uplink.stack)
    return why;
  if (place_resolv_conf(launcher->dir) == 0)
    return NULL;
  dl_uplink_close(&launcher->uplink);
  return strdup("its resolv.conf cannot be written");
}

void dl_uplink_open(dl_launcher *launcher, const dl_options *options,
                    dl_uplink_try *try_it) {
  char *why = dl_uplink_find(launcher, options, try_it);
  if (why)
    fprintf(stderr,
            "daytona-local: sandboxes have no network but their own loopback: "
            "%s\n",
            why);
  else if (options->network == DL_NETWORK_HOST)
    fputs("daytona-local: WARNING: --network host: sandboxes share the "
          "network of this machine, its loopback too\n",
          stderr);
  free(why);
}

void dl_uplink_close(dl_uplink *uplink) {
  free(uplink->stack);
  uplink->stack = NULL;
}
