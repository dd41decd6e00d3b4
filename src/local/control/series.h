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

/* How long a minute is, before the first sample. */
void dl_series_open(int64_t minute_ms);

/* Whether it is time for the next sample of that sandbox. */
bool dl_series_due(const char *id);

/* Keeps a sample, whose `cpu` follows from the seconds of processor time that
 * the sandbox has taken so far. */
void dl_series_add(const char *id, double seconds, const dl_sample *sample);

/* The samples of that time, both ends included, in their order: how many *out
 * has, which is to be freed. */
size_t dl_series_read(const char *id, int64_t from, int64_t to,
                      dl_sample **out);

/* The sandbox is deleted. */
void dl_series_forget(const char *id);

#pragma GCC visibility pop

#endif
