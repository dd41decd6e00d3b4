#include "rate_limit.h"

#include <string.h>

#include "libcurl.h"

double dt_header_number(const char *text) {
  double value = 0, scale = 1;
  text += strspn(text, " \t");
  if (*text < '0' || *text > '9')
    return -1;
  for (; *text >= '0' && *text <= '9'; text++)
    value = value * 10 + (*text - '0');
  if (*text == '.')
    for (text++; *text >= '0' && *text <= '9' && scale < 1e9; text++) {
      value = value * 10 + (*text - '0');
      scale *= 10;
    }
  return value / scale;
}

/* The limiter called by the 'n' bytes at 'name', a new one if need be; NULL if
 * that is too long or there are too many. */
static dt_rate_limit *find(dt_rate_limits *limits, const char *name, size_t n) {
  if (n >= sizeof limits->list[0].name)
    return NULL;
  for (int i = 0; i < limits->count; i++)
    if (strlen(limits->list[i].name) == n &&
        curl_strnequal(limits->list[i].name, name, n))
      return &limits->list[i];
  if (limits->count == DT_RATE_LIMITS)
    return NULL;
  dt_rate_limit *limit = &limits->list[limits->count++];
  memcpy(limit->name, name, n);
  limit->name[n] = '\0';
  limit->remaining = limit->reset = -1;
  return limit;
}

void dt_rate_limit_note(dt_rate_limits *limits, const char *line) {
  static const char remaining[] = "x-ratelimit-remaining",
                    reset[] = "x-ratelimit-reset";
  size_t n = curl_strnequal(line, remaining, sizeof remaining - 1)
                 ? sizeof remaining - 1
             : curl_strnequal(line, reset, sizeof reset - 1) ? sizeof reset - 1
                                                             : 0;
  const char *colon = n > 0 ? strchr(line, ':') : NULL;
  if (!colon || (line[n] != ':' && line[n] != '-'))
    return;
  double value = dt_header_number(colon + 1);
  if (!(value >= 0 && value < 1e9))
    return;
  const char *name = line + n + (line[n] == '-');
  dt_rate_limit *limit = find(limits, name, (size_t)(colon - name));
  if (!limit)
    return;
  if (n == sizeof remaining - 1)
    limit->remaining = value;
  else
    limit->reset = value;
}

const dt_rate_limit *dt_rate_limit_tightest(const dt_rate_limits *limits) {
  const dt_rate_limit *best = NULL;
  for (int i = 0; i < limits->count; i++) {
    const dt_rate_limit *limit = &limits->list[i];
    if (limit->remaining < 0 || limit->reset < 0)
      continue;
    if (!best || limit->remaining < best->remaining ||
        (!(limit->remaining > best->remaining) && limit->reset > best->reset))
      best = limit;
  }
  return best;
}
