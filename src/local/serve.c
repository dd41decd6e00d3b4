#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "as.h"
#include "control/api.h"
#include "control/running.h"
#include "control/instants.h"
#include "control/limits_cgroup.h"
#include "control/orphans.h"
#include "control/supervisor.h"
#include "front/toolbox_socket.h"
#include "record.h"

#define DRAIN_MS 5000

/* Blocks the signals that end the server, in every thread, and gives a
 * descriptor from which they are read. -1 with errno. */
static int take_signals(void) {
  signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  if (sigprocmask(SIG_BLOCK, &set, NULL))
    return -1;
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Descriptors 0 to 2 must be taken, or a socket would become one of them. */
static int fill_standard(void) {
  int fd;
  do {
    fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  } while (fd >= 0 && fd <= 2);
  if (fd >= 0)
    close(fd);
  return fd < 0 ? -1 : 0;
}

/* Three descriptors for each sandbox and two for each connection. */
static void raise_descriptors(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit))
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static int listen_on(dl_plane *plane) {
  const dl_options *o = plane->options;
  unsigned port = 0;
  int fd = dl_http_listen(o->listen_host, o->listen_port, &port);
  if (fd < 0) {
    if (errno == EADDRINUSE)
      fprintf(stderr,
              "daytona-local: %s:%u is taken; another daytona-local? "
              "'daytona-local env' tells where it is; give --listen %s:0 for "
              "any free port\n",
              o->listen_host, o->listen_port, o->listen_host);
    else
      fprintf(stderr, "daytona-local: --listen %s:%u: %s\n", o->listen_host,
              o->listen_port, strerror(errno));
    return -1;
  }
  if (dl_plane_served_at(plane, port) == 0)
    return fd;
  close(fd);
  return -1;
}

/* The one line that says where the server is, with a newline. To be wiped and
 * freed; NULL without memory. */
static char *describe(const dl_plane *plane) {
  dl_strbuf url = {0}, text = {0};
  json_t *line = NULL;
  dl_strbuf_addf(&url, "%s/api", plane->url);
  if (!url.failed)
    line =
        json_pack("{s:s,s:s}", "api_url", url.data, "api_key", plane->api_key);
  if (line && dl_as_now()->name)
    json_object_set_new(line, "as", json_string(dl_as_now()->name));
  if (line && !plane->options->isolated)
    json_object_set_new(line, "isolation", json_string("none"));
  char *json = line ? json_dumps(line, JSON_COMPACT) : NULL;
  json_decref(line);
  dl_strbuf_free(&url);
  if (!json)
    return NULL;
  dl_strbuf_addf(&text, "%s\n", json);
  explicit_bzero(json, strlen(json));
  free(json);
  return dl_strbuf_detach(&text);
}

/* Tells whoever started the server, and leaves word in the data directory,
 * where a disk that is full is no reason not to serve: the descriptor of that
 * goes to *noted. */
static int announce(const dl_plane *plane, int *noted) {
  char *line = describe(plane);
  int rc = -1;
  *noted = line ? dl_running_note(&plane->dir, line) : -1;
  if (line && fputs(line, stdout) >= 0 && fflush(stdout) == 0)
    rc = 0;
  else
    fprintf(stderr, "daytona-local: stdout: %s\n", strerror(errno));
  if (line)
    explicit_bzero(line, strlen(line));
  free(line);
  return rc;
}

/* The work, once everything is open. */
static int serve(dl_plane *plane, int signal_fd) {
  dl_supervisor supervisor = {0};
  int rc, noted, fd = listen_on(plane);
  if (fd < 0)
    return -1;
  supervisor.plane = plane;
  supervisor.signal_fd = signal_fd;
  supervisor.while_read = plane->options->while_read;
  dl_orphans_end(&plane->dir);
  dl_toolbox_socket_clear(&plane->dir);
  dl_cgroup_open();
  dl_reconcile_recover(&supervisor);
  dl_reserve_keep(&plane->reserve);
  dl_http_server *http = dl_api_start(plane, fd);
  if (!http) {
    fprintf(stderr, "daytona-local: the HTTP server cannot start: %s\n",
            strerror(errno));
    return -1;
  }
  rc = announce(plane, &noted);
  if (rc == 0)
    dl_supervisor_run(&supervisor);
  dl_running_forget(&plane->dir, noted);
  pthread_mutex_lock(&plane->lock);
  plane->stopping = true;
  pthread_cond_broadcast(&plane->changed);
  pthread_mutex_unlock(&plane->lock);
  bool cut_off = dl_http_settle(http, DRAIN_MS) != 0;
  dl_supervisor_shut(&supervisor);
  /* What sandboxes answered has ended with them. */
  if (dl_http_stop(http, DRAIN_MS) || cut_off)
    fprintf(stderr, "daytona-local: some requests were cut off\n");
  return rc;
}

/* What is answered as another server is nothing of ours. */
static int record(const dl_options *options) {
  const char *directory = options->record;
  if (!directory || !*directory || dl_as_now()->name)
    return 0;
  if (dl_record_open(directory) == 0)
    return 0;
  fprintf(stderr, "daytona-local: DAYTONA_LOCAL_RECORD: %s: %s\n", directory,
          strerror(errno));
  return -1;
}

static int run(const dl_options *options, int signal_fd) {
  dl_plane plane;
  int rc = dl_plane_open(&plane, options);
  if (rc == 0)
    rc = dl_instants_open(&plane);
  if (rc == 0)
    rc = serve(&plane, signal_fd);
  dl_plane_close(&plane);
  return rc;
}

int dl_serve_main(int argc, char **argv) {
  dl_options options;
  int signal_fd, rc = dl_options_read(&options, argc, argv);
  if (rc != DL_OPTIONS_RUN) {
    if (rc == DL_OPTIONS_HELP)
      dl_options_help();
    dl_options_free(&options);
    return rc == DL_OPTIONS_HELP ? 0 : 2;
  }
  if (dl_as_now()->name)
    fprintf(stderr,
            "daytona-local: --as %s: behaves as that older version, faults "
            "included; for tests only\n",
            dl_as_now()->name);
  if (options.images_of_host)
    fprintf(stderr, "daytona-local: --images host: the name of any image is "
                    "taken, and the programs are those of this machine\n");
  raise_descriptors();
  signal_fd = fill_standard() ? -1 : take_signals();
  rc = -1;
  if (signal_fd < 0)
    fprintf(stderr, "daytona-local: %s\n", strerror(errno));
  else {
    rc = record(&options) == 0 ? run(&options, signal_fd) : -1;
    close(signal_fd);
  }
  dl_options_free(&options);
  return rc ? 1 : 0;
}
