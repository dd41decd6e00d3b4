#ifndef DL_CONTROL_SHELL_ENV_H
#define DL_CONTROL_SHELL_ENV_H

#pragma GCC visibility push(hidden)

/* The subcommand `env`; argv[0] is its name. Its exit status: 0, 1 where no
 * server runs, 2 for a bad command line. */
int dl_shell_env_main(int argc, char **argv);

#pragma GCC visibility pop

#endif
