#ifndef DL_SERVE_H
#define DL_SERVE_H

#pragma GCC visibility push(hidden)

/* The subcommand `serve`: argv[0] is the program's name, options follow. Its
 * exit status: 0, 1 where it could not run, 2 for a bad command line. */
int dl_serve_main(int argc, char **argv);

#pragma GCC visibility pop

#endif
