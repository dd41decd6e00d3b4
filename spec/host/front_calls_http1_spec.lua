-- All that users do, in a host of each kind, through a front with
-- TLS and HTTP/1.1.

require "spec.support.through_front" {
  what = "calls", protocol = "HTTP/1.1", options = { http = 1, rtt = 0.005 },
}
