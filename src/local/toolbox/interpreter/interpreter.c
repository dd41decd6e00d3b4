#include "interpreter.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static dl_context *all; /* the default one, too */

/* A context that nobody knows yet, with one reference. NULL without memory. */
dl_context *dl_context_make(const dl_toolbox *toolbox, const char *id,
                            const char *cwd) {
  dl_context *context = calloc(1, sizeof *context);
  if (!context)
    return NULL;
  context->toolbox = toolbox;
  context->refs = 1;
  snprintf(context->id, sizeof context->id, "%s", id);
  dl_clock_rfc3339_now(context->created_at);
  context->cwd = strdup(cwd && *cwd ? cwd : toolbox->work_dir);
  if (context->cwd)
    return context;
  free(context);
  return NULL;
}

/* Lets others find it. The list has a reference of its own. */
static void add(dl_context *context) {
  context->refs++;
  context->next = all;
  all = context;
}

int dl_context_add(dl_context *context) {
  int error = dl_interpreter_start(context);
  if (error)
    return error;
  pthread_mutex_lock(&lock);
  add(context);
  pthread_mutex_unlock(&lock);
  return 0;
}

static dl_context *find(const char *id) {
  dl_context *context = all;
  while (context && strcmp(context->id, id) != 0)
    context = context->next;
  return context;
}

dl_context *dl_context_find(const dl_toolbox *toolbox, const char *id) {
  pthread_mutex_lock(&lock);
  dl_context *context = find(id);
  if (context)
    context->refs++;
  else if (strcmp(id, DL_CONTEXT_DEFAULT) == 0) {
    context = dl_context_make(toolbox, id, NULL);
    if (context)
      add(context);
  }
  pthread_mutex_unlock(&lock);
  return context;
}

void dl_context_unref(dl_context *context) {
  if (!context)
    return;
  pthread_mutex_lock(&lock);
  bool last = --context->refs == 0;
  pthread_mutex_unlock(&lock);
  if (!last)
    return;
  dl_interpreter_stop(context);
  free(context->cwd);
  free(context);
}

static void wake(const dl_turn *turn) {
  const uint64_t one = 1;
  /* An eventfd takes a count without ever blocking. */
  if (write(turn->fd, &one, sizeof one) < 0)
    return;
}

bool dl_context_delete(const char *id) {
  dl_context **at = &all, *context;
  pthread_mutex_lock(&lock);
  while (*at && strcmp((*at)->id, id) != 0)
    at = &(*at)->next;
  context = *at;
  const dl_turn *turn;
  if (context) {
    *at = context->next;
    context->deleted = true;
    for (turn = context->turns; turn; turn = turn->next)
      wake(turn);
  }
  pthread_mutex_unlock(&lock);
  dl_context_unref(context);
  return context != NULL;
}

json_t *dl_context_info(const dl_context *context) {
  return json_pack("{s:s, s:s, s:s, s:b, s:s}", "id", context->id, "cwd",
                   context->cwd, "createdAt", context->created_at, "active", 1,
                   "language", "python");
}

json_t *dl_context_list(void) {
  json_t *list = json_array();
  pthread_mutex_lock(&lock);
  const dl_context *context;
  for (context = all; context && list; context = context->next) {
    if (strcmp(context->id, DL_CONTEXT_DEFAULT) != 0 &&
        json_array_append_new(list, dl_context_info(context))) {
      json_decref(list);
      list = NULL;
    }
  }
  pthread_mutex_unlock(&lock);
  return list;
}

int dl_context_queue(dl_context *context, dl_turn *turn) {
  dl_turn **end = &context->turns;
  turn->next = NULL;
  turn->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (turn->fd < 0)
    return errno;
  pthread_mutex_lock(&lock);
  while (*end)
    end = &(*end)->next;
  *end = turn;
  if (context->turns == turn || context->deleted)
    wake(turn);
  pthread_mutex_unlock(&lock);
  return 0;
}

bool dl_context_has_turn(const dl_context *context, dl_turn *turn) {
  pthread_mutex_lock(&lock);
  bool first = context->turns == turn;
  uint64_t count;
  if (read(turn->fd, &count, sizeof count) < 0)
    count = 0;
  if (context->deleted)
    wake(turn);
  pthread_mutex_unlock(&lock);
  return first;
}

bool dl_context_deleted(const dl_context *context) {
  pthread_mutex_lock(&lock);
  bool is = context->deleted;
  pthread_mutex_unlock(&lock);
  return is;
}

void dl_context_leave(dl_context *context, dl_turn *turn) {
  dl_turn **at = &context->turns;
  pthread_mutex_lock(&lock);
  while (*at != turn)
    at = &(*at)->next;
  *at = turn->next;
  if (context->turns)
    wake(context->turns);
  pthread_mutex_unlock(&lock);
  close(turn->fd);
}
