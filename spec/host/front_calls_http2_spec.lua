-- All that users do, in every host, through a front with
-- TLS and HTTP/2.

require "spec.support.through_front" {
  what = "calls", protocol = "HTTP/2.0", options = { rtt = 0.005 },
}
