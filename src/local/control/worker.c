#include "worker.h"
#include "cores.h"
#include "limits_cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "as.h"
#include "clock.h"
#include "fd.h"
#include "front/toolbox_socket.h"
#include "mounts.h"
#include "uplink.h"
#include "origins.h"

#define READY_MS 60000 /* a toolbox that is not ready by then is killed */
#define STOP_MS 5000   /* as is one that has not stopped by then */
#define LOOK_MS 2      /* between two looks whether all is frozen */

/* What is read of a log at one go, and when the next go is where there was so
 * much. The toolbox prints a line now and then; but the first process inside
 * has the log open, and by /proc everybody there. */
#define LOG_ONCE ((size_t)64 << 10)
#define LOG_PAUSE_MS 100

/* Environment values are text; clients may have stored others. */
static void add_env(json_t *env, const char *key, json_t *value) {
  char *text;
  if (json_is_string(value)) {
    json_object_set(env, key, value);
    return;
  }
  if (json_is_null(value))
    return;
  text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
  if (text)
    json_object_set_new(env, key, json_string(text));
  free(text);
}

static json_t *make_env(const dl_sandbox *sb) {
  static const char *const proxies[] = {"HTTP_PROXY", "HTTPS_PROXY",
                                        "http_proxy", "https_proxy"};
  json_t *stored = json_loads(sb->env, JSON_ALLOW_NUL, NULL);
  json_t *env = json_object();
  json_t *value;
  const char *key;
  size_t i;
  for (i = 0; sb->outbound_proxy_url && i < 4; i++)
    json_object_set_new(env, proxies[i], json_string(sb->outbound_proxy_url));
  json_object_foreach(stored, key, value) {
    add_env(env, key, value);
  }
  json_decref(stored);
  return env;
}

/* What the toolbox behaves as, for dl_config_read. */
static void add_as(json_t *config) {
  const dl_as *as = dl_as_now();
  if (as->name)
    json_object_set_new(config, "as",
                        json_pack("{s:s, s:i, s:i}", "name", as->name,
                                  "stuck_one_in", (int)as->stuck_one_in,
                                  "lost_one_in", (int)as->lost_one_in));
}

/* The snapshot's own, else that of all sandboxes. */
static void add_entrypoint(json_t *config, const dl_plane *plane,
                           const dl_sandbox *sb) {
  json_t *own = dl_origins_entrypoint(plane->store, sb->id);
  if (!own && plane->options->entrypoint)
    own = json_pack("[s, s, s]", "sh", "-c", plane->options->entrypoint);
  if (own)
    json_object_set_new(config, "entrypoint", own);
}

/* The line of JSON that a toolbox reads first. It has no secret of the
 * server's: who asks is checked before a request reaches the toolbox. */
static char *make_config(const dl_plane *plane, const dl_sandbox *sb) {
  dl_limits limits = {sb->id, sb->cpu, sb->memory, sb->disk};
  char *home = dl_launch_home(&plane->launcher, sb->id);
  char *text = NULL;
  json_t *config;
  if (home) {
    config = json_pack(
        "{s:s,s:o,s:s,s:s,s:s,s:o}", "sandbox_id", sb->id, "env", make_env(sb),
        "home", home, "work_dir", home, "version", dl_as_version(), "limits",
        dl_limits_of_children(&limits, plane->launcher.bwrap != NULL));
    json_object_set_new(config, "isolated",
                        json_boolean(plane->launcher.bwrap != NULL));
    add_as(config);
    add_entrypoint(config, plane, sb);
    text = json_dumps(config, JSON_COMPACT);
    json_decref(config);
  }
  free(home);
  return text;
}

static int send_all(int fd, const char *data, size_t len) {
  while (len > 0) {
    ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return -1;
    data += n;
    len -= (size_t)n;
  }
  return 0;
}

static int send_config(const dl_plane *plane, const dl_sandbox *sb, int fd) {
  char *config = make_config(plane, sb);
  int size = 1 << 20; /* so that sending never waits for the reader */
  int rc = -1;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  if (config)
    rc = send_all(fd, config, strlen(config)) || send_all(fd, "\n", 1) ? -1 : 0;
  else
    errno = ENOMEM;
  free(config);
  return rc;
}

/* Starts the sandbox of that row. NULL with errno, and with what is wrong with
 * its volumes added to `why`. Main thread only, see dl_launch_start. */
dl_worker *dl_worker_start(const dl_plane *plane, const dl_sandbox *sb,
                           dl_strbuf *why) {
  json_t *mounts = dl_mounts_read(plane->store, sb->id);
  dl_worker *worker = calloc(1, sizeof *worker);
  dl_launch launch = {sb->id,
                      {sb->id, sb->cpu, sb->memory, sb->disk},
                      !sb->network_block_all,
                      -1,
                      -1,
                      mounts,
                      why};
  int rc = -1;
  if (!worker || !mounts) {
    free(worker);
    json_decref(mounts);
    errno = EIO;
    return NULL;
  }
  worker->process.pid = -1;
  worker->isolated = plane->launcher.bwrap != NULL;
  worker->deadline = dl_clock_monotonic_ms() + READY_MS;
  worker->id = strdup(sb->id);
  if (worker->id)
    launch.listen_fd = dl_toolbox_socket_listen(&plane->dir, sb->id);
  if (launch.listen_fd >= 0)
    rc = dl_launch_start(&plane->launcher, &launch, &worker->process);
  dl_fd_close(&launch.listen_fd);
  if (rc) {
    int saved = errno;
    dl_toolbox_socket_remove(&plane->dir, sb->id);
    errno = saved;
    json_decref(mounts);
    free(worker->id);
    free(worker);
    return NULL;
  }
  worker->watched = dl_watch_add(&launch.limits, worker->process.pid,
                                 worker->isolated, &plane->dir);
  dl_watch_volumes(worker->watched, mounts);
  json_decref(mounts);
  fcntl(worker->process.log_fd, F_SETFL, O_NONBLOCK);
  /* One that is already gone is found by its end. */
  if (send_config(plane, sb, worker->process.control_fd))
    dl_worker_kill(worker);
  return worker;
}

static unsigned take_line(dl_worker *worker) {
  if (strcmp(worker->line, "ready") == 0) {
    worker->ready = true;
    if (!worker->stopping)
      worker->deadline = 0;
    return DL_WORKER_READY;
  }
  if (strcmp(worker->line, "resized") == 0) {
    worker->resizing = false;
    return DL_WORKER_RESIZED;
  }
  return strcmp(worker->line, "active") == 0 ? DL_WORKER_ACTIVE : 0;
}

/* Reads what the toolbox says: a set of DL_WORKER_*. At the end of the stream
 * the descriptor is closed. */
unsigned dl_worker_read_control(dl_worker *worker) {
  char chunk[256];
  unsigned events = 0;
  ssize_t n =
      recv(worker->process.control_fd, chunk, sizeof chunk, MSG_DONTWAIT);
  ssize_t i;
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
    close(worker->process.control_fd);
    worker->process.control_fd = -1;
  }
  for (i = 0; i < n; i++) {
    if (chunk[i] != '\n') {
      if (worker->line_len < DL_WORKER_LINE - 1)
        worker->line[worker->line_len++] = chunk[i];
      continue;
    }
    worker->line[worker->line_len] = '\0';
    worker->line_len = 0;
    events |= take_line(worker);
  }
  return events;
}

/* Reads what was printed, keeping the end of it; but not for ever, where that
 * comes as fast as it is read. At the end of the stream the descriptor is
 * closed. */
void dl_worker_read_log(dl_worker *worker) {
  char chunk[DL_WORKER_TAIL];
  ssize_t n;
  size_t len, over, all = 0;
  while ((n = read(worker->process.log_fd, chunk, sizeof chunk)) > 0) {
    len = (size_t)n;
    over = worker->tail_len + len > DL_WORKER_TAIL
               ? worker->tail_len + len - DL_WORKER_TAIL
               : 0;
    memmove(worker->tail, worker->tail + over, worker->tail_len - over);
    worker->tail_len -= over;
    memcpy(worker->tail + worker->tail_len, chunk, len);
    worker->tail_len += len;
    if (len < sizeof chunk)
      return;
    all += len;
    if (all >= LOG_ONCE) {
      worker->log_at = dl_clock_monotonic_ms() + LOG_PAUSE_MS;
      return;
    }
  }
  if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
    close(worker->process.log_fd);
    worker->process.log_fd = -1;
  }
}

/* Kills a worker whose deadline has passed. */
void dl_worker_expire(dl_worker *worker) {
  if (!worker->deadline || worker->deadline > dl_clock_monotonic_ms())
    return;
  worker->late = !worker->ready && !worker->stopping;
  dl_worker_kill(worker);
}

/* Gives the sandbox the cores and the memory of that row, which are not less
 * than it had. DL_WORKER_RESIZED comes when its toolbox has them, too. */
void dl_worker_resize(dl_worker *worker, const dl_sandbox *sb) {
  dl_limits limits = {sb->id, sb->cpu, sb->memory, sb->disk};
  char line[64];
  if (worker->resizing)
    return;
  worker->resizing = true;
  dl_cgroup_resize(&limits);
  dl_watch_resize(worker->watched, &limits);
  dl_cores_give(worker->process.pid, sb->cpu);
  snprintf(line, sizeof line, "memory %lld %lld\n",
           (long long)dl_limits_toolbox_data(sb->memory),
           (long long)(sb->memory * DL_LIMITS_GIB));
  if (worker->process.control_fd >= 0)
    send_all(worker->process.control_fd, line, strlen(line));
}

/* Freezes all that runs in the sandbox, a step with each call: DL_FREEZE_*. If
 * it is not done, `look_at` says when to call again. A look at thousands of
 * processes takes long, and all others wait for the lock: between two looks
 * they have as much time as the last one took. */
int dl_worker_freeze(dl_worker *worker) {
  int64_t begun = dl_clock_monotonic_ms(), now;
  int rc = DL_FREEZE_FAILED;
  if (worker->rests_until > begun)
    return DL_FREEZE_NOT_YET;
  if (!worker->freeze)
    worker->freeze = dl_freeze_begin(worker->id, worker->process.pid);
  if (worker->freeze)
    rc = dl_freeze_step(worker->freeze);
  now = dl_clock_monotonic_ms();
  worker->rests_until =
      rc != DL_FREEZE_NOT_YET
          ? 0
          : now + (now - begun > LOOK_MS ? now - begun : LOOK_MS);
  worker->look_at = worker->rests_until;
  return rc;
}

/* Lets it go on, if it was frozen. */
void dl_worker_thaw(dl_worker *worker) {
  if (worker->freeze)
    dl_freeze_thaw(worker->freeze);
  dl_freeze_free(worker->freeze);
  worker->freeze = NULL;
  worker->still = false;
  worker->look_at = worker->rests_until = 0;
}

/* Asks the toolbox to end; it is killed if it does not. */
void dl_worker_stop(dl_worker *worker) {
  if (worker->stopping)
    return;
  dl_worker_thaw(worker);
  worker->stopping = true;
  worker->deadline = dl_clock_monotonic_ms() + STOP_MS;
  if (worker->process.control_fd < 0 ||
      send_all(worker->process.control_fd, "stop\n", 5))
    dl_worker_kill(worker);
}

/* Ends everything in the sandbox at once. bubblewrap takes all with it; a
 * plain one is told to, being the parent of all (see init.c), and killed
 * only when that did not help. */
void dl_worker_kill(dl_worker *worker) {
  bool gently = !worker->isolated && !worker->killed;
  if (worker->process.pid <= 0)
    return;
  worker->stopping = true;
  worker->killed = true;
  worker->deadline = gently ? dl_clock_monotonic_ms() + STOP_MS : 0;
  kill(worker->process.pid, gently ? SIGTERM : SIGKILL);
  /* What is frozen dies where it is, but for a first process of ours that has
   * to be told. */
  if (!worker->isolated)
    dl_worker_thaw(worker);
}

/* Whether the process has ended: then the sentence that says how, to be freed
 * (never NULL unless memory is short). NULL: not yet. */
char *dl_worker_reap(dl_worker *worker) {
  dl_strbuf text = {0};
  int status;
  pid_t pid = waitpid(worker->process.pid, &status, WNOHANG);
  if (pid == 0 || (pid < 0 && errno == EINTR))
    return NULL;
  if (worker->process.log_fd >= 0)
    dl_worker_read_log(worker);
  while (worker->tail_len > 0 && worker->tail[worker->tail_len - 1] == '\n')
    worker->tail_len--;
  worker->process.pid = -1;
  dl_uplink_end(&worker->process.uplink_pid);
  if (worker->late)
    dl_strbuf_addf(&text, "the toolbox was not ready within %d seconds",
                   READY_MS / 1000);
  else if (pid < 0)
    dl_strbuf_adds(&text, "the sandbox's process was lost");
  else if (WIFSIGNALED(status))
    dl_strbuf_addf(&text, "the sandbox was killed by signal %d",
                   WTERMSIG(status));
  else
    dl_strbuf_addf(&text, "the sandbox ended with status %d",
                   WEXITSTATUS(status));
  if (worker->tail_len > 0) {
    dl_strbuf_adds(&text, ": ");
    dl_strbuf_add_utf8(&text, worker->tail, worker->tail_len);
  }
  return dl_strbuf_detach(&text);
}

/* Frees a worker whose process was reaped. */
void dl_worker_free(dl_worker *worker) {
  if (worker->process.control_fd >= 0)
    close(worker->process.control_fd);
  if (worker->process.log_fd >= 0)
    close(worker->process.log_fd);
  close(worker->process.pid_fd);
  dl_freeze_free(worker->freeze);
  dl_watch_remove(worker->watched);
  free(worker->id);
  free(worker);
}
