#include "driver.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "share.h"
#include "link.h"
#include "probe.h"
#include "pulse.h"
#include "sockets.h"

enum { KEPT_CONNECTIONS = 256 };

/* A burst leaves as many connections as it had calls, and they are kept:
 * libcurl by itself keeps 4 for each transfer that is under way just then. */
static CURLM *new_multi(void) {
  CURLM *multi = curl_multi_init();
  if (multi)
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS);
  return multi;
}

int dt_driver_open(dt_driver *d) {
  d->multi = new_multi();
  d->share = dt_share_new(0);
  d->pid = getpid();
  d->beat_at = HUGE_VAL;
  return d->multi && d->share ? 0 : -1;
}

/* The two processes would wake each other: a CURLM has a socket pair. */
int dt_driver_adopt(dt_driver *d) {
  if (d->pid == getpid())
    return 0;
  CURLM *own = d->started || d->background ? NULL : new_multi();
  if (!own)
    return -1;
  curl_multi_cleanup(d->multi);
  d->multi = own;
  d->pid = getpid();
  d->beat_at = HUGE_VAL;
  return 0;
}

void dt_driver_note_ready(dt_driver *d, dt_transfer *t) {
  if (!t->tag || t->is_ready)
    return;
  t->is_ready = 1;
  dt_list_append(&d->ready, &t->ready);
}

void dt_driver_unwatch(dt_driver *d, dt_transfer *t) {
  t->tag = 0;
  if (!t->is_ready)
    return;
  t->is_ready = 0;
  dt_list_remove(&d->ready, &t->ready);
}

void dt_driver_mark_done(dt_driver *d, dt_transfer *t) {
  if (d->background)
    d->hooks->finish(d->background, t);
  else {
    t->done = 1;
    dt_driver_note_ready(d, t);
  }
}

void dt_driver_finish(dt_transfer *t, CURLcode code) {
  dt_driver *d = t->driver;
  if (t->kind->ending)
    t->kind->ending(t, code);
  dt_driver_stop(t);
  t->code = code;
  d->finished++;
  if (t->kind->ended)
    t->kind->ended(t);
  dt_driver_mark_done(d, t);
}

void dt_driver_abandon(dt_driver *d, CURLcode code) {
  while (d->live.first)
    dt_driver_finish(DT_LIST_FIRST(dt_transfer, live, &d->live), code);
}

void dt_driver_cool(dt_driver *d) {
  if (d->warming)
    curl_multi_remove_handle(d->multi, d->warming);
  curl_easy_cleanup(d->warming);
  d->warming = NULL;
}

void dt_driver_close(dt_driver *d) {
  dt_driver_cool(d);
  dt_driver_abandon(d, CURLE_ABORTED_BY_CALLBACK);
  while (d->probes)
    dt_probe_free(d, d->probes);
  dt_sockets_close(d);
  while (d->idle_count > 0)
    curl_easy_cleanup(d->idle[--d->idle_count]);
  if (d->multi)
    curl_multi_cleanup(d->multi);
  d->multi = NULL;
  if (dt_share_free(d->apart))
    d->apart = NULL;
  dt_link_free_all(d);
  free(d->fds);
  d->fds = NULL;
  d->socket_room = 0;
}

CURL *dt_driver_take(dt_driver *d, int *fresh) {
  *fresh = d->idle_count == 0;
  return *fresh ? curl_easy_init() : d->idle[--d->idle_count];
}

void dt_driver_give(dt_driver *d, CURL *easy, int keep) {
  if (keep && d->multi && d->idle_count < DT_IDLE_HANDLES)
    d->idle[d->idle_count++] = easy;
  else
    curl_easy_cleanup(easy);
}

void dt_driver_enlist(dt_driver *d, dt_transfer *t) {
  t->driver = d;
  t->number = ++d->started;
  dt_list_prepend(&d->live, &t->live);
  d->count++;
}

CURLMcode dt_driver_start(dt_driver *d, dt_transfer *t) {
  dt_pulse_sweep(d);
  CURLMcode code = curl_multi_add_handle(d->multi, t->easy);
  if (code == CURLM_OK)
    dt_driver_enlist(d, t);
  return code;
}

void dt_driver_stop(dt_transfer *t) {
  dt_driver *d = t->driver;
  if (!d)
    return;
  if (t->easy && t->kind && t->kind->leaving)
    t->kind->leaving(t);
  if (t->easy)
    curl_multi_remove_handle(d->multi, t->easy);
  t->sending.link = NULL;
  dt_list_remove(&d->live, &t->live);
  t->driver = NULL;
  d->count--;
}

void dt_driver_withdraw(dt_driver *d, dt_transfer *t) {
  if (d->background)
    d->hooks->stop(d->background, t);
  else
    dt_driver_stop(t);
}

/* Marks what libcurl says is finished. */
static void collect(dt_driver *d) {
  int left;
  CURLMsg *m;
  while ((m = curl_multi_info_read(d->multi, &left)) != NULL) {
    dt_transfer *t = NULL;
    CURL *easy = m->easy_handle;
    CURLcode code = m->data.result;
    long version = 0;
    if (code == CURLE_OK &&
        !curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version) && version)
      d->http_version = version;
    if (m->msg == CURLMSG_DONE &&
        !curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&t) && t) {
      if (t->kind == &dt_probe_kind)
        dt_probe_free(d, (dt_probe *)t);
      else if (code == CURLE_OK || !t->kind->goes_on ||
               !t->kind->goes_on(t, code))
        dt_driver_finish(t, code);
    }
    else if (easy == d->warming)
      dt_driver_cool(d);
  }
}

/* What libcurl itself cannot do ends all that is live: there is nobody else who
 * could be told. */
static void judge(dt_driver *d, CURLMcode code) {
  if (code != CURLM_OK)
    dt_driver_abandon(d, code == CURLM_OUT_OF_MEMORY ? CURLE_OUT_OF_MEMORY
                                                     : CURLE_FAILED_INIT);
}

void dt_driver_perform(dt_driver *d, int *idle) {
  int running;
  unsigned long long before = d->finished;
  dt_pulse_beat(d);
  judge(d, curl_multi_perform(d->multi, &running));
  collect(d);
  dt_sockets_move(d);
  *idle = d->finished != before || (running == 0 && !d->sockets.first);
}

void dt_driver_poll(dt_driver *d, double seconds) {
  unsigned count = dt_sockets_wait_for(d, &seconds);
  dt_sockets_sooner(&seconds, d->beat_at, dt_sockets_now());
  if (!(seconds > 0)) /* or not a number */
    return;
  int ms = seconds >= 3600 ? 3600000 : (int)ceil(seconds * 1000);
  judge(d, curl_multi_poll(d->multi, d->fds, count, ms, NULL));
}

void dt_driver_step(dt_driver *d, double seconds) {
  int idle;
  dt_driver_perform(d, &idle);
  if (!idle)
    dt_driver_poll(d, seconds);
}
