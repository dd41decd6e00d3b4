/* A request from its birth to its end. */
#include "request_life.h"

#include <stdlib.h>
#include <string.h>

#include "../flow/attention.h"
#include "ready.h"

enum { SCRATCH_KEPT = 64 * 1024 };

dt_request **dt_request_box(lua_State *L, int index) {
  return dt_class_check(L, index, &dt_request_class);
}

dt_request *dt_request_check(lua_State *L, int index) {
  dt_request *r = *dt_request_box(L, index);
  luaL_argcheck(L, r, index,
                "request is closed, or its result was taken already");
  return r;
}

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

dt_request *dt_request_new(lua_State *L, int index, const dt_operation *op) {
  dt_request **box =
      dt_class_new(L, &dt_request_class, sizeof *box, DT_REQUEST_VALUES);
  dt_client *c = dt_client_check(L, index);
  lua_pushvalue(L, index);
  dt_setuservalue(L, -2, DT_REQUEST_CLIENT);
  dt_request *r = c->spare;
  CURL *bound = r ? r->bound : NULL;
  c->spare = NULL;
  if (!r && !(r = malloc(sizeof *r)))
    luaL_error(L, "not enough memory");
  dt_request_init(r, c, op);
  r->bound = bound;
  *box = r;
  return r;
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

void dt_request_enter(dt_request *r) {
  if (dt_request_background(r))
    dt_background_enter(dt_request_background(r));
}

void dt_request_leave(dt_request *r) {
  if (dt_request_background(r))
    dt_background_leave(dt_request_background(r));
}

/* Takes the transfer out of the driver, finished or not. */
static void stop(dt_request *r) {
  if (dt_request_background(r))
    dt_background_stop(dt_request_background(r), &r->transfer);
  else
    dt_driver_stop(&r->transfer);
}

void dt_request_break_off(dt_request *r) {
  if (dt_driver_is_done(&r->transfer))
    return;
  stop(r);
  if (!r->transfer.done) { /* the thread may have been quicker */
    r->cancelled = 1;
    r->transfer.code = CURLE_ABORTED_BY_CALLBACK;
    r->plain = 0;
  }
  /* Again: stopping took it from the list, if it was there. */
  if (dt_request_background(r))
    dt_background_finish(dt_request_background(r), &r->transfer);
  else {
    r->transfer.done = 1;
    dt_ready_add(&r->client->driver, &r->transfer);
  }
}

/* Gives memory back to the client for its next request. */
static void give_back(dt_buffer *lender, dt_buffer *b) {
  if (!lender->data && b->capacity <= SCRATCH_KEPT)
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
  if (!dt_request_background(r))
    dt_ready_remove(&r->client->driver, &r->transfer);
  stop(r);
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
  dt_parts_free(r->parts);
  r->parts = NULL;
  dt_buffer_free(&r->error_body);
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
  ** file are in use there. */
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
