#include "clock.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* The years 0000 to 9999. */
#define FIRST_MS INT64_C(-62167219200000)
#define LAST_MS INT64_C(253402300799999)

static int64_t read_ms(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t dl_clock_monotonic_ms(void) {
  return read_ms(CLOCK_MONOTONIC);
}

int64_t dl_clock_deadline(int ms) {
  return ms < 0 ? -1 : dl_clock_monotonic_ms() + ms;
}

int dl_clock_left(int64_t deadline) {
  if (deadline < 0)
    return -1;
  int64_t left = deadline - dl_clock_monotonic_ms();
  if (left < 0)
    return 0;
  return left > INT_MAX ? INT_MAX : (int)left;
}

struct timespec dl_clock_after(int ms) {
  struct timespec when;
  clock_gettime(CLOCK_MONOTONIC, &when);
  when.tv_sec += ms / 1000;
  when.tv_nsec += (long)(ms % 1000) * 1000000;
  if (when.tv_nsec >= 1000000000) {
    when.tv_sec++;
    when.tv_nsec -= 1000000000;
  }
  return when;
}

void dl_clock_cond_init(pthread_cond_t *cond) {
  pthread_condattr_t attr;
  pthread_condattr_init(&attr);
  pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
  pthread_cond_init(cond, &attr);
  pthread_condattr_destroy(&attr);
}

int64_t dl_clock_boot_ms(void) {
  return read_ms(CLOCK_BOOTTIME);
}

int64_t dl_clock_now_ms(void) {
  return read_ms(CLOCK_REALTIME);
}

static void put_digits(char *at, int count, int n) {
  while (count-- > 0) {
    at[count] = (char)('0' + n % 10);
    n /= 10;
  }
}

/* Lists have three for each row, so it does without printf. */
void dl_clock_iso_ms(int64_t unix_ms, char out[DL_CLOCK_TEXT]) {
  static const char form[] = "0000-00-00T00:00:00.000Z";
  struct tm tm;
  if (unix_ms < FIRST_MS)
    unix_ms = FIRST_MS;
  if (unix_ms > LAST_MS)
    unix_ms = LAST_MS;
  time_t seconds = (time_t)((unix_ms - FIRST_MS) / 1000 + FIRST_MS / 1000);
  memset(&tm, 0, sizeof tm);
  gmtime_r(&seconds, &tm);
  memcpy(out, form, sizeof form);
  put_digits(out, 4, tm.tm_year + 1900);
  put_digits(out + 5, 2, tm.tm_mon + 1);
  put_digits(out + 8, 2, tm.tm_mday);
  put_digits(out + 11, 2, tm.tm_hour);
  put_digits(out + 14, 2, tm.tm_min);
  put_digits(out + 17, 2, tm.tm_sec);
  put_digits(out + 20, 3, (int)((unix_ms - FIRST_MS) % 1000));
}

/* Reads two digits; NULL if there are none. */
static const char *two_digits(const char *p, int *out) {
  if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
    return NULL;
  *out = (p[0] - '0') * 10 + (p[1] - '0');
  return p + 2;
}

/* "+hh:mm", "-hhmm", "Z" or nothing, to the end of the text. */
static int parse_zone(const char *p, int *minutes) {
  int hours, rest, sign = *p == '-' ? -1 : 1;
  *minutes = 0;
  if (!*p || ((*p == 'Z' || *p == 'z') && !p[1]))
    return 0;
  if ((*p != '+' && *p != '-') || !(p = two_digits(p + 1, &hours)))
    return -1;
  if (*p == ':')
    p++;
  if (!(p = two_digits(p, &rest)) || *p)
    return -1;
  *minutes = sign * (hours * 60 + rest);
  return 0;
}

int dl_clock_parse_iso(const char *text, int64_t *unix_ms) {
  static const char *const forms[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M",
                                      "%Y-%m-%d"};
  const char *end = NULL;
  struct tm tm;
  int minutes, ms = 0, scale = 100;
  size_t i;
  for (i = 0; !end && i < sizeof forms / sizeof *forms; i++) {
    memset(&tm, 0, sizeof tm);
    end = strptime(text, forms[i], &tm);
  }
  if (!end)
    return -1;
  if (*end == '.') {
    for (end++; *end >= '0' && *end <= '9'; end++, scale /= 10)
      ms += (*end - '0') * scale;
  }
  if (parse_zone(end, &minutes))
    return -1;
  *unix_ms = ((int64_t)timegm(&tm) - minutes * 60) * 1000 + ms;
  return 0;
}

/* Writes the date by `format`, then the fraction without trailing zeros (no
 * point when it is zero), then `zone`. */
static void write_time(struct timespec when, const char *format,
                       const char *zone, char out[DL_CLOCK_TEXT]) {
  struct tm tm;
  memset(&tm, 0, sizeof tm);
  gmtime_r(&when.tv_sec, &tm);
  size_t n = strftime(out, DL_CLOCK_TEXT, format, &tm);
  char fraction[16];
  snprintf(fraction, sizeof fraction, ".%09ld", when.tv_nsec);
  size_t k = strlen(fraction);
  while (k > 0 && fraction[k - 1] == '0')
    k--;
  if (k == 1)
    k = 0;
  fraction[k] = '\0';
  snprintf(out + n, DL_CLOCK_TEXT - n, "%s%s", fraction, zone);
}

void dl_clock_rfc3339(struct timespec when, char out[DL_CLOCK_TEXT]) {
  write_time(when, "%Y-%m-%dT%H:%M:%S", "Z", out);
}

void dl_clock_rfc3339_now(char out[DL_CLOCK_TEXT]) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  dl_clock_rfc3339(now, out);
}

void dl_clock_go_text(struct timespec when, char out[DL_CLOCK_TEXT]) {
  write_time(when, "%Y-%m-%d %H:%M:%S", " +0000 UTC", out);
}
