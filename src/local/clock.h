#ifndef DL_CLOCK_H
#define DL_CLOCK_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

#define DL_CLOCK_TEXT 48 /* enough for every text made here */

#pragma GCC visibility push(hidden)

/* Milliseconds of a clock that never jumps; only differences mean anything. */
int64_t dl_clock_monotonic_ms(void);

/* The reading of that clock in `ms` milliseconds; -1, which is never, for less
 * than 0. */
int64_t dl_clock_deadline(int ms);

/* Milliseconds until then, as poll wants them: 0 if it is over, -1 for ever. */
int dl_clock_left(int64_t deadline);

/* The moment `ms` from now on that clock. */
struct timespec dl_clock_after(int ms);

/* A condition whose timed waits take such moments. */
void dl_clock_cond_init(pthread_cond_t *cond);

/* The same with the time that the machine slept. */
int64_t dl_clock_boot_ms(void);

/* Milliseconds since 1970 (UTC). */
int64_t dl_clock_now_ms(void);

/* "2026-11-22T21:56:36.233Z", the form of JavaScript's toISOString; years have
 * four digits, what is before or behind them is the first or the last moment.
 */
void dl_clock_iso_ms(int64_t unix_ms, char out[DL_CLOCK_TEXT]);

/* Reads a date with an optional time, fraction and zone ("2026-11-22",
 * "2026-11-22T21:56:36.233Z", "...+01:00"; without a zone it is UTC). 0, or -1
 * for anything else. */
int dl_clock_parse_iso(const char *text, int64_t *unix_ms);

/* "2026-11-22T21:56:36.233740918Z", trailing zeros trimmed. */
void dl_clock_rfc3339(struct timespec when, char out[DL_CLOCK_TEXT]);

/* The present time in the same form. */
void dl_clock_rfc3339_now(char out[DL_CLOCK_TEXT]);

/* "2026-11-22 22:06:04.724043041 +0000 UTC", as Go prints a time. */
void dl_clock_go_text(struct timespec when, char out[DL_CLOCK_TEXT]);

#pragma GCC visibility pop

#endif
