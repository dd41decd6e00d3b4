"""Scenarios of a server that refuses for a while: 503, and limits of rate."""

import math

from fault_scenarios import SCENARIOS, scenario


@scenario("retry", n=1, status=503, retry_after="0", suffix="", key="",
          body='{"exitCode": 0, "result": "finally"}')
def retry(ex):
    """Fails n times for each key (default: the path), then succeeds."""
    count = ex.stats.next_of(ex.text("key") or ex.request.path)
    if count > ex.integer("n"):
        ex.conn.reply(200, ex.text("body").encode(),
                      content_type="application/json")
        return
    header = "Retry-After"
    if ex.text("suffix"):
        header += "-" + ex.text("suffix")
    extra = [(header, ex.text("retry_after"))] if ex.text("retry_after") else []
    ex.conn.reply_json(ex.integer("status"),
                       {"message": "failure %d" % count}, extra)


@scenario("rate-limit", limit=5, seconds=1, tell=1, key="",
          body='{"exitCode": 0, "result": "passed"}')
def rate_limit(ex):
    """At most `limit` calls in `seconds`, as the real server counts and says
    it, in whole seconds if they are. tell=0: only refusals say anything."""
    count, left = ex.stats.window_of(ex.text("key") or ex.name,
                                     ex.number("seconds"))
    if ex.number("seconds") == int(ex.number("seconds")):
        left = math.ceil(left)
    if count > ex.integer("limit"):
        ex.conn.reply_json(429, {
            "message": "ThrottlerException: Too Many Requests"},
            [("Retry-After-authenticated", str(left))])
        return
    extra = []
    if ex.integer("tell"):
        extra = [("X-RateLimit-Limit-authenticated", ex.text("limit")),
                 ("X-RateLimit-Remaining-authenticated",
                  str(ex.integer("limit") - count)),
                 ("X-RateLimit-Reset-authenticated", str(left))]
    ex.conn.reply(200, ex.text("body").encode(), extra, "application/json")


@scenario("retry-suffixed", n=1, retry_after="0")
def retry_suffixed(ex):
    """429 where only the endpoint's own throttle says when to come back."""
    ex.params.update(status=429, suffix="sandbox-create", key="",
                     body=SCENARIOS["retry"].defaults["body"])
    retry(ex)
