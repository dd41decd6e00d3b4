-- Connections that end or die, in a host of each kind, through a front with
-- TLS and HTTP/1.1.

require "spec.support.through_front" {
  what = "ends", protocol = "HTTP/1.1", options = { http = 1, rtt = 0.005, keepalive_requests = 10 },
}
