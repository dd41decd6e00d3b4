#ifndef DL_CONTROL_OPTIONS_H
#define DL_CONTROL_OPTIONS_H

#include <stdbool.h>

#include "expose.h"
#include "network_way.h"

/* What `daytona-local serve` was asked for. Strings are owned. */
typedef struct dl_options {
  char *listen_host;
  unsigned listen_port;
  char *advertise;  /* the host named in URLs */
  char *data;       /* the data directory, as given or by default */
  char *api_key;    /* NULL: the one of the data directory */
  char *user;       /* the service user, NULL unless given */
  char *entrypoint; /* shell command of each sandbox, or NULL */
  bool isolated;
  bool images_of_host; /* any image's name is taken, and none is used */
  dl_network network;
  bool network_given;
  dl_expose exposed;
  bool while_read;
  bool allow_remote;
  const char *as;        /* what to behave as; NULL: itself */
  const char *record;    /* where exchanges are kept; NULL: nowhere */
  double minute_seconds; /* the length of an interval's minute */
  double head_seconds;   /* how long the head of a request may take */
} dl_options;

/* Where `serve` listens unless it is told: the port that the original had when
 * it was a program for one machine. */
#define DL_OPTIONS_HOST "127.0.0.1"
#define DL_OPTIONS_PORT 3986

enum { DL_OPTIONS_RUN, DL_OPTIONS_HELP, DL_OPTIONS_BAD };

#pragma GCC visibility push(hidden)

/* Reads the environment and then the arguments (argv[0] is replaced) into
 * `options`, to be freed in any case. DL_OPTIONS_RUN, _HELP, or _BAD after a
 * message on stderr. An API key is wiped from where it stood. */
int dl_options_read(dl_options *options, int argc, char **argv);

/* Frees what was read; the key is wiped. */
void dl_options_free(dl_options *options);

/* Prints the options of `serve` to stdout. */
void dl_options_help(void);

/* The data directory where none is named, to be freed. NULL: no home directory
 * is known, or there is no memory. */
char *dl_options_data(void);

#pragma GCC visibility pop

#endif
