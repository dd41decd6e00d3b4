#ifndef DL_THREAD_H
#define DL_THREAD_H

#include <pthread.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Starts a thread with so many bytes of stack. 0, or an errno value. */
int dl_thread_start_joinable(pthread_t *thread, void *(*run)(void *arg),
                             void *arg, size_t stack);

/* The same for a thread that nobody joins. */
int dl_thread_start(void *(*run)(void *arg), void *arg, size_t stack);

#pragma GCC visibility pop

#endif
