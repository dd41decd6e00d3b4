#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "as.h"
#include "strbuf.h"

#define KEY_MAX 4096

static const char see_help[] = "Try 'daytona-local serve --help'.\n";

static int bad(const char *format, const char *value) {
  fputs("daytona-local: ", stderr);
  fprintf(stderr, format, value);
  fprintf(stderr, "\n%s", see_help);
  return DL_OPTIONS_BAD;
}

static bool is_loopback(const char *host) {
  return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

/* "HOST:PORT" or "[HOST]:PORT". */
static int read_listen(dl_options *o, const char *text) {
  const char *colon = strrchr(text, ':');
  const char *start = text;
  if (!colon || colon[1] < '0' || colon[1] > '9')
    return bad("--listen: HOST:PORT expected, got '%s'", text);
  size_t len = (size_t)(colon - text);
  if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
    start++;
    len -= 2;
  }
  errno = 0;
  char *end;
  unsigned long port = strtoul(colon + 1, &end, 10);
  if (errno || *end || port > 65535 || len == 0)
    return bad("--listen: HOST:PORT expected, got '%s'", text);
  free(o->listen_host);
  o->listen_host = len == 9 && strncmp(start, "localhost", len) == 0
                       ? strdup("127.0.0.1")
                       : strndup(start, len);
  o->listen_port = (unsigned)port;
  return o->listen_host ? DL_OPTIONS_RUN : DL_OPTIONS_BAD;
}

static int set_key(dl_options *o, const char *key, size_t len) {
  for (size_t i = 0; i < len; i++) {
    if (key[i] <= ' ' || key[i] > '~')
      return bad("the API key %s", "has a character that is not printable "
                                   "ASCII");
  }
  if (len == 0)
    return bad("the API key %s", "is empty");
  free(o->api_key);
  o->api_key = strndup(key, len);
  return o->api_key ? DL_OPTIONS_RUN : DL_OPTIONS_BAD;
}

/* A command line and an environment can be read by others: what was a key is
 * overwritten in place at once. */
static int take_key(dl_options *o, char *key) {
  int rc = set_key(o, key, strlen(key));
  explicit_bzero(key, strlen(key));
  return rc;
}

static int read_key_file(dl_options *o, const char *path) {
  FILE *f = fopen(path, "re");
  if (!f) {
    fprintf(stderr, "daytona-local: --api-key-file %s: %s\n", path,
            strerror(errno));
    return DL_OPTIONS_BAD;
  }
  char key[KEY_MAX];
  size_t n = fread(key, 1, sizeof key, f);
  fclose(f);
  while (n > 0 && (key[n - 1] == '\n' || key[n - 1] == '\r'))
    n--;
  int rc = set_key(o, key, n);
  explicit_bzero(key, sizeof key);
  return rc;
}

/* A count from the environment; `fallback` without one. */
static int read_count(const char *name, unsigned fallback, unsigned *out) {
  const char *text = getenv(name);
  *out = fallback;
  if (!text || !*text)
    return DL_OPTIONS_RUN;
  char *end;
  unsigned long value = strtoul(text, &end, 10);
  if (*text < '0' || *text > '9' || *end || value > 1000000)
    return bad("%s: a number from 0 to 1000000 expected", name);
  *out = (unsigned)value;
  return DL_OPTIONS_RUN;
}

/* Makes the server what it is to behave as. */
static int become(const char *name) {
  if (!name || !*name)
    return DL_OPTIONS_RUN;
  if (dl_as_set(name))
    return bad("--as: v0.190 expected, got '%s'", name);
  unsigned stuck, lost;
  if (read_count("DAYTONA_LOCAL_STUCK_ONE_IN", dl_as_now()->stuck_one_in,
                 &stuck) != DL_OPTIONS_RUN ||
      read_count("DAYTONA_LOCAL_LOST_ONE_IN", dl_as_now()->lost_one_in,
                 &lost) != DL_OPTIONS_RUN)
    return DL_OPTIONS_BAD;
  dl_as_rates(stuck, lost);
  return DL_OPTIONS_RUN;
}

static int read_isolation(dl_options *o, const char *value, const char *name) {
  o->isolated = strcmp(value, "none") != 0;
  if (!o->isolated || strcmp(value, "bwrap") == 0)
    return DL_OPTIONS_RUN;
  fprintf(stderr, "daytona-local: %s: bwrap or none expected, got '%s'\n%s",
          name, value, see_help);
  return DL_OPTIONS_BAD;
}

/* A time from the environment; what is not set stays as it is. */
static int read_seconds(const char *name, double *seconds) {
  const char *text = getenv(name);
  if (!text || !*text)
    return DL_OPTIONS_RUN;
  char *end;
  double n = strtod(text, &end);
  if (*end || !isfinite(n) || n < 0.01 || n > 86400) {
    fprintf(stderr,
            "daytona-local: %s: a number of seconds from 0.01 to 86400 "
            "expected, got '%s'\n%s",
            name, text, see_help);
    return DL_OPTIONS_BAD;
  }
  *seconds = n;
  return DL_OPTIONS_RUN;
}

static int read_environment(dl_options *o) {
  const char *isolation = getenv("DAYTONA_LOCAL_ISOLATION");
  char *key = getenv("DAYTONA_LOCAL_API_KEY");
  o->minute_seconds = 60;
  o->head_seconds = 10;
  o->as = getenv("DAYTONA_LOCAL_AS");
  o->record = getenv("DAYTONA_LOCAL_RECORD");
  if (read_seconds("DAYTONA_LOCAL_MINUTE_SECONDS", &o->minute_seconds) ||
      read_seconds("DAYTONA_LOCAL_HEAD_SECONDS", &o->head_seconds))
    return DL_OPTIONS_BAD;
  if (isolation && *isolation &&
      read_isolation(o, isolation, "DAYTONA_LOCAL_ISOLATION"))
    return DL_OPTIONS_BAD;
  if (!key || !*key)
    return DL_OPTIONS_RUN;
  if (take_key(o, key) != DL_OPTIONS_RUN)
    return DL_OPTIONS_BAD;
  unsetenv("DAYTONA_LOCAL_API_KEY");
  return DL_OPTIONS_RUN;
}

char *dl_options_data(void) {
  const char *base = getenv("XDG_DATA_HOME");
  dl_strbuf path = {0};
  if (geteuid() == 0)
    return strdup("/var/lib/daytona-local");
  if (base && base[0] == '/') {
    dl_strbuf_addf(&path, "%s/daytona-local", base);
    return dl_strbuf_detach(&path);
  }
  base = getenv("HOME");
  const struct passwd *pw;
  if ((!base || base[0] != '/') && (pw = getpwuid(geteuid())))
    base = pw->pw_dir;
  if (!base || base[0] != '/')
    return NULL;
  dl_strbuf_addf(&path, "%s/.local/share/daytona-local", base);
  return dl_strbuf_detach(&path);
}

static int finish(dl_options *o) {
  if (!o->isolated && o->network_given && o->network != DL_NETWORK_HOST)
    return bad("--network %s: without isolation sandboxes have the network of "
               "this machine",
               o->network == DL_NETWORK_OWN ? "own" : "none");
  if (become(o->as) != DL_OPTIONS_RUN)
    return DL_OPTIONS_BAD;
  if (!o->listen_host) {
    o->listen_host = strdup(DL_OPTIONS_HOST);
    o->listen_port = DL_OPTIONS_PORT;
  }
  if (!o->listen_host)
    return DL_OPTIONS_BAD;
  if (!o->allow_remote && !is_loopback(o->listen_host))
    return bad("--listen %s: not a loopback address; give --allow-remote if "
               "other machines shall reach this server",
               o->listen_host);
  bool wildcard = strcmp(o->listen_host, "0.0.0.0") == 0 ||
                  strcmp(o->listen_host, "::") == 0;
  if (!o->advertise && wildcard)
    return bad("--listen %s: give --advertise HOST, the name by which clients "
               "reach this machine",
               o->listen_host);
  if (!o->advertise && !(o->advertise = strdup(o->listen_host)))
    return DL_OPTIONS_BAD;
  if (!o->data && !(o->data = dl_options_data()))
    return bad("no %s is known for this user; give --data DIR",
               "home directory");
  return DL_OPTIONS_RUN;
}

static int set_text(char **field, const char *value, const char *name) {
  if (!*value)
    return bad("%s: empty", name);
  free(*field);
  *field = strdup(value);
  return *field ? DL_OPTIONS_RUN : DL_OPTIONS_BAD;
}

static int read_network(dl_options *o, const char *value) {
  static const char *const modes[] = {"own", "none", "host"};
  size_t i;
  for (i = 0; i < sizeof modes / sizeof *modes; i++) {
    if (strcmp(value, modes[i]) == 0) {
      o->network = (dl_network)i;
      o->network_given = true;
      return DL_OPTIONS_RUN;
    }
  }
  return bad("--network: own, host or none expected, got '%s'", value);
}

static int read_expose(dl_options *o, const char *value) {
  const char *problem = dl_expose_add(&o->exposed, value);
  if (!problem)
    return DL_OPTIONS_RUN;
  fprintf(stderr, "daytona-local: --expose %s: %s\n", value, problem);
  return DL_OPTIONS_BAD;
}

static const struct option long_options[] = {
    {"listen", required_argument, NULL, 'l'},
    {"allow-remote", no_argument, NULL, 'r'},
    {"advertise", required_argument, NULL, 'a'},
    {"data", required_argument, NULL, 'd'},
    {"api-key-file", required_argument, NULL, 'f'},
    {"api-key", required_argument, NULL, 'k'},
    {"isolation", required_argument, NULL, 'i'},
    {"network", required_argument, NULL, 'n'},
    {"expose", required_argument, NULL, 'x'},
    {"user", required_argument, NULL, 'u'},
    {"entrypoint", required_argument, NULL, 'e'},
    {"images", required_argument, NULL, 'm'},
    {"as", required_argument, NULL, 's'},
    {"while-read", no_argument, NULL, 'w'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

static int read_option(dl_options *o, int letter) {
  switch (letter) {
    case 'l':
      return read_listen(o, optarg);
    case 'r':
      o->allow_remote = true;
      return DL_OPTIONS_RUN;
    case 'a':
      return set_text(&o->advertise, optarg, "--advertise");
    case 'd':
      return set_text(&o->data, optarg, "--data");
    case 'f':
      return read_key_file(o, optarg);
    case 'k':
      return take_key(o, optarg);
    case 'i':
      return read_isolation(o, optarg, "--isolation");
    case 'n':
      return read_network(o, optarg);
    case 'x':
      return read_expose(o, optarg);
    case 'u':
      return set_text(&o->user, optarg, "--user");
    case 'e':
      return set_text(&o->entrypoint, optarg, "--entrypoint");
    case 'm':
      o->images_of_host = strcmp(optarg, "host") == 0;
      return o->images_of_host || strcmp(optarg, "none") == 0
                 ? DL_OPTIONS_RUN
                 : bad("--images: host or none expected, got '%s'", optarg);
    case 's':
      o->as = optarg;
      return DL_OPTIONS_RUN;
    case 'w':
      o->while_read = true;
      return DL_OPTIONS_RUN;
    case 'h':
      return DL_OPTIONS_HELP;
    default:
      fputs(see_help, stderr);
      return DL_OPTIONS_BAD;
  }
}

int dl_options_read(dl_options *options, int argc, char **argv) {
  static char program[] = "daytona-local";
  argv[0] = program; /* getopt's messages begin with it */
  memset(options, 0, sizeof *options);
  options->isolated = true;
  int rc = read_environment(options);
  optind = 1;
  int letter;
  while (rc == DL_OPTIONS_RUN &&
         (letter = getopt_long(argc, argv, "", long_options, NULL)) != -1)
    rc = read_option(options, letter);
  if (rc != DL_OPTIONS_RUN)
    return rc;
  if (optind < argc)
    return bad("unexpected argument '%s'", argv[optind]);
  return finish(options);
}

void dl_options_free(dl_options *options) {
  if (options->api_key)
    explicit_bzero(options->api_key, strlen(options->api_key));
  dl_expose_free(&options->exposed);
  free(options->listen_host);
  free(options->advertise);
  free(options->data);
  free(options->api_key);
  free(options->user);
  free(options->entrypoint);
  memset(options, 0, sizeof *options);
}
