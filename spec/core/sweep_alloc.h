/* Put in front of every file of src/core by -include: the core's own memory
 * then comes from functions that count and can refuse (sweep_memory.c). */
#ifndef sweep_alloc_h
#define sweep_alloc_h

#include <stdlib.h>
#include <string.h>

void *sweep_malloc(size_t n);
void *sweep_calloc(size_t count, size_t size);
void *sweep_realloc(void *p, size_t n);
char *sweep_strdup(const char *s);
char *sweep_strndup(const char *s, size_t n);
char *sweep_realpath(const char *path, char *resolved);
void sweep_free(void *p);

#ifndef SWEEP_REAL
#undef strdup
#undef strndup
#define malloc sweep_malloc
#define calloc sweep_calloc
#define realloc sweep_realloc
#define strdup sweep_strdup
#define strndup sweep_strndup
#define realpath sweep_realpath
#define free sweep_free
#endif

#endif
