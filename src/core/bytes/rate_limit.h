/* What the headers of an answer tell of the server's rate limits. */
#ifndef dt_rate_limit_h
#define dt_rate_limit_h

#pragma GCC visibility push(hidden)

/* One limiter: X-RateLimit-Remaining-NAME and X-RateLimit-Reset-NAME. */
typedef struct dt_rate_limit {
  char name[24];
  double remaining; /* calls, negative: not said */
  double reset;     /* seconds until there are more, negative: not said */
} dt_rate_limit;

enum { DT_RATE_LIMITS = 4 }; /* a route of the real server has two */

typedef struct dt_rate_limits {
  int count;
  dt_rate_limit list[DT_RATE_LIMITS];
} dt_rate_limits;

/* Takes the header 'line' (NUL-terminated) if it is one of these. */
void dt_rate_limit_note(dt_rate_limits *limits, const char *line);

/* The limiter that leaves the fewest calls, of equal ones the one that lasts
 * longest; NULL if none says both of its figures. */
const dt_rate_limit *dt_rate_limit_tightest(const dt_rate_limits *limits);

/* The number with which the value of a header begins, with a point in every
 * locale; negative: there is none. */
double dt_header_number(const char *text);

#pragma GCC visibility pop
#endif
