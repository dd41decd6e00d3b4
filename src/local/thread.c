#include "thread.h"

#include <pthread.h>

/* Starts a thread that nobody joins, with so many bytes of stack. 0, or an
 * errno value. */
int dl_thread_start(void *(*run)(void *arg), void *arg, size_t stack) {
  pthread_attr_t attr;
  pthread_t thread;
  int error = pthread_attr_init(&attr);
  if (error)
    return error;
  pthread_attr_setstacksize(&attr, stack);
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  error = pthread_create(&thread, &attr, run, arg);
  pthread_attr_destroy(&attr);
  return error;
}
