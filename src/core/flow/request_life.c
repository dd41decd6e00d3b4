/* A request from its birth to its end. */
#include "request_life.h"

#include <stdlib.h>
#include <string.h>

#include "attention.h"
#include "driver.h"

enum { SCRATCH_KEPT = 64 * 1024 };

void dt_request_init(dt_request *r, dt_client *c, const dt_operation *op) {
  memset(r, 0, sizeof *r);
  r->transfer.kind = &dt_attention_of_requests;
  r->client = c;
  r->operation = op;
  r->sink.fd = -1;
  r->sink.limit = c->max_response;
  r->retry_after = -1;
  r->plain = 1;
}

/* Gives a handle that no option ties to a request to the driver. */
static void give_bound(dt_client *c, dt_request *r) {
  if (!r->bound)
    return;
  curl_easy_setopt(r->bound, CURLOPT_ERRORBUFFER, NULL);
  curl_easy_setopt(r->bound, CURLOPT_VERBOSE, 0L);
  dt_driver_give(&c->driver, r->bound, 1);
  r->bound = NULL;
}

void dt_request_free_spare(dt_client *c) {
  if (!c->spare)
    return;
  give_bound(c, c->spare);
  free(c->spare);
  c->spare = NULL;
}

long dt_request_status(const dt_request *r) {
  long status = 0;
  if (r->transfer.easy && r->sendings > 0)
    curl_easy_getinfo(r->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

void dt_request_break_off(dt_request *r) {
  dt_driver *d = &r->client->driver;
  if (dt_driver_is_done(&r->transfer))
    return;
  dt_driver_withdraw(d, &r->transfer);
  if (!r->transfer.done) { /* the thread may have been quicker */
    r->cancelled = 1;
    r->transfer.code = CURLE_ABORTED_BY_CALLBACK;
    r->plain = 0;
  }
  /* Again: withdrawing took it from the list of a background driver, if it was
   * there. */
  dt_driver_mark_done(d, &r->transfer);
}

/* Gives memory back to the client for its next request. */
static void give_back(dt_buffer *lender, dt_buffer *b) {
  if (!lender->data && b->cap <= SCRATCH_KEPT)
    *lender = *b;
  else
    dt_buffer_free(b);
  *b = (dt_buffer){0};
}

void dt_request_give_back(dt_request *r) {
  give_back(&r->client->url, &r->url);
  give_back(&r->client->body, &r->body);
}

void dt_request_release(dt_request *r) {
  CURL *easy = r->transfer.easy;
  dt_driver_unwatch(&r->client->driver, &r->transfer);
  dt_driver_withdraw(&r->client->driver, &r->transfer);
  r->transfer.easy = NULL;
  if (easy && r->plain && r->transfer.done)
    r->bound = easy;
  else if (easy)
    dt_driver_give(&r->client->driver, easy, 0);
  curl_mime_free(r->mime);
  curl_slist_free_all(r->headers);
  dt_source_close(&r->source);
  for (size_t i = 0; i < r->source_count; i++)
    dt_source_close(&r->sources[i]);
  free(r->sources);
  r->mime = NULL;
  r->headers = NULL;
  r->sources = NULL;
  r->source_count = 0;
}

/* Ends a half-built request, too. */
static void clean_up(dt_request *r) {
  dt_request_break_off(r);
  dt_request_release(r);
  dt_sink_close(&r->sink);
  if (r->saved)
    dt_sink_close(r->saved);
  free(r->saved);
  r->saved = NULL;
  dt_parts_free(r->parts);
  r->parts = NULL;
  dt_buffer_free(&r->error_body);
  dt_buffer_free(&r->head);
  dt_request_give_back(r);
  free(r->method);
}

void dt_request_close(dt_request **box) {
  dt_request *r = *box;
  if (!r)
    return;
  dt_client *c = r->client;
  *box = NULL;
  /* That of another process is left alone: its connection and its half-written
   * file are in use there. */
  if (dt_client_is_foreign(c))
    return;
  clean_up(r);
  if (c->closed || c->spare) {
    give_bound(c, r);
    free(r);
  }
  else
    c->spare = r;
}
