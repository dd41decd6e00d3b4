/* The memory of Lua, of the core and of libcurl, each from a source that counts
 * and can refuse.  The core's own functions are in sweep_alloc.h. */
#ifndef sweep_memory_h
#define sweep_memory_h

#include <stddef.h>

/* One source of memory, which refuses nothing while 'left' is negative. */
typedef struct gate {
  long left;   /* allocations until one fails, negative: none will */
  int onwards; /* all after it fail, too */
  int fired;
  long live; /* what was not given back: bytes of Lua, else blocks */
} gate;

extern gate lua_memory, core_memory, curl_memory;

/* lua_Alloc.  A block that grows always moves, so that a pointer kept into the
 * old one is caught; one that shrinks may not fail. */
void *sweep_lua(void *ud, void *p, size_t old, size_t n);

/* Gives libcurl its memory from 'curl_memory'; returns 0, or -1. */
int sweep_init_curl(void);

#endif
