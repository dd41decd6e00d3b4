#ifndef DL_RECORD_H
#define DL_RECORD_H

#include <stddef.h>

/* For tests: a line of JSON for each exchange that differs from all before it
 * in what a description of the API speaks of, so that a program can compare
 * what was sent with that description. Nothing is done, and nothing is
 * allocated, unless a directory was opened. */

typedef struct dl_record dl_record;

/* What is known of an exchange at its end. Any text may be NULL. */
typedef struct dl_record_head {
  const char *method;
  const char *path;  /* as it was sent */
  const char *query; /* the same */
  unsigned status;
} dl_record_head;

#pragma GCC visibility push(hidden)

/* Once, before there are threads; the end of the process closes it. */
int dl_record_open(const char *directory);

/* One exchange, by one thread at a time. Where `r` is NULL nothing is done. */
dl_record *dl_record_new(void);

/* The headers that say what was sent and by whom. */
void dl_record_types(dl_record *r, const char *agent, const char *request,
                     const char *answer);

/* A piece of the request's body. */
void dl_record_request(dl_record *r, const char *data, size_t len);

/* A piece of the answer's body. */
void dl_record_answer(dl_record *r, const char *data, size_t len);

/* The exchange was complete: it is written unless there was one like it. Frees
 * the record. */
void dl_record_end(dl_record *r, const dl_record_head *head);

/* The exchange was not complete: it is forgotten. */
void dl_record_drop(dl_record *r);

#pragma GCC visibility pop

#endif
