#ifndef DL_TOOLBOX_CHILD_LIMITS_H
#define DL_TOOLBOX_CHILD_LIMITS_H

#include <jansson.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

void dl_child_limits_read(const json_t *limits);
void dl_child_limits_raise(long long ours, long long theirs);
int dl_child_limits_confine(void);
int64_t dl_child_limits_memory(void);
int64_t dl_child_limits_output(void);
unsigned dl_child_limits_at_once(void);
unsigned dl_child_limits_fresh_ms(void);
unsigned dl_child_limits_waiting(void);

#pragma GCC visibility pop

#endif
