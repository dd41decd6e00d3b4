#include "toolbox.h"
#include "link.h"
#include "as.h"
#include "daemon.h"
#include "toolbox/process/child_limits.h"
#include "toolbox/process/children.h"
#include "old_errors.h"
#include "old_routes.h"
#include "toolbox/terminal/pty.h"
#include "toolbox/session/api.h"
#include "websocket/websocket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define STOP_GRACE_MS 2000
#define DRAIN_MS 1000
#define ACTIVE_TICK_MS 10000

/* More than the door, by which all come, lets through. */
#define MAX_CONNECTIONS 1500

static int control_fd = -1;

static bool is_segment(const dl_http_request *req, size_t i,
                       const char *expected) {
  const char *segment = dl_http_segment(req, i);
  return segment && strcmp(segment, expected) == 0;
}

/* Takes the "/toolbox/{id}" prefix off. Who asks was checked outside: nobody
 * but the server reaches our socket. */
static void before(dl_http_request *req) {
  const dl_toolbox *toolbox = dl_daemon_of(req);
  if (!dl_http_admit(req))
    return;
  if (!is_segment(req, 0, "toolbox") ||
      !is_segment(req, 1, toolbox->sandbox_id)) {
    dl_http_reply_error(req, 404, NULL, "not found: no such sandbox here");
    return;
  }
  dl_http_drop_segments(req, 2);
  if (dl_as_now()->no_newer && dl_old_routes_refuse(req))
    return;
  if (!is_segment(req, 0, "version"))
    dl_link_active(control_fd);
}

static int parse_fd(const char *text) {
  char *end;
  long fd = text ? strtol(text, &end, 10) : -1;
  if (!text || *end || end == text || fd < 0 || fd > 65535 ||
      fcntl((int)fd, F_GETFD) < 0)
    return -1;
  fcntl((int)fd, F_SETFD, FD_CLOEXEC);
  return (int)fd;
}

static int parse_arguments(int argc, char **argv, int *listen_fd) {
  int i;
  *listen_fd = -1;
  for (i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--listen-fd") == 0)
      *listen_fd = parse_fd(argv[i + 1]);
    else if (strcmp(argv[i], "--control-fd") == 0)
      control_fd = parse_fd(argv[i + 1]);
    else
      break;
  }
  if (i == argc && *listen_fd >= 0 && control_fd >= 0)
    return 0;
  fprintf(stderr, "usage: daytona-local toolbox --listen-fd N --control-fd M\n"
                  "(both must be open descriptors)\n");
  return -1;
}

/* Children are given descriptors 0 to 2, so these must never be taken by
 * something of the daemon's own. */
static void fill_standard_fds(void) {
  int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  while (fd >= 0 && fd <= 2)
    fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (fd > 2)
    close(fd);
}

static dl_toolbox *configure(void) {
  char *line = dl_link_read_line(control_fd);
  const char *error = "the control socket was closed";
  dl_toolbox *toolbox = line ? dl_config_read(line, &error) : NULL;
  free(line);
  if (!toolbox) {
    fprintf(stderr, "daytona-local toolbox: %s\n", error);
    return NULL;
  }
  if (chdir(toolbox->work_dir)) {
    fprintf(stderr, "daytona-local toolbox: %s: %s\n", toolbox->work_dir,
            strerror(errno));
    dl_config_free(toolbox);
    return NULL;
  }
  return toolbox;
}

/* Obeys a line of the control plane: "memory OURS THEIRS", the bytes of data
 * that this process and each that it starts may have from now on, which is
 * answered by "resized", or "stop".
 * Whether to go on. */
static bool obey(const char *line) {
  long long ours, theirs;
  if (sscanf(line, "memory %lld %lld", &ours, &theirs) == 2) {
    dl_child_limits_raise(ours, theirs);
    dl_link_say(control_fd, "resized\n");
    return true;
  }
  return strcmp(line, "stop") != 0;
}

/* Returns when the control plane says "stop" or goes away. A request that
 * takes long keeps the sandbox in use all the while. */
static void wait_for_stop(dl_http_server *server) {
  bool go_on;
  char *line;
  do {
    struct pollfd fd = {control_fd, POLLIN, 0};
    while (poll(&fd, 1, ACTIVE_TICK_MS) <= 0) {
      if (dl_http_active(server) > 0)
        dl_link_active(control_fd);
    }
    line = dl_link_read_line(control_fd);
    go_on = line && obey(line);
    free(line);
  } while (go_on);
}

/* What runs beside the toolbox, as the same user, is not to read its memory,
 * environment and descriptors, nor to change them. What it starts is as usual
 * again once it is executed. The leak sanitizer has to look, at the end. */
static void hide(bool hidden) {
  prctl(PR_SET_DUMPABLE, !hidden, 0, 0, 0);
}

int dl_toolbox_main(int argc, char **argv) {
  dl_http_config config = {0};
  dl_http_server *server;
  dl_toolbox *toolbox;
  hide(true);
  fill_standard_fds();
  if (parse_arguments(argc, argv, &config.listen_fd))
    return 2;
  signal(SIGPIPE, SIG_IGN);
  umask(022);
  toolbox = configure();
  if (!toolbox)
    return 1;
  config.routes = dl_routes;
  config.context = toolbox;
  config.before = before;
  config.not_found = dl_routes_not_found;
  config.error =
      dl_as_now()->old_errors ? dl_old_errors_write : dl_envelope_write;
  config.redirect_slash = true;
  config.connections = MAX_CONNECTIONS;
  config.among_friends = true;
  server = dl_children_start() == 0 ? dl_http_start(&config) : NULL;
  if (!server) {
    fprintf(stderr, "daytona-local toolbox: cannot start the server\n");
    dl_config_free(toolbox);
    return 1;
  }
  if (dl_session_start_entrypoint(toolbox))
    fprintf(stderr, "daytona-local toolbox: cannot start the entrypoint\n");
  dl_link_say(control_fd, "ready\n");
  wait_for_stop(server);
  /* First, lest they see what is stopped as if it had ended by itself. */
  dl_websocket_close_all(server);
  dl_pty_hang_up_all();
  dl_children_stop_all(STOP_GRACE_MS);
  /* What still runs then waits for something outside: it is cut off. */
  if (dl_http_stop(server, DRAIN_MS) == 0)
    dl_config_free(toolbox);
#if defined(__SANITIZE_ADDRESS__)
  hide(false);
#endif
  return 0;
}
