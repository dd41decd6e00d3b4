/* The request as libcurl is told of it. */
#ifndef dt_request_setup_h
#define dt_request_setup_h

#include <stdbool.h>

#include "request_state.h"

#pragma GCC visibility push(hidden)

/* What is set on an easy handle already. */
typedef enum {
  DT_HANDLE_NEW,  /* nothing */
  DT_HANDLE_USED, /* what holds for every request of a client */
  DT_HANDLE_BOUND /* and what points to this request's memory */
} dt_handle_state;

/* Whether it needs options that not every used handle allows. */
bool dt_request_is_special(const dt_request *r);

/* Sets all options of the request's easy handle that are not set yet.
 * 'form_path' is where an upload by form goes ('n' bytes), 'seconds' the
 * deadline (0: none).  What the options point at belongs to the request. */
CURLcode dt_request_setup(dt_request *r, const char *form_path, size_t n,
                          double seconds, dt_handle_state state);

/* Adds file 'i' of an upload by form: where it goes ('n' bytes of 'path') and
 * what it holds. */
CURLcode dt_request_add_file(dt_request *r, size_t i, const char *path,
                             size_t n, dt_source *source);

/* Whether the content type is that of a page for people. */
bool dt_request_is_page_type(const char *type);

/* Whether the credential may go to the request's URL. */
int dt_request_may_send(dt_request *r);

/* The client's headers for this kind of request. */
const struct curl_slist *dt_request_headers(const dt_request *r);

#pragma GCC visibility pop
#endif
