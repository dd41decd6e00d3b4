#include "attention.h"

#include <stdbool.h>

#include "again.h"
#include "apart.h"
#include "driver.h"
#include "effect.h"
#include "link.h"
#include "pulse.h"

curl_off_t dt_attention_moved(const dt_request *r) {
  return r->source.kind != DT_SOURCE_NONE || r->sources ? r->source.done
                                                        : r->sink.done;
}

bool dt_attention_is_full(const dt_request *r) {
  return r->sink.kind == DT_SINK_CHUNKS &&
         dt_sink_held(&r->sink) >= r->sink.chunk;
}

static bool needs_lua(const dt_transfer *t) {
  const dt_request *r = (const dt_request *)t;
  return dt_source_needs_input(&r->source) || dt_attention_is_full(r) ||
         (r->observed && dt_attention_moved(r) != r->moved_reported);
}

static int resume(dt_transfer *t) {
  dt_request *r = (dt_request *)t;
  if (!r->source.paused || dt_source_needs_input(&r->source))
    return 0;
  curl_easy_pause(t->easy, CURLPAUSE_CONT);
  return 1;
}

/* What is known of a request that failed is known only now. */
static void ending(dt_transfer *t, CURLcode code) {
  dt_request *r = (dt_request *)t;
  int may_be_refused = code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
                       t->sending.is_refused;
  r->refused = code != CURLE_OK && r->sendings > 0 && r->header_bytes == 0 &&
               may_be_refused && dt_link_was_refused(t, r->error);
  if (t->sending.is_reused && r->header_bytes == 0 && !r->refused &&
      (code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
       code == CURLE_GOT_NOTHING))
    dt_pulse_died(t);
  dt_pulse_ended(t, code);
}

/* What libcurl 7.88 keeps of a paused stream it does not free while others use
 * the connection. */
static void leaving(dt_transfer *t) {
  dt_request *r = (dt_request *)t;
  if (!r->sink.paused)
    return;
  r->sink.discards = 1;
  curl_easy_pause(t->easy, CURLPAUSE_CONT);
}

/* Whether twice as much time is left when a call was silent for the longest: it
 * may be one that takes that long. */
static bool has_time(const dt_request *r, double silence) {
  return r->timeout == 0 || (double)r->timeout >= 3000 * silence;
}

/* Once only: whoever is that slow is waited for then. */
static bool is_repeatable(const dt_transfer *t) {
  const dt_request *r = (const dt_request *)t;
  bool is_sent = r->source.size <= 0 || r->source.done >= r->source.size;
  return r->sendings == 1 && has_time(r, t->driver->silence) &&
         r->header_bytes == 0 && is_sent &&
         r->source.kind != DT_SOURCE_CHUNKS && dt_effect_is_idempotent(r);
}

static int goes_on(dt_transfer *t, CURLcode code) {
  return dt_again_elsewhere((dt_request *)t) || dt_apart_falls_back(t, code);
}

const dt_transfer_kind dt_attention_of_requests = {.needs_lua = needs_lua,
                                                   .resume = resume,
                                                   .goes_on = goes_on,
                                                   .ending = ending,
                                                   .leaving = leaving,
                                                   .is_repeatable =
                                                       is_repeatable};

bool dt_attention_needs_lua(const dt_transfer *t) {
  return t->may_need_lua && t->kind->needs_lua(t);
}

int dt_attention_resume(dt_transfer *t) {
  return t->may_need_lua && t->kind->resume && t->kind->resume(t);
}

/* Wakes the uploads by chunks that were fed, and notes what needs Lua;
 * returns how many were woken. */
static int look_after(dt_driver *d) {
  int woken = 0;
  DT_LIST_EACH (dt_transfer, live, t, &d->live) {
    woken += dt_attention_resume(t);
    if (dt_attention_needs_lua(t))
      dt_driver_note_ready(d, t);
  }
  return woken;
}

void dt_attention_turn(dt_driver *d, double seconds) {
  int idle;
  dt_driver_perform(d, &idle);
  if (look_after(d) > 0) {
    dt_driver_perform(d, &idle);
    look_after(d);
  }
  if (!idle && !d->ready.first)
    dt_driver_poll(d, seconds);
}
