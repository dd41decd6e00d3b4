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
    by bubblewrap. Needs libmicrohttpd, jansson, SQLite, wslay and libcrypto to
    build, bwrap to run.
  ]],
  license = "MIT",
}
dependencies = {
  "lua >= 5.1, < 5.5",
}
external_dependencies = {
  MICROHTTPD = { library = "microhttpd" },
  JANSSON = { library = "jansson" },
  SQLITE = { library = "sqlite3" },
  CRYPTO = { library = "crypto" },
  WSLAY = { library = "wslay" },
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
