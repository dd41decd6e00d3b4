#ifndef DL_SERVE_H
#define DL_SERVE_H

#pragma GCC visibility push(hidden)

int dl_serve_main(int argc, char **argv);

#pragma GCC visibility pop

#endif
