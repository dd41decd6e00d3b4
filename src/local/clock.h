#ifndef DL_CLOCK_H
#define DL_CLOCK_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

#define DL_CLOCK_TEXT 48 /* enough for every text made here */

#pragma GCC visibility push(hidden)

int64_t dl_clock_monotonic_ms(void);
int64_t dl_clock_deadline(int ms);
int dl_clock_left(int64_t deadline);
struct timespec dl_clock_after(int ms);
void dl_clock_cond_init(pthread_cond_t *cond);
int64_t dl_clock_boot_ms(void);
int64_t dl_clock_now_ms(void);
void dl_clock_iso_ms(int64_t unix_ms, char out[DL_CLOCK_TEXT]);
int dl_clock_parse_iso(const char *text, int64_t *unix_ms);
void dl_clock_rfc3339(struct timespec when, char out[DL_CLOCK_TEXT]);
void dl_clock_rfc3339_now(char out[DL_CLOCK_TEXT]);
void dl_clock_go_text(struct timespec when, char out[DL_CLOCK_TEXT]);

#pragma GCC visibility pop

#endif
