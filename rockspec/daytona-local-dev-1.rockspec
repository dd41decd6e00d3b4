rockspec_format = "3.0"
package = "daytona-local"
version = "dev-1"
source = {
  url = ".",
}
description = {
  summary = "Daytona in one process, for trying, testing and working offline",
  detailed = [[
    A server that speaks Daytona's API and runs real sandboxes on this machine
    by bubblewrap. Needs libmicrohttpd, jansson, SQLite, libseccomp, wslay and
    libcrypto to build, bwrap to run.
  ]],
  license = "MIT",
}
dependencies = {
  "lua >= 5.1, < 5.5",
}
external_dependencies = {
  MICROHTTPD = { header = "microhttpd.h", library = "microhttpd" },
  JANSSON = { header = "jansson.h", library = "jansson" },
  SQLITE = { header = "sqlite3.h", library = "sqlite3" },
  CRYPTO = { header = "openssl/sha.h", library = "crypto" },
  SECCOMP = { header = "seccomp.h", library = "seccomp" },
  WSLAY = { header = "wslay/wslay.h", library = "wslay" },
}
build = {
  type = "make",
  build_target = "local",
  install_target = "install-local",
  build_variables = {
    CC = "$(CC)",
  },
  install_variables = {
    PREFIX = "$(PREFIX)",
  },
}
