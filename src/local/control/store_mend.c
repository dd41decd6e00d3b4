#include "store_mend.h"

#include <stdio.h>
#include <stdlib.h>

#include "strbuf.h"
#include "store_row.h"
#include "store_schema.h"

/* A damaged row. */
typedef struct patch {
  struct patch *next;
  dl_sandbox sb; /* to be written anew, or */
  sqlite3_value *bad_id;
} patch;

static void free_patches(patch *p) {
  while (p) {
    patch *next = p->next;
    dl_sandbox_clear(&p->sb);
    sqlite3_value_free(p->bad_id);
    free(p);
    p = next;
  }
}

/* Adds the present row to the list if it is damaged. 0, or -1 without
 * memory. */
static int look(sqlite3_stmt *stmt, patch **list) {
  patch *p = calloc(1, sizeof *p);
  const char *damaged = NULL;
  int found = p ? dl_store_row(stmt, &p->sb, &damaged) : -1;
  if (found == 0 && !(p->bad_id = sqlite3_value_dup(
                          sqlite3_column_value(stmt, 0)))) /* the id */
    found = -1;
  if (damaged)
    fprintf(stderr,
            "daytona-local: sandbox %s: the database has no proper value for "
            "its %s; it is in error now, and can be recovered or deleted\n",
            p->sb.id, damaged);
  if (p && found >= 0 && (damaged || p->bad_id)) {
    p->next = *list;
    *list = p;
    return 0;
  }
  free_patches(p);
  return found < 0 ? -1 : 0;
}

static int find(sqlite3 *db, patch **list) {
  dl_strbuf sql = {0};
  sqlite3_stmt *stmt = NULL;
  int rc = SQLITE_NOMEM;
  dl_strbuf_addf(&sql, "SELECT %s FROM sandboxes", dl_store_row_columns());
  if (!sql.failed)
    rc = sqlite3_prepare_v2(db, sql.data, -1, &stmt, NULL);
  dl_strbuf_free(&sql);
  while (stmt && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
    if (look(stmt, list))
      break;
  }
  sqlite3_finalize(stmt);
  return rc == SQLITE_DONE ? 0 : -1;
}

static void drop(sqlite3 *db, const sqlite3_value *id) {
  sqlite3_stmt *stmt = NULL;
  fputs("daytona-local: the database had a row whose id can be no sandbox's; "
        "it is left out\n",
        stderr);
  sqlite3_prepare_v2(db, "DELETE FROM sandboxes WHERE id = ?", -1, &stmt, NULL);
  sqlite3_bind_value(stmt, 1, id);
  sqlite3_step(stmt);
  sqlite3_finalize(stmt);
}

int dl_store_mend(sqlite3 *db,
                  int (*put)(struct dl_store *store, dl_sandbox *sb),
                  struct dl_store *store) {
  patch *list = NULL, *p;
  int rc = find(db, &list);
  if (rc)
    dl_store_complain(db, sqlite3_db_filename(db, "main"),
                      "its sandboxes cannot be read");
  for (p = rc ? NULL : list; p; p = p->next) {
    if (p->bad_id)
      drop(db, p->bad_id);
    else
      put(store, &p->sb);
  }
  free_patches(list);
  return rc;
}
