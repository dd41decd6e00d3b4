#ifndef DL_CONTROL_SHELL_ENV_H
#define DL_CONTROL_SHELL_ENV_H

#pragma GCC visibility push(hidden)

int dl_shell_env_main(int argc, char **argv);

#pragma GCC visibility pop

#endif
