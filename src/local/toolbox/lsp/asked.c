#include "asked.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* The Python projects that an older server was asked about before it was told
 * to start a language server for them: only these get the right one. */

#define MOST 32

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *projects[MOST];

static char **look_up(const char *project) {
  size_t i;
  for (i = 0; i < MOST; i++) {
    if (projects[i] && strcmp(projects[i], project) == 0)
      return &projects[i];
  }
  return NULL;
}

/* Remembers that somebody has asked about the project, while there is room. */
void dl_lsp_asked_note(const char *language, const char *project) {
  size_t i = 0;
  if (strcmp(language, "python") != 0)
    return;
  pthread_mutex_lock(&lock);
  while (i < MOST && projects[i])
    i++;
  if (i < MOST && !look_up(project))
    projects[i] = strdup(project);
  pthread_mutex_unlock(&lock);
}

/* Whether somebody has; forgets it. */
bool dl_lsp_asked_before(const char *language, const char *project) {
  char **at;
  pthread_mutex_lock(&lock);
  at = strcmp(language, "python") == 0 ? look_up(project) : NULL;
  if (at) {
    free(*at);
    *at = NULL;
  }
  pthread_mutex_unlock(&lock);
  return at != NULL;
}
