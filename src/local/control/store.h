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

int dl_store_open(dl_store **out, const char *path, dl_reserve *reserve);
void dl_store_close(dl_store *store);
int dl_store_put(dl_store *store, dl_sandbox *sb);
int dl_store_get(dl_store *store, const char *id, dl_sandbox *out);
int dl_store_get_by_name(dl_store *store, const char *name, dl_sandbox *out);
int dl_store_delete(dl_store *store, const char *id);
int dl_store_each(dl_store *store, const char *tail, const json_t *values,
                  dl_store_visit *visit, void *arg);
json_t *dl_store_ids(dl_store *store, const char *tail, const json_t *values);
int64_t dl_store_count(dl_store *store, const char *tail, const json_t *values);
int dl_store_change(dl_store *store, const char *sql, const json_t *values);
int dl_store_text(dl_store *store, const char *sql, const json_t *values,
                  char **out);
json_t *dl_store_rows(dl_store *store, const char *sql, const json_t *values);
char *dl_store_meta(dl_store *store, const char *key, const char *initial);

#pragma GCC visibility pop

#endif
