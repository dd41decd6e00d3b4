-- What breaks between a client and a server, in a host of each kind, through a front with
-- TLS and HTTP/1.1.

require "spec.support.through_front" {
  what = "faults", protocol = "HTTP/1.1", options = { http = 1, rtt = 0.005 },
}
