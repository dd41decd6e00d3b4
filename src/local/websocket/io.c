#include "internal.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE ((size_t)16 << 10)

/* All but dl_websocket_turn want the lock to be held. */

/* How many bytes wait to be sent. */
size_t dl_websocket_queued(dl_websocket *ws) {
  size_t n;
  dt_frames_output(ws->frames, &n);
  return n;
}

bool dl_websocket_is_open(const dl_websocket *ws) {
  return ws->fd >= 0 && !ws->broken && !ws->leaving &&
         dt_frames_state_of(ws->frames) == DT_FRAMES_OPEN;
}

void dl_websocket_give_up(dl_websocket *ws) {
  ws->broken = true;
  pthread_cond_broadcast(&ws->room);
}

void dl_websocket_flush(dl_websocket *ws) {
  uint64_t before = ws->sent;
  while (ws->fd >= 0 && !ws->broken) {
    size_t n;
    const char *data = dt_frames_output(ws->frames, &n);
    if (n == 0)
      break;
    ssize_t done = send(ws->fd, data, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (done > 0) {
      dt_frames_sent(ws->frames, (size_t)done);
      ws->sent += (uint64_t)done;
    }
    else if (done < 0 && errno == EAGAIN)
      break;
    else if (done < 0 && errno != EINTR)
      dl_websocket_give_up(ws);
  }
  if (ws->sent != before)
    pthread_cond_broadcast(&ws->room);
}

void dl_websocket_feed(dl_websocket *ws, const char *data, size_t n) {
  if (dt_frames_feed(ws->frames, data, n) != DT_FRAMES_OPEN)
    pthread_cond_broadcast(&ws->room);
}

/* Reads once; the lock is held. */
static void receive(dl_websocket *ws) {
  char data[READ_SIZE];
  ssize_t n = recv(ws->fd, data, sizeof data, MSG_DONTWAIT);
  if (n > 0)
    dl_websocket_feed(ws, data, (size_t)n);
  else if (n == 0 || (errno != EAGAIN && errno != EINTR))
    dl_websocket_give_up(ws);
}

bool dl_websocket_turn(dl_websocket *ws, struct pollfd *fds, nfds_t n,
                       bool reads, int timeout_ms) {
  bool ready = false;
  pthread_mutex_lock(&ws->lock);
  fds[0] = (struct pollfd){ws->fd, 0, 0};
  fds[1] = (struct pollfd){ws->wake_fd, POLLIN, 0};
  if (reads)
    fds[0].events |= POLLIN;
  if (dl_websocket_queued(ws) > 0)
    fds[0].events |= POLLOUT;
  pthread_mutex_unlock(&ws->lock);
  if (poll(fds, n, timeout_ms) <= 0)
    return false;
  uint64_t count;
  if (fds[1].revents && read(ws->wake_fd, &count, sizeof count) < 0)
    return false;
  pthread_mutex_lock(&ws->lock);
  if (fds[0].revents & POLLIN)
    receive(ws);
  else if (fds[0].revents & (POLLERR | POLLHUP))
    dl_websocket_give_up(ws);
  dl_websocket_flush(ws);
  pthread_mutex_unlock(&ws->lock);
  for (nfds_t i = 2; i < n; i++)
    ready = ready || fds[i].revents;
  return ready;
}
