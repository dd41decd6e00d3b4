#include "thread.h"

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

int dl_thread_start(void *(*run)(void *arg), void *arg, size_t stack) {
  pthread_t thread;
  int error = dl_thread_start_joinable(&thread, run, arg, stack);
  if (error == 0)
    pthread_detach(thread);
  return error;
}
