#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "control/doctor.h"
#include "control/init.h"
#include "control/mounts.h"
#include "control/uplink.h"
#include "control/plane.h"
#include "control/shell_env.h"
#include "serve.h"
#include "toolbox/toolbox.h"

/* The arguments of `confine` itself: its name and two limits. */
#define CONFINE_ARGUMENTS 3

static const char help[] =
    "usage: daytona-local serve [options]   see 'daytona-local serve --help'\n"
    "       daytona-local env [options]     where the server is, for a shell: "
    "eval \"$(daytona-local env)\"\n"
    "       daytona-local doctor [options]  what this machine gives, and "
    "lacks\n"
    "       daytona-local --version\n"
    "       daytona-local --help\n"
    "\n"
    "A Daytona in one program: sandboxes on this machine, the same API.\n";

static int run(int argc, char **argv);

/* "confine DATA FILES [init] [volumes ...] ...": how the server starts what
 * runs inside a sandbox. */
static int run_confined(int argc, char **argv) {
  if (argc < CONFINE_ARGUMENTS + 1 || dl_launch_confine(argc, argv))
    return 1;
  argc -= CONFINE_ARGUMENTS;
  argv += CONFINE_ARGUMENTS;
  if (strcmp(argv[0], "init") == 0) {
    if (argc < 2 || dl_init_enter())
      return 1;
    argc--;
    argv++;
  }
  if (strcmp(argv[0], "volumes") == 0) {
    int done = dl_mounts_check(argc, argv);
    if (done < 0 || done >= argc)
      return 1;
    argc -= done;
    argv += done;
  }
  return run(argc, argv);
}

/* argv[0] is the subcommand. */
static int run(int argc, char **argv) {
  const char *command = argc > 0 ? argv[0] : "--help";
  if (strcmp(command, "serve") == 0)
    return dl_serve_main(argc, argv);
  if (strcmp(command, "doctor") == 0)
    return dl_doctor_main(argc, argv);
  if (strcmp(command, "env") == 0)
    return dl_shell_env_main(argc, argv);
  if (strcmp(command, "toolbox") == 0)
    return dl_toolbox_main(argc, argv);
  if (strcmp(command, "confine") == 0)
    return run_confined(argc, argv);
  if (strcmp(command, "uplink") == 0)
    return dl_uplink_main(argc, argv);
  if (strcmp(command, "--version") == 0)
    return puts("daytona-local " DL_VERSION) < 0;
  if (strcmp(command, "--help") == 0)
    return fputs(help, stdout) < 0;
  fprintf(stderr, "daytona-local: unknown command '%s'\n%s", command, help);
  return 2;
}

int main(int argc, char **argv) {
  /* Where a parent had it ignored, no child would leave a status. */
  signal(SIGCHLD, SIG_DFL);
  return run(argc - 1, argv + 1);
}
