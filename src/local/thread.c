#include "thread.h"

/* Starts a thread with so many bytes of stack. 0, or an errno value. */
int dl_thread_start_joinable(pthread_t *thread, void *(*run)(void *arg),
                             void *arg, size_t stack) {
  pthread_attr_t attr;
  int error = pthread_attr_init(&attr);
  if (error)
    return error;
  pthread_attr_setstacksize(&attr, stack);
  error = pthread_create(thread, &attr, run, arg);
  pthread_attr_destroy(&attr);
  return error;
}

/* The same for a thread that nobody joins. */
int dl_thread_start(void *(*run)(void *arg), void *arg, size_t stack) {
  pthread_t thread;
  int error = dl_thread_start_joinable(&thread, run, arg, stack);
  if (error == 0)
    pthread_detach(thread);
  return error;
}
