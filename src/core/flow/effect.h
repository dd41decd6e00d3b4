/* What is known of the effect of a request that failed, by its row and by what
 * the server said. */
#ifndef dt_effect_h
#define dt_effect_h

#include <stdbool.h>

#include "request_state.h"

#pragma GCC visibility push(hidden)

/* Whether the server may have seen any of it. */
bool dt_effect_was_sent(const dt_request *r);

/* Whether doing it twice is as good as once. */
bool dt_effect_is_idempotent(const dt_request *r);

/* "failed" if the server cannot have acted, else "unknown"; 'status' 0: there
 * is no answer that says anything. */
const char *dt_effect_outcome(const dt_request *r, long status);

/* Whether the same call could succeed later without acting twice. */
bool dt_effect_is_retryable(const dt_request *r, const char *kind, long status);

/* Whether a row, asked by 'method', changes nothing. */
int dt_effect_row_reads(const dt_operation *op, const char *method);

#pragma GCC visibility pop
#endif
