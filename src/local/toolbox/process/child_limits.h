#ifndef DL_TOOLBOX_CHILD_LIMITS_H
#define DL_TOOLBOX_CHILD_LIMITS_H

#include <jansson.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* Takes the object `limits` of the configuration; a number that is not in it,
 * or 0, sets no limit. */
void dl_child_limits_read(const json_t *limits);

/* The sandbox may have more memory from now on: the bytes of data of this
 * process, and of each that it starts. What runs keeps what it has. */
void dl_child_limits_raise(long long ours, long long theirs);

/* Sets the limits of the calling process, which is about to execute another
 * program: nothing but system calls is done. 0, or an errno value. */
int dl_child_limits_confine(void);

/* The bytes of memory that the sandbox may have; 0 where that is not bound. */
int64_t dl_child_limits_memory(void);

/* How many bytes of output the toolbox may hold for all that it runs. */
int64_t dl_child_limits_output(void);

/* How many commands may be fresh at a time, and how long one is that. */
unsigned dl_child_limits_at_once(void);

unsigned dl_child_limits_fresh_ms(void);

/* How many may wait for their turn. */
unsigned dl_child_limits_waiting(void);

#pragma GCC visibility pop

#endif
