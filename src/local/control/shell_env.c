#include "shell_env.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "strbuf.h"
#include "options.h"
#include "running.h"

/* `daytona-local env`: the variables by which clients find the server. */

#define LINE_MAX_BYTES                                                         \
  8192 /* of an announcement; the key has 4 KiB at most                        \
        */
#define LOOK_MS 20
#define WAIT_SECONDS 5
#define WAIT_SECONDS_MAX 3600

static const char help[] =
    "usage: eval \"$(daytona-local env [options])\"\n"
    "\n"
    "Prints the commands for a shell that set DAYTONA_API_URL and\n"
    "DAYTONA_API_KEY to those of the server that runs on a data directory.\n"
    "Where none runs it says so on stderr, and the exit status is 1.\n"
    "\n"
    "  --data DIR      the server's data directory (default: as for serve)\n"
    "  --shell SHELL   sh (default; also for bash, zsh and their like) or "
    "fish\n"
    "  --wait SECONDS  how long a server may take that was just started (5)\n"
    "  --help\n";

typedef struct dl_shell_env {
  char *data;
  bool fish;
  double wait;
} dl_shell_env;

static int bad(const char *what, const char *value) {
  fprintf(stderr, "daytona-local: %s'%s'\nTry 'daytona-local env --help'.\n",
          what, value);
  return DL_OPTIONS_BAD;
}

static int read_data(dl_shell_env *env, const char *value) {
  if (!*value)
    return bad("--data: a directory expected, got ", value);
  free(env->data);
  env->data = strdup(value);
  return env->data ? DL_OPTIONS_RUN : DL_OPTIONS_BAD;
}

static int read_shell(dl_shell_env *env, const char *value) {
  env->fish = strcmp(value, "fish") == 0;
  return env->fish || strcmp(value, "sh") == 0
             ? DL_OPTIONS_RUN
             : bad("--shell: sh or fish expected, got ", value);
}

static int read_wait(dl_shell_env *env, const char *value) {
  char *end;
  env->wait = strtod(value, &end);
  return *value && !*end && isfinite(env->wait) && env->wait >= 0 &&
                 env->wait <= WAIT_SECONDS_MAX
             ? DL_OPTIONS_RUN
             : bad("--wait: seconds from 0 to 3600 expected, got ", value);
}

static int read_option(dl_shell_env *env, int letter) {
  switch (letter) {
    case 'd':
      return read_data(env, optarg);
    case 's':
      return read_shell(env, optarg);
    case 'w':
      return read_wait(env, optarg);
    case 'h':
      return DL_OPTIONS_HELP;
    default:
      fputs("Try 'daytona-local env --help'.\n", stderr);
      return DL_OPTIONS_BAD;
  }
}

static int read_options(dl_shell_env *env, int argc, char **argv) {
  static const struct option names[] = {{"data", required_argument, NULL, 'd'},
                                        {"shell", required_argument, NULL, 's'},
                                        {"wait", required_argument, NULL, 'w'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  static char program[] = "daytona-local";
  int letter, rc = DL_OPTIONS_RUN;
  argv[0] = program; /* getopt's messages begin with it */
  optind = 1;
  while (rc == DL_OPTIONS_RUN &&
         (letter = getopt_long(argc, argv, "", names, NULL)) != -1)
    rc = read_option(env, letter);
  if (rc == DL_OPTIONS_RUN && optind < argc)
    rc = bad("unexpected argument ", argv[optind]);
  if (rc == DL_OPTIONS_RUN && !env->data && !(env->data = dl_options_data())) {
    fputs("daytona-local: no home directory is known for this user; give "
          "--data DIR\n",
          stderr);
    rc = DL_OPTIONS_BAD;
  }
  return rc;
}

/* One that was just put in the background may not be there yet. */
static int await(const dl_shell_env *env, char *line) {
  const struct timespec pause = {0, LOOK_MS * 1000000};
  int64_t end = dl_clock_monotonic_ms() + (int64_t)(env->wait * 1000);
  while (dl_running_read(env->data, line, LINE_MAX_BYTES)) {
    if (errno != ESRCH || dl_clock_monotonic_ms() >= end)
      return -1;
    nanosleep(&pause, NULL);
  }
  return 0;
}

/* The value as one word of the shell, whatever it has inside. */
static void add_quoted(dl_strbuf *out, const char *value, bool fish) {
  dl_strbuf_addc(out, '\'');
  for (; *value; value++) {
    if (fish && (*value == '\'' || *value == '\\'))
      dl_strbuf_addc(out, '\\');
    if (!fish && *value == '\'')
      dl_strbuf_adds(out, "'\\'");
    dl_strbuf_addc(out, *value);
  }
  dl_strbuf_adds(out, "'\n");
}

static int add_variable(dl_strbuf *out, const dl_shell_env *env,
                        const char *name, const json_t *value) {
  if (!json_is_string(value))
    return -1;
  dl_strbuf_addf(out, env->fish ? "set -gx %s " : "export %s=", name);
  add_quoted(out, json_string_value(value), env->fish);
  return 0;
}

static int print(const dl_shell_env *env, const char *line) {
  json_t *said = json_loads(line, 0, NULL);
  dl_strbuf out = {0};
  int rc = -1;
  if (add_variable(&out, env, "DAYTONA_API_URL",
                   json_object_get(said, "api_url")) ||
      add_variable(&out, env, "DAYTONA_API_KEY",
                   json_object_get(said, "api_key")) ||
      out.failed)
    fprintf(stderr,
            "daytona-local: data directory %s: what its server says of itself "
            "cannot be understood\n",
            env->data);
  else if (fputs(out.data, stdout) < 0 || fflush(stdout))
    fprintf(stderr, "daytona-local: stdout: %s\n", strerror(errno));
  else
    rc = 0;
  dl_strbuf_free(&out);
  json_decref(said);
  return rc;
}

static int show(const dl_shell_env *env) {
  char line[LINE_MAX_BYTES];
  int rc = -1;
  if (await(env, line) == 0)
    rc = print(env, line);
  else if (errno == ESRCH)
    fprintf(stderr,
            "daytona-local: no server runs on the data directory %s; start one "
            "by: daytona-local serve &\n",
            env->data);
  else
    fprintf(stderr, "daytona-local: data directory %s: %s\n", env->data,
            strerror(errno));
  explicit_bzero(line, sizeof line);
  return rc;
}

int dl_shell_env_main(int argc, char **argv) {
  dl_shell_env env = {NULL, false, WAIT_SECONDS};
  int rc = read_options(&env, argc, argv);
  if (rc == DL_OPTIONS_RUN)
    rc = show(&env) ? 1 : 0;
  else if (rc == DL_OPTIONS_HELP)
    rc = fputs(help, stdout) < 0;
  else
    rc = 2;
  free(env.data);
  return rc;
}
