#ifndef DL_FRONT_PLACES_H
#define DL_FRONT_PLACES_H

#include <stdbool.h>

/* The server's connections are shared by all sandboxes. What one of them may
 * hold of them, and what the visitors of previews may, is counted here, so that
 * a sandbox that answers nobody does not keep others from being served. */

typedef struct dl_place dl_place;

#pragma GCC visibility push(hidden)

dl_place *dl_place_take(const char *id, bool visitor, unsigned capacity);
void dl_place_leave(void *place);
void dl_place_keep(void *place, int fd);

#pragma GCC visibility pop

#endif
