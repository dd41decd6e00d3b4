-- Connections that end or die, in every host, through a front with
-- TLS and HTTP/2.

require "spec.support.through_front" {
  what = "ends", protocol = "HTTP/2.0", options = { rtt = 0.005, keepalive_requests = 10 },
}
