#include "attention.h"

curl_off_t dt_attention_moved(const dt_request *r) {
  return r->source.kind != DT_SOURCE_NONE || r->sources ? r->source.done
                                                        : r->sink.done;
}

int dt_attention_is_full(const dt_request *r) {
  return r->sink.kind == DT_SINK_CHUNKS &&
         dt_sink_held(&r->sink) >= r->sink.chunk;
}

static int is_wanted(const dt_transfer *t) {
  const dt_request *r = (const dt_request *)t;
  return dt_source_is_hungry(&r->source) || dt_attention_is_full(r) ||
         (r->watched && dt_attention_moved(r) != r->told);
}

static int resume(dt_transfer *t) {
  dt_request *r = (dt_request *)t;
  if (!r->source.paused || dt_source_is_hungry(&r->source))
    return 0;
  curl_easy_pause(t->easy, CURLPAUSE_CONT);
  return 1;
}

const dt_transfer_kind dt_attention_of_requests = {.is_wanted = is_wanted,
                                                   .resume = resume};

int dt_attention_is_wanted(const dt_transfer *t) {
  return t->attended && t->kind->is_wanted(t);
}

int dt_attention_resume(dt_transfer *t) {
  return t->attended && t->kind->resume && t->kind->resume(t);
}
