#ifndef DL_TOOLBOX_H
#define DL_TOOLBOX_H

/* The daemon that runs inside a sandbox and does what its clients ask. */

#pragma GCC visibility push(hidden)

/* `daytona-local toolbox --listen-fd N --control-fd M`: serves until the
 * control socket says "stop" or is closed. Returns the exit status. */
int dl_toolbox_main(int argc, char **argv);

#pragma GCC visibility pop

#endif
