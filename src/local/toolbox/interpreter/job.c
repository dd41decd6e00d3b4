#include "as.h"
#include "job.h"
#include "toolbox/text.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* As much as a pipe holds: what was printed before the end was told is read
 * by one such read. */
#define READ_SIZE ((size_t)64 << 10)
#define FLOOD 10000 /* lines in a second, see dl_as */
#define LINE_LIMIT ((size_t)16 << 20)
#define GRACE_MS 2000 /* between the interruption and the end of the worker */
#define PATIENCE_MS 5000 /* with a client that takes nothing */

#define CLOSE_SLOW 1008

/* Sends one message; its texts are taken, NULL is "". */
static void say(dl_job *job, const char *type, json_t *text, json_t *name,
                json_t *value, json_t *traceback) {
  json_t *message = json_pack("{s:s, s:o, s:o, s:o, s:o}", "type", type, "text",
                              text ? text : json_string(""), "name",
                              name ? name : json_string(""), "value",
                              value ? value : json_string(""), "traceback",
                              traceback ? traceback : json_string(""));
  if (job->alone)
    json_decref(message);
  else if (dl_websocket_send_json(job->ws, message, PATIENCE_MS)) {
    dl_websocket_close(job->ws, CLOSE_SLOW, "slow consumer");
    job->alone = true;
  }
}

/* How many of the bytes are whole characters, or none at all. */
static size_t whole_characters(const char *data, size_t len) {
  for (size_t back = 1; back <= 3 && back <= len; back++) {
    unsigned char c = (unsigned char)data[len - back];
    size_t size = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
    if ((c & 0xC0) != 0x80)
      return size > back ? len - back : len;
  }
  return len;
}

/* More lines at once than the original's queue takes: it cuts off who it finds
 * slow, be it itself. */
static bool is_flood(dl_job *job, const char *data, size_t len) {
  int64_t now = dl_clock_monotonic_ms();
  const char *end = data + len;
  if (now - job->since > 1000) {
    job->since = now;
    job->said = 0;
  }
  while (data < end && (data = memchr(data, '\n', (size_t)(end - data)))) {
    job->said++;
    data++;
  }
  return job->said > FLOOD;
}

/* Passes output on, whole characters of it; the rest waits in `tail`. */
static void pass_output(dl_job *job, int stream, const char *data, size_t len,
                        bool last) {
  dl_strbuf *tail = &job->tail[stream];
  if (dl_as_now()->old_interpreter && !job->alone && is_flood(job, data, len)) {
    dl_websocket_drop(job->ws);
    job->alone = true;
  }
  dl_strbuf_add(tail, data, len);
  if (tail->failed || tail->len == 0)
    return;
  size_t whole = last ? tail->len : whole_characters(tail->data, tail->len);
  if (whole == 0)
    return;
  say(job, stream ? "stderr" : "stdout", dl_text_json(tail->data, whole), NULL,
      NULL, NULL);
  memmove(tail->data, tail->data + whole, tail->len - whole);
  tail->len -= whole;
}

/* Reads once what was printed. False when there was nothing. */
static bool read_output(dl_job *job, int stream, bool discard) {
  const dl_interpreter *worker = job->context->worker;
  char data[READ_SIZE];
  ssize_t n = read(stream ? worker->err : worker->out, data, sizeof data);
  if (n == 0)
    job->closed[stream] = true;
  if (n > 0 && !discard)
    pass_output(job, stream, data, (size_t)n, false);
  return n > 0;
}

/* The same with both streams, and with what was held back. */
static void flush_output(dl_job *job) {
  for (int stream = 0; stream < 2; stream++) {
    read_output(job, stream, false);
    pass_output(job, stream, "", 0, true);
  }
}

static json_t *text_field(const json_t *message, const char *name) {
  json_t *text = json_object_get(message, name);
  return json_is_string(text) ? json_incref(text) : NULL;
}

/* One line of the worker: an error, or the end. */
static void take_line(dl_job *job, const char *line, size_t len) {
  json_t *message = json_loadb(line, len, JSON_ALLOW_NUL, NULL);
  const char *type = json_string_value(json_object_get(message, "type"));
  const char *text = json_string_value(json_object_get(message, "text"));
  flush_output(job);
  if (type && strcmp(type, "error") == 0)
    say(job, type, NULL, text_field(message, "name"),
        text_field(message, "value"), text_field(message, "traceback"));
  else if (type && text && strcmp(type, "control") == 0) {
    say(job, type, json_string(text), NULL, NULL, NULL);
    job->end = strcmp(text, "interrupted") == 0 ? DL_JOB_INTERRUPTED
                                                : DL_JOB_COMPLETED;
  }
  else
    job->died = true; /* the code wrote there itself */
  json_decref(message);
}

static void read_channel(dl_job *job) {
  const dl_interpreter *worker = job->context->worker;
  if (dl_strbuf_reserve(&job->lines, READ_SIZE)) {
    job->died = true;
    return;
  }
  ssize_t n =
      read(worker->channel, job->lines.data + job->lines.len, READ_SIZE);
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
    job->died = true;
  if (n <= 0)
    return;
  job->lines.len += (size_t)n;
  char *end;
  while (job->end == DL_JOB_RUNS && job->lines.len > 0 &&
         (end = memchr(job->lines.data, '\n', job->lines.len))) {
    size_t len = (size_t)(end - job->lines.data);
    take_line(job, job->lines.data, len);
    job->lines.len -= len + 1;
    memmove(job->lines.data, end + 1, job->lines.len);
  }
  job->died = job->died || job->lines.len > LINE_LIMIT;
}

static void write_channel(dl_job *job) {
  ssize_t n = send(job->context->worker->channel, job->request + job->sent,
                   job->len - job->sent, MSG_NOSIGNAL);
  if (n > 0)
    job->sent += (size_t)n;
  else if (errno != EAGAIN && errno != EINTR)
    job->died = true;
}

/* The time is over: first the code is interrupted, as by Ctrl-C at a terminal;
 * then its worker is ended. */
static void time_out(dl_job *job) {
  if (job->signalled) {
    job->end = DL_JOB_TIMED_OUT;
    return;
  }
  job->signalled = true;
  job->deadline = dl_clock_deadline(GRACE_MS);
  dl_children_signal(&job->context->worker->child, SIGINT);
}

/* Waits for something to do; false when there is nothing. */
static bool wait_for(dl_job *job, struct pollfd *fds, nfds_t n, int ms) {
  if (!job->alone) {
    dl_websocket_event event = dl_websocket_wait(job->ws, fds, n, ms, NULL);
    job->alone = event == DL_WEBSOCKET_OVER;
    return event == DL_WEBSOCKET_READY;
  }
  return poll(fds, n, ms) > 0;
}

static void step(dl_job *job) {
  const dl_interpreter *worker = job->context->worker;
  struct pollfd fds[5] = {{job->closed[0] ? -1 : worker->out, POLLIN, 0},
                          {job->closed[1] ? -1 : worker->err, POLLIN, 0},
                          {worker->channel, POLLIN, 0},
                          {worker->child.exit_fd, POLLIN, 0},
                          {job->turn->fd, POLLIN, 0}};
  if (job->sent < job->len)
    fds[2].events |= POLLOUT;
  if (!wait_for(job, fds, 5, dl_clock_left(job->deadline))) {
    if (dl_clock_left(job->deadline) == 0)
      time_out(job);
    return;
  }
  if (fds[0].revents)
    read_output(job, 0, false);
  if (fds[1].revents)
    read_output(job, 1, false);
  if (fds[2].revents & POLLOUT)
    write_channel(job);
  if (fds[2].revents & ~POLLOUT)
    read_channel(job);
  if (fds[3].revents)
    job->died = true;
  if (fds[4].revents)
    dl_context_has_turn(job->context, job->turn);
  if (job->end == DL_JOB_RUNS && dl_context_deleted(job->context))
    job->end = DL_JOB_DELETED;
  if (job->end == DL_JOB_RUNS && dl_clock_left(job->deadline) == 0)
    time_out(job);
}

/* What printed when nothing ran belongs to nobody. */
static void discard_output(dl_job *job) {
  for (int stream = 0; stream < 2; stream++) {
    for (int round = 0; round < 2 && read_output(job, stream, true); round++)
      ;
  }
}

void dl_job_run(dl_job *job) {
  job->deadline = job->timeout
                      ? dl_clock_monotonic_ms() + (int64_t)job->timeout * 1000
                      : -1;
  discard_output(job);
  while (job->end == DL_JOB_RUNS && !job->died)
    step(job);
  flush_output(job);
  if (job->end == DL_JOB_RUNS)
    job->end = DL_JOB_DIED;
  if (job->signalled)
    job->end = job->end == DL_JOB_DIED ? DL_JOB_TIMED_OUT : job->end;
  dl_strbuf_free(&job->lines);
  dl_strbuf_free(&job->tail[0]);
  dl_strbuf_free(&job->tail[1]);
}
