#ifndef DL_AS_H
#define DL_AS_H

#include <stdbool.h>

/* In which ways the server behaves as another one does. A difference that
 * clients notice has a name here, is switched on in as.c and nowhere else, and
 * is asked for where the behaviour is. All false is this program's own way. */
typedef struct dl_as {
  const char *name;    /* of --as; NULL: this program's own way */
  const char *version; /* what the server says it is; NULL: our own */

  /* Sessions. */
  bool keeps_lines;   /* logs have lines: no NUL, a newline at the end */
  bool looks_for_end; /* exec looks every 50 ms whether its command is done */
  bool needs_pipe;    /* input needs a pipe that the shell makes and takes */
  bool exit_hangs;    /* a shell that ends leaves its command for ever */
  bool ends_group;    /* deletion misses what left the process group */
  bool follows_by_looks; /* a log is read each 20 ms, 1 KiB at once; it ends 50
                          * empty looks after its command */
  unsigned stuck_one_in; /* of so many followers of a log that stayed empty one
                          * is never told of its end; 0: none */
  unsigned lost_one_in;  /* of so many logs that are sent without following one
                          * is sent empty; 0: none */

  /* The rest. */
  bool no_newer;        /* operations, options and fields that came later */
  bool routes_decoded;  /* a path's %2F separates like a slash */
  bool old_code_run;    /* argv is part of a command line, the prelude a line */
  bool waits_escaped;   /* exec's timeout waits for who left the group */
  bool old_files;       /* what says that it is empty is */
  bool old_interpreter; /* prints through its channel, a flood and a death end
                         * more than they should */
  bool old_charts;      /* what its program and its types let pass */
  bool old_git;         /* clone and errors as go-git has them */
  bool old_lsp;         /* starts the language server of another language, and
                         * knows no line 0 */

  /* Errors: an object without `source` and without codes of their own,
   * {"error": ...}, or nothing at all, by the path. */
  bool old_errors;
} dl_as;

#pragma GCC visibility push(hidden)

/* To be set once, before there are threads. */
int dl_as_set(const char *name);
void dl_as_rates(unsigned stuck_one_in, unsigned lost_one_in);
const dl_as *dl_as_now(void);
const char *dl_as_version(void);
bool dl_as_hits(unsigned one_in, unsigned *count);

#pragma GCC visibility pop

#endif
