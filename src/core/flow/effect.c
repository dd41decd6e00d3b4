#include "effect.h"

#include <stdbool.h>
#include <string.h>

bool dt_effect_was_sent(const dt_request *r) {
  return r->sendings > 0 && !r->refused;
}

/* Whether it is a WebSocket on which messages have begun. */
static bool is_conversation(const dt_request *r) {
  return r->operation->body == DT_WEBSOCKET && r->sendings > 0 && !r->answer;
}

/* The GET of a WebSocket says nothing: it may make a terminal. */
int dt_effect_row_reads(const dt_operation *op, const char *method) {
  return (op->flags & DT_READS) ||
         (op->body != DT_WEBSOCKET &&
          (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0));
}

/* Opening a WebSocket that may be opened twice is reading, too. */
static bool is_reading(const dt_request *r) {
  const dt_operation *op = r->operation;
  return dt_effect_row_reads(op, r->method ? r->method : op->method) ||
         (op->body == DT_WEBSOCKET && (op->flags & DT_IDEMPOTENT) &&
          !is_conversation(r));
}

bool dt_effect_is_idempotent(const dt_request *r) {
  if (is_reading(r))
    return true;
  return (r->operation->flags & DT_IDEMPOTENT) && !is_conversation(r);
}

bool dt_effect_is_retryable(const dt_request *r, const char *kind,
                            long status) {
  if (status == 429)
    return true;
  if (status == 503)
    return dt_effect_is_idempotent(r) || r->retry_after >= 0;
  if (status == 502 || status == 504)
    return dt_effect_is_idempotent(r);
  if (status != 0)
    return false;
  if (strcmp(kind, "connection") != 0 && strcmp(kind, "timeout") != 0)
    return false;
  if (r->proxy_status >= 400 && r->proxy_status < 500)
    return false; /* the proxy will refuse it again */
  return !dt_effect_was_sent(r) || dt_effect_is_idempotent(r);
}

/* Whether an answer of that status can come only before anything was done.
 * What runs in the sandbox may have begun when its end is told by 503 (it
 * stops) or 410 (it is gone). */
static bool is_refusal(const dt_request *r, long status) {
  switch (status) {
    case 303: /* see what it has made */
    case 408:
    case 499:
      return false;
    case 410:
      return !(r->operation->flags & DT_RUNS);
    case 503:
      return !(r->operation->flags & DT_RUNS) || r->retry_after >= 0;
    case 501:
    case 505:
    case 511:
      return true;
    default:
      return status >= 300 && status < 500;
  }
}

const char *dt_effect_outcome(const dt_request *r, long status) {
  if (is_reading(r) || !dt_effect_was_sent(r))
    return "failed";
  if (r->source.error && r->source.done == 0)
    return "failed"; /* the file was never read: no byte of it has gone */
  return is_refusal(r, status) ? "failed" : "unknown";
}
