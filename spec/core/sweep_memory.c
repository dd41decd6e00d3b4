/* Sources of memory that count what is out and refuse what they are told to. */
#define SWEEP_REAL
#include "sweep_alloc.h"

#include <curl/curl.h>

#include "sweep_memory.h"

gate lua_memory = {.left = -1}, core_memory = {.left = -1},
     curl_memory = {.left = -1};

static int refuse(gate *g) {
  if (g->left < 0)
    return 0;
  if (g->left > 0)
    return g->left--, 0;
  g->fired = 1;
  if (!g->onwards)
    g->left = -1;
  return 1;
}

/* Atomic, because a resolver's thread of libcurl gives back, too. */
static void account(gate *g, long n) {
  __atomic_fetch_add(&g->live, n, __ATOMIC_RELAXED);
}

static void *get(gate *g, size_t n) {
  void *p = refuse(g) ? NULL : malloc(n);
  if (p)
    account(g, 1);
  return p;
}

static void *resize(gate *g, void *p, size_t n) {
  if (!p)
    return get(g, n);
  return refuse(g) ? NULL : realloc(p, n);
}

static char *duplicate(gate *g, const char *s) {
  size_t n = strlen(s) + 1;
  char *copy = get(g, n);
  return copy ? memcpy(copy, s, n) : NULL;
}

static void give_back(gate *g, void *p) {
  if (p)
    account(g, -1);
  free(p);
}

void *sweep_malloc(size_t n) {
  return get(&core_memory, n);
}

/* Of things that are few and small. */
void *sweep_calloc(size_t count, size_t size) {
  void *p = get(&core_memory, count * size);
  return p ? memset(p, 0, count * size) : NULL;
}

void *sweep_realloc(void *p, size_t n) {
  return resize(&core_memory, p, n);
}

char *sweep_strdup(const char *s) {
  return duplicate(&core_memory, s);
}

char *sweep_strndup(const char *s, size_t n) {
  n = strnlen(s, n);
  char *copy = sweep_malloc(n + 1);
  if (copy) {
    memcpy(copy, s, n);
    copy[n] = '\0';
  }
  return copy;
}

char *sweep_realpath(const char *path, char *resolved) {
  char *result = refuse(&core_memory) ? NULL : realpath(path, resolved);
  if (result)
    account(&core_memory, 1);
  return result;
}

void sweep_free(void *p) {
  give_back(&core_memory, p);
}

static void *curl_malloc(size_t n) {
  return get(&curl_memory, n);
}

static void *curl_realloc(void *p, size_t n) {
  return resize(&curl_memory, p, n);
}

static char *curl_strdup(const char *s) {
  return duplicate(&curl_memory, s);
}

static void *curl_calloc(size_t count, size_t n) {
  void *p = refuse(&curl_memory) ? NULL : calloc(count, n);
  if (p)
    account(&curl_memory, 1);
  return p;
}

static void curl_release(void *p) {
  give_back(&curl_memory, p);
}

void *sweep_lua(void *ud, void *p, size_t old, size_t n) {
  (void)ud;
  if (!p)
    old = 0;
  if (n <= old) {
    lua_memory.live -= (long)(old - n);
    if (n > 0)
      return realloc(p, n);
    free(p);
    return NULL;
  }
  void *fresh = refuse(&lua_memory) ? NULL : malloc(n);
  if (!fresh)
    return NULL;
  if (p)
    memcpy(fresh, p, old);
  free(p);
  lua_memory.live += (long)(n - old);
  return fresh;
}

int sweep_init_curl(void) {
  return curl_global_init_mem(CURL_GLOBAL_DEFAULT, curl_malloc, curl_release,
                              curl_realloc, curl_strdup,
                              curl_calloc) == CURLE_OK
             ? 0
             : -1;
}
