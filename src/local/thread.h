#ifndef DL_THREAD_H
#define DL_THREAD_H

#include <pthread.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

int dl_thread_start_joinable(pthread_t *thread, void *(*run)(void *arg),
                             void *arg, size_t stack);
int dl_thread_start(void *(*run)(void *arg), void *arg, size_t stack);

#pragma GCC visibility pop

#endif
