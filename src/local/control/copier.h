#ifndef DL_CONTROL_COPIER_H
#define DL_CONTROL_COPIER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "trash.h"

/* Copies directories of the data directory in the background, one after the
 * other. A copy is made in `copies/` and then moved to its place, so that there
 * is a whole one or none, whenever the server is killed. What a sandbox may be
 * writing to is not read before dl_copier_go, and not after dl_copier_refuse.
 */
typedef struct dl_copier dl_copier;

/* How far the copy of a sandbox's files is. */
typedef enum dl_copy_phase {
  DL_COPY_NONE,  /* there is none, or it waits for others, or is done */
  DL_COPY_ASKS,  /* it is to begin, once the sandbox stands still */
  DL_COPY_READS, /* so it has to stand still */
} dl_copy_phase;

/* A copy that was asked for. */
typedef struct dl_copy_job {
  struct dl_copy_job *next;
  char *key;     /* the name of the copy */
  char *from_in; /* what is copied: FROM_IN/SOURCE */
  char *source;
  char *into; /* where the copy is to be: INTO/KEY */
  int64_t limit;
  int64_t bytes; /* of the copy */
  char *error;   /* what went wrong; NULL: nothing */
  dl_copy_phase phase;
  atomic_bool stop; /* it is to be broken off */
} dl_copy_job;

#pragma GCC visibility push(hidden)

dl_copier *dl_copier_open(int data_fd, dl_trash *trash, int wake_fd);
void dl_copier_close(dl_copier *copier);
int dl_copier_add(dl_copier *copier, const char *key, const char *from_in,
                  const char *source, const char *into, int64_t limit);
bool dl_copier_has(dl_copier *copier, const char *key);
bool dl_copier_reads(dl_copier *copier, const char *source);
dl_copy_phase dl_copier_phase(dl_copier *copier, const char *source);
void dl_copier_go(dl_copier *copier, const char *source);
void dl_copier_refuse(dl_copier *copier, const char *source, const char *why);
dl_copy_job *dl_copier_take(dl_copier *copier);
void dl_copy_job_free(dl_copy_job *job);

#pragma GCC visibility pop

#endif
