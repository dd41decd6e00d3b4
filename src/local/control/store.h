#ifndef DL_CONTROL_STORE_H
#define DL_CONTROL_STORE_H

#include <jansson.h>

#include "reserve.h"
#include "sandbox.h"

/* The SQLite database of a server. Not locked: the caller's business. */
typedef struct dl_store dl_store;

enum { DL_STORE_ERROR = -1, DL_STORE_NONE = 0, DL_STORE_FOUND = 1 };

/* Called for each row; the record is the store's. Not 0: stop. */
typedef int dl_store_visit(const dl_sandbox *sb, void *arg);

#pragma GCC visibility push(hidden)

/* Opens or makes the database at `path`. The reserve, which must outlive it, is
 * released when the disk is full. 0, or -1 after a message on stderr. The
 * caller closes *out. */
int dl_store_open(dl_store **out, const char *path, dl_reserve *reserve);

/* Closes the database; NULL is fine. */
void dl_store_close(dl_store *store);

/* Writes the row of that id, new or not. 0, or DL_STORE_ERROR. */
int dl_store_put(dl_store *store, dl_sandbox *sb);

/* Reads the row with that id into `out`, which is overwritten; the caller
 * clears it. DL_STORE_FOUND, _NONE or _ERROR. */
int dl_store_get(dl_store *store, const char *id, dl_sandbox *out);

/* The same by name. */
int dl_store_get_by_name(dl_store *store, const char *name, dl_sandbox *out);

/* Deletes the row of that id, if there is one. 0, or DL_STORE_ERROR. */
int dl_store_delete(dl_store *store, const char *id);

/* Visits the rows that the SQL `tail` ("WHERE ... ORDER BY ...") selects, its
 * `?` taken from the array `values` (NULL: none). 0, or DL_STORE_ERROR; a
 * visitor that stops is no error. */
int dl_store_each(dl_store *store, const char *tail, const json_t *values,
                  dl_store_visit *visit, void *arg);

/* The same, but `tail` finds ids only, for which an index may be enough; then
 * each row is read by itself, and nothing is sorted but by the index. */
int dl_store_each_found(dl_store *store, const char *tail, const json_t *values,
                        dl_store_visit *visit, void *arg);

/* The ids of the rows that `tail` selects, for callers that change rows while
 * they go through them. A new array, short or NULL after an error (which is
 * on stderr). */
json_t *dl_store_ids(dl_store *store, const char *tail, const json_t *values);

/* The number of rows that `tail` selects, or DL_STORE_ERROR. */
int64_t dl_store_count(dl_store *store, const char *tail, const json_t *values);

/* Runs a statement that changes rows, its `?` taken from the array `values`
 * (NULL: none). 0, or DL_STORE_ERROR. */
int dl_store_change(dl_store *store, const char *sql, const json_t *values);

/* The same with an answer: the first column of the first row goes to *out, to
 * be freed. DL_STORE_FOUND, _NONE or _ERROR. */
int dl_store_text(dl_store *store, const char *sql, const json_t *values,
                  char **out);

/* The rows that a SELECT or a RETURNING gives, its `?` taken from the array
 * `values` (NULL: none), as a new array of objects by the names of the columns;
 * what is NULL, or neither an integer nor a text, is left out. NULL after an
 * error, which is on stderr. */
json_t *dl_store_rows(dl_store *store, const char *sql, const json_t *values);

/* The lasting value of `key`, which becomes `initial` when there is none yet.
 * To be freed; NULL after an error. */
char *dl_store_meta(dl_store *store, const char *key, const char *initial);

#pragma GCC visibility pop

#endif
