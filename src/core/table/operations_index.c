/* All rows, and the one of a name. */
#include <stdbool.h>
#include <pthread.h>
#include <string.h>

#include "operations.h"

static const dt_operation *const planes[] = {
    dt_operations_api,     dt_operations_toolbox, dt_operations_live,
    dt_operations_git,     dt_operations_lsp,     dt_operations_computer,
    dt_operations_catalog, dt_operations_local};
enum { PLANES = sizeof planes / sizeof planes[0] };

/* A power of two, well over the number of rows: a search ends at an empty
 * slot. */
enum { SLOTS = 1024 };

static const dt_operation *slots[SLOTS];
static pthread_once_t filled = PTHREAD_ONCE_INIT;

const dt_operation *dt_operations_next(dt_walk *walk) {
  while (walk->plane < PLANES) {
    const dt_operation *op = &planes[walk->plane][walk->row];
    if (op->name) {
      walk->row++;
      return op;
    }
    walk->plane++;
    walk->row = 0;
  }
  return NULL;
}

/* FNV-1a. */
static unsigned slot_of(const char *name) {
  unsigned hash = 2166136261u;
  for (; *name; name++)
    hash = (hash ^ (unsigned char)*name) * 16777619u;
  return hash % SLOTS;
}

static void fill(void) {
  dt_walk walk = {0, 0};
  for (const dt_operation *op; (op = dt_operations_next(&walk)) != NULL;) {
    unsigned slot = slot_of(op->name);
    while (slots[slot])
      slot = (slot + 1) % SLOTS;
    slots[slot] = op;
  }
}

const dt_operation *dt_operations_find(const char *name) {
  pthread_once(&filled, fill);
  unsigned slot = slot_of(name);
  while (slots[slot] && strcmp(slots[slot]->name, name) != 0)
    slot = (slot + 1) % SLOTS;
  return slots[slot];
}

int dt_operations_makes_method(const dt_operation *op) {
  return op->path[0] != '\0' && !(op->flags & DT_BY_HAND);
}

bool dt_operations_is_handle(const dt_operation *op, const dt_field *f) {
  return (f->flags & DT_HELD) || (strcmp(f->name, "sandbox_id") == 0 &&
                                  strncmp(op->name, "sandbox.", 8) == 0);
}

bool dt_operations_is_argument(const dt_operation *op, const dt_field *f) {
  return (f->flags & DT_REQUIRED) && !dt_operations_is_handle(op, f);
}
