#include "pulse.h"

#include <math.h>
#include <stdbool.h>

#include "link.h"
#include "probe.h"
#include "sockets.h"

static const double LONGEST_PATIENCE = 30; /* seconds */
static const double SWEEP = 0.02;          /* seconds between two */
static const double TICK = 0.01; /* of the kernel's clock for what came in */

/* When something was heard last, or a little before: the kernel's clock is a
 * coarse one, and what came just before a request is no answer to it. */
static double heard_at(const dt_link *l, double now) {
  double silence = dt_link_silence(l);
  return silence < 0 ? now : now - silence - TICK;
}

/* Connections to the same server that carry nothing, and on which nothing was
 * heard since: the way is the same.  One that has not carried anything yet is
 * being made for somebody. */
static void lose_idle(dt_driver *d, unsigned peer, double since, double now) {
  DT_LIST_EACH (dt_link, list, l, &d->links) {
    int live = 0;
    DT_LIST_EACH (dt_transfer, live, t, &d->live)
      live += t->sending.link == l;
    if (!live && l->requests > 0 && l->peer == peer && heard_at(l, now) < since)
      dt_link_drop(l);
  }
}

static void lose(dt_link *l, double now) {
  dt_link_lose(l);
  lose_idle(l->driver, l->peer, l->sent_at, now);
}

/* Others may wait on it for good reason: it is asked. */
static void look_at_shared(dt_link *l, double now) {
  double heard = heard_at(l, now);
  if (l->doubted && heard > l->sent_at)
    dt_link_doubt(l, 0);
  if (l->probe) {
    double since = l->probe->at > 0 ? l->probe->at : l->probe->started_at;
    if (l->probe->at > 0 && heard < since &&
        now - since >= l->driver->silence / 2)
      lose(l, now);
    return;
  }
  double quiet_since = heard > l->sent_at ? heard : l->sent_at;
  if (l->has_goaway || (!l->doubted && now - quiet_since < l->patience))
    return;
  dt_probe_start(l);
  if (l->patience < LONGEST_PATIENCE)
    l->patience *= 2;
}

/* HTTP/1.1 cannot be asked anything while a call waits.  One that may be sent
 * again is, for then the rest of its time is enough for another. */
static void look_at_single(dt_link *l, const dt_transfer *t, double now) {
  const dt_sending *s = &t->sending;
  double past = now - l->driver->silence;
  if (s->is_reused && s->at <= past && heard_at(l, now) <= past &&
      t->kind->is_repeatable && t->kind->is_repeatable(t))
    lose(l, now);
}

static void look_at(dt_link *l, const dt_transfer *one, double now) {
  double silence = l->driver->silence;
  if (l->lost)
    return;
  if (now - l->sent_at >= silence && dt_link_is_unacknowledged(l, silence))
    lose(l, now);
  else if (l->is_http2 || l->live > 1)
    look_at_shared(l, now);
  else
    look_at_single(l, one, now);
}

static void count_live(dt_driver *d) {
  DT_LIST_EACH (dt_link, list, l, &d->links)
    l->live = 0;
  DT_LIST_EACH (dt_transfer, live, t, &d->live)
    if (t->sending.link)
      t->sending.link->live++;
}

void dt_pulse_sweep(dt_driver *d) {
  double now;
  if (!d->links.first || (now = dt_sockets_now()) < d->swept_at + SWEEP)
    return;
  d->swept_at = now;
  count_live(d);
  DT_LIST_EACH (dt_link, list, l, &d->links)
    if (!l->live && l->requests > 0 && !l->is_http2 && dt_link_has_input(l))
      dt_link_drop(l);
}

void dt_pulse_beat(dt_driver *d) {
  double now;
  if (d->beat_at >= HUGE_VAL || (now = dt_sockets_now()) < d->beat_at)
    return;
  d->beat_at = HUGE_VAL;
  count_live(d);
  DT_LIST_EACH (dt_transfer, live, t, &d->live) {
    dt_link *l = t->sending.link;
    if (!l || l->live == 0)
      continue;
    look_at(l, t, now);
    l->live = 0; /* once is enough */
    d->beat_at = now + dt_link_interval(d);
  }
}

/* Whether other transfers wait on the link of this one. */
static bool is_shared(const dt_transfer *t) {
  DT_LIST_EACH (const dt_transfer, live, o, &t->driver->live)
    if (o != t && o->sending.link == t->sending.link)
      return true;
  return false;
}

static void timed_out(dt_transfer *t, double now) {
  dt_link *l = t->sending.link;
  if (!l && t->sending.at > 0) /* libcurl has closed it */
    lose_idle(t->driver, t->sending.peer, t->sending.at, now);
  if (!l || l->lost || heard_at(l, now) > t->sending.at)
    return;
  if (is_shared(t))
    dt_link_doubt(l, 1);
  else
    lose(l, now);
}

void dt_pulse_ended(dt_transfer *t, CURLcode code) {
  dt_link *l = t->sending.link;
  if (code == CURLE_OPERATION_TIMEDOUT)
    timed_out(t, dt_sockets_now());
  else if (l && l->doubted && code == CURLE_OK)
    dt_link_doubt(l, 0);
  if (l && l->doubted && !l->lost && !is_shared(t)) /* who would look at it? */
    lose(l, dt_sockets_now());
}

void dt_pulse_fell_silent(dt_driver *d, int fd) {
  double now = dt_sockets_now();
  lose_idle(d, dt_link_peer(fd), now, now);
}

void dt_pulse_died(const dt_transfer *t) {
  double now = dt_sockets_now();
  lose_idle(t->driver, t->sending.peer, now, now);
}
