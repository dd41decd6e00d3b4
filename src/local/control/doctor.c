#include "doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "http/http.h"
#include "launch.h"
#include "uplink.h"
#include "limits_cgroup.h"

/* `daytona-local doctor`: tells what this machine gives to sandboxes. It looks
 * as the server would, as the same user, and tries one; it changes nothing. */

static const char help[] =
    "usage: daytona-local doctor [options]\n"
    "\n"
    "Tells what this machine gives to sandboxes, what it lacks, and what each\n"
    "lack means. Takes the options of serve; those that matter are --listen,\n"
    "--network and --user. The exit status is 0 where sandboxes can be run, "
    "else 1.\n";

/* A program that sandboxes find, or not. */
typedef struct dl_language {
  const char *name;
  const char *lack; /* what fails without it */
} dl_language;

static const dl_language languages[] = {
    {"bash", "commands, sessions and terminals are run by sh"},
    {"git", "the git operations fail"},
    {"python3", "code in Python and the code interpreter fail"},
    {"node", "code in JavaScript and TypeScript fails"},
    {"ts-node", "code in TypeScript fails"},
    {"pylsp",
     "the language server of Python does not start (python3-pylsp has it)"},
    {"typescript-language-server",
     "that of TypeScript and JavaScript does not start (npm install -g "
     "typescript-language-server typescript)"}};

static void say(const char *grade, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(const char *grade, const char *what, const char *format, ...) {
  va_list ap;
  printf("%-5s %-10s ", grade, what);
  va_start(ap, format);
  vprintf(format, ap);
  va_end(ap);
  putchar('\n');
}

/* The first bytes of a file as a string; false if it cannot be read. */
static bool read_text(const char *path, char *text, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
  if (fd >= 0)
    close(fd);
  text[n > 0 ? n : 0] = '\0';
  return n >= 0;
}

static void look_at_user(const char *name) {
  if (geteuid() == 0)
    say("lack", "user", "the server cannot become %s", name);
  else
    say("ok", "user", "the server runs as %s", name);
}

/* What leads out of a sandbox; tried as the server does. */
static void look_at_network(dl_launcher *launcher, const dl_options *options) {
  char *why = dl_uplink_find(launcher, options, dl_launch_try);
  if (why)
    say("lack", "network",
        "sandboxes have one of their own each, without a way out: %s;\n%17s"
        "install slirp4netns, and let the server's user open /dev/net/tun; for "
        "single services of this\n%17smachine there is --expose, for its whole "
        "network --network host",
        why, "", "");
  else if (options->network == DL_NETWORK_HOST)
    say("note", "network",
        "sandboxes share that of this machine, its loopback too");
  else if (options->network == DL_NETWORK_NONE)
    say("note", "network",
        "sandboxes have one of their own each, without a way out, as asked");
  else
    say("ok", "network",
        "sandboxes have one of their own each; %s leads out, to all that this "
        "machine reaches but itself",
        launcher->uplink.stack);
  free(why);
}

/* Namespaces and the filter: both are in the sandbox that is tried. */
static int look_at_isolation(const dl_datadir *dir, const dl_options *options) {
  dl_launcher launcher;
  char actions[256];
  char *why = dl_launch_isolate(&launcher, dir);
  if (why)
    say("lack", "isolation",
        "%s\n%17ssandboxes cannot be run but with --isolation none "
        "(DAYTONA_LOCAL_ISOLATION=none), as plain processes without a wall; "
        "else\n%17sinstall bubblewrap, and let "
        "unprivileged users have user namespaces (user.max_user_namespaces,\n"
        "%17skernel.unprivileged_userns_clone, "
        "kernel.apparmor_restrict_unprivileged_userns)",
        why, "", "", "");
  else
    say("ok", "isolation", "%s makes namespaces and filters system calls",
        launcher.bwrap);
  if (!read_text("/proc/sys/kernel/seccomp/actions_avail", actions,
                 sizeof actions) ||
      !strstr(actions, "errno"))
    say("lack", "seccomp",
        "this kernel does not filter system calls, without "
        "which sandboxes are not run");
  else
    say("ok", "seccomp", "this kernel filters system calls");
  if (!why)
    look_at_network(&launcher, options);
  dl_launch_close(&launcher);
  free(why);
  return why ? -1 : 0;
}

static void look_at_keys(void) {
  char text[32] = "";
  if (!read_text("/proc/sys/kernel/keys/maxkeys", text, sizeof text))
    say("ok", "keys", "this kernel keeps none");
  else
    say("ok", "keys",
        "up to %ld sandboxes have a keyring of their own (kernel.keys."
        "maxkeys); more share an empty one",
        strtol(text, NULL, 10));
}

/* Sandboxes see nothing of the machine's programs but /usr. */
static bool has_program(const char *name) {
  static const char *const folders[] = {"/usr/local/bin", "/usr/bin"};
  char path[128];
  size_t i;
  for (i = 0; i < sizeof folders / sizeof *folders; i++) {
    snprintf(path, sizeof path, "%s/%s", folders[i], name);
    if (access(path, X_OK) == 0)
      return true;
  }
  return false;
}

static void look_at_languages(void) {
  size_t i;
  for (i = 0; i < sizeof languages / sizeof *languages; i++) {
    if (has_program(languages[i].name))
      say("ok", languages[i].name, "found in /usr");
    else
      say("lack", languages[i].name, "not found in /usr: %s",
          languages[i].lack);
  }
}

static void look_at_images(const dl_options *options) {
  if (options->images_of_host)
    say("note", "images",
        "the name of any image is taken, and the programs are those of this "
        "machine; nothing is pulled or built");
  else
    say("ok", "images",
        "none: creating of an image's name is 501, but with --images host");
}

static void look_at_port(const dl_options *options) {
  unsigned port = 0;
  int fd = dl_http_listen(options->listen_host, options->listen_port, &port);
  if (fd < 0)
    say("lack", "port", "%s:%u: %s; give serve another --listen HOST:PORT",
        options->listen_host, options->listen_port, strerror(errno));
  else if (options->listen_port == 0)
    say("ok", "port", "%s: any free one is taken", options->listen_host);
  else
    say("ok", "port", "%s:%u is free", options->listen_host, port);
  if (fd >= 0)
    close(fd);
}

/* Previews have names below localhost. Browsers, curl and the Lua client know
 * by themselves where these are; other programs ask the system. */
static void look_at_names(void) {
  struct addrinfo *found = NULL;
  if (getaddrinfo("3000-sandbox.localhost", NULL, NULL, &found) == 0) {
    say("ok", "names", "names below localhost, as previews have, are known");
    freeaddrinfo(found);
  }
  else
    say("note", "names",
        "names below localhost, as previews have, are known to browsers and "
        "curl, but not to programs\n%17sthat ask the system (Node, Python, "
        "Ruby ...) without libnss-myhostname or systemd-resolved",
        "");
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *at) {
  (void)st;
  (void)type;
  (void)at;
  return remove(path);
}

/* Tries a sandbox in a data directory for the occasion. As the service user,
 * which this process then is. */
static int look_inside(const dl_options *options) {
  dl_options own = *options;
  dl_account account;
  dl_datadir dir;
  dl_reserve reserve;
  char path[] = "/tmp/daytona-local-doctor-XXXXXX";
  int rc;
  own.data = mkdtemp(path);
  if (!own.data) {
    say("lack", "disk", "/tmp: %s", strerror(errno));
    return -1;
  }
  if (dl_datadir_open(&dir, &reserve, &own) ||
      dl_account_find(&account, NULL)) {
    say("lack", "disk", "no data directory can be made in /tmp");
    rc = -1;
  }
  else {
    look_at_user(account.name);
    rc = look_at_isolation(&dir, options);
  }
  dl_datadir_close(&dir);
  nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
  return rc;
}

/* The subcommand `doctor`; argv[0] is its name. Its exit status: 0 where
 * sandboxes can be run, 1 where not, 2 for a bad command line. */
int dl_doctor_main(int argc, char **argv) {
  dl_options options;
  int rc = dl_options_read(&options, argc, argv);
  if (rc == DL_OPTIONS_HELP)
    fputs(help, stdout);
  if (rc == DL_OPTIONS_RUN) {
    rc = look_inside(&options) ? 1 : 0;
    look_at_keys();
    dl_limits_tell(say);
    look_at_languages();
    look_at_images(&options);
    look_at_port(&options);
    look_at_names();
  }
  else
    rc = rc == DL_OPTIONS_HELP ? 0 : 2;
  dl_options_free(&options);
  return rc;
}
