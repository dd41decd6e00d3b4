#ifndef DL_CONTROL_SERIES_H
#define DL_CONTROL_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a sandbox takes at one time, and what it may. */
typedef struct dl_sample {
  int64_t at; /* ms since 1970 */
  double cpu; /* percent of its cores since the sample before */
  int64_t cores;
  int64_t memory, memory_limit; /* bytes */
  int64_t disk, disk_limit;
} dl_sample;

#pragma GCC visibility push(hidden)

void dl_series_open(int64_t minute_ms);
bool dl_series_due(const char *id);
void dl_series_add(const char *id, double seconds, const dl_sample *sample);
size_t dl_series_read(const char *id, int64_t from, int64_t to,
                      dl_sample **out);
void dl_series_forget(const char *id);

#pragma GCC visibility pop

#endif
