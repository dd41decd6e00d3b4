/*
 * Run a command COUNT times, feeding it a file on standard input and reading
 * its output to the end, and print what each run cost, one line for each:
 *
 *     wall_us user_us system_us peak_kib
 *
 * It is the floor under an exec round trip, and the stopwatch for whole
 * programs. -u runs the command as another user, -o keeps the last output.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct Options {
  long count;
  uid_t uid;
  gid_t gid;
  int other_user;
  const char *input;
  const char *output;
  char **command;
} Options;

static void die(const char *what) {
  fprintf(stderr, "floor_forkexec: %s: %s\n", what, strerror(errno));
  exit(EXIT_FAILURE);
}

static void usage(void) {
  fputs("usage: floor_forkexec [-n COUNT] [-u UID:GID] [-i INPUT] [-o OUTPUT]"
        " -- COMMAND [ARG...]\n",
        stderr);
  exit(2);
}

static Options read_options(int argc, char **argv) {
  Options o = {1, 0, 0, 0, "/dev/null", NULL, NULL};
  unsigned uid, gid;
  int c;
  while ((c = getopt(argc, argv, "+n:u:i:o:")) != -1) {
    switch (c) {
      case 'n':
        o.count = strtol(optarg, NULL, 10);
        break;
      case 'i':
        o.input = optarg;
        break;
      case 'o':
        o.output = optarg;
        break;
      case 'u':
        if (sscanf(optarg, "%u:%u", &uid, &gid) != 2)
          usage();
        o.uid = uid;
        o.gid = gid;
        o.other_user = (uid != geteuid());
        break;
      default:
        usage();
    }
  }
  if (optind >= argc || o.count < 1)
    usage();
  o.command = argv + optind;
  return o;
}

static long micros(const struct timeval *t) {
  return (long)t->tv_sec * 1000000 + (long)t->tv_usec;
}

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* In the child: become the user, take the pipes, become the command. */
static void run_child(const Options *o, int in, int out) {
  if (o->other_user &&
      (setgroups(0, NULL) != 0 || setgid(o->gid) != 0 || setuid(o->uid) != 0))
    die("cannot change user");
  if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
    die("dup2");
  execvp(o->command[0], o->command);
  die(o->command[0]);
}

/* Read `from` to its end; with `to` >= 0 keep what was read there. */
static void drain(int from, int to) {
  char buffer[16384];
  ssize_t n;
  while ((n = read(from, buffer, sizeof buffer)) != 0) {
    if (n < 0 && errno != EINTR)
      die("read");
    if (n > 0 && to >= 0 && write(to, buffer, (size_t)n) != n)
      die("write");
  }
}

static void run_once(const Options *o) {
  struct rusage usage_of_child;
  double start = now_us();
  int to = -1;
  int in, status, out[2];
  pid_t pid;
  in = open(o->input, O_RDONLY | O_CLOEXEC);
  if (in < 0)
    die(o->input);
  if (pipe2(out, O_CLOEXEC) != 0)
    die("pipe");
  pid = fork();
  if (pid < 0)
    die("fork");
  if (pid == 0)
    run_child(o, in, out[1]);
  close(out[1]);
  if (o->output != NULL) {
    to = open(o->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (to < 0)
      die(o->output);
  }
  drain(out[0], to);
  if (wait4(pid, &status, 0, &usage_of_child) != pid)
    die("wait");
  printf("%.0f %ld %ld %ld\n", now_us() - start,
         micros(&usage_of_child.ru_utime), micros(&usage_of_child.ru_stime),
         usage_of_child.ru_maxrss);
  close(in);
  close(out[0]);
  if (to >= 0)
    close(to);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fprintf(stderr, "floor_forkexec: %s failed (status %d)\n", o->command[0],
            status);
    exit(EXIT_FAILURE);
  }
}

int main(int argc, char **argv) {
  Options o = read_options(argc, argv);
  for (; o.count > 0; o.count--)
    run_once(&o);
  return EXIT_SUCCESS;
}
