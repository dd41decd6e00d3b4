#include "again.h"

#include "handle.h"

CURLcode dt_again_take(dt_request *r) {
  CURL *easy = r->transfer.easy;
  CURLcode code = CURLE_OK;
  curl_off_t taken = 0;
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &taken);
  curl_multi_remove_handle(r->client->driver.multi, easy);
  if (r->timeout > 0) {
    long left = r->timeout - (long)(taken / 1000);
    r->timeout = left > 1 ? left : 1;
  }
  DT_SET(code, easy, CURLOPT_TIMEOUT_MS, r->timeout);
  return code;
}

/* Of many sources libcurl takes each back, and with it what it counted. */
int dt_again_give(dt_request *r) {
  int is_read = r->source.kind != DT_SOURCE_NONE && !r->sources;
  if ((is_read &&
       dt_source_seek(&r->source, 0, SEEK_SET) != CURL_SEEKFUNC_OK) ||
      curl_multi_add_handle(r->client->driver.multi, r->transfer.easy) !=
          CURLM_OK)
    return 0;
  r->error[0] = '\0';
  return 1;
}

int dt_again_elsewhere(dt_request *r) {
  if (!r->unfit)
    return 0;
  r->unfit = 0;
  r->plain = 0; /* the handle asks for a new connection from now on */
  CURLcode code = dt_again_take(r);
  DT_SET(code, r->transfer.easy, CURLOPT_FRESH_CONNECT, 1L);
  return code == CURLE_OK && dt_again_give(r);
}
