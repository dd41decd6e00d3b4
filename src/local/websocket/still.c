#include "internal.h"

#include <poll.h>
#include <sys/socket.h>

#define LOOK_MS 50
#define MASK 4
#define CLOSE 8
#define SMALL 126 /* a length from which on it stands elsewhere */

/* Whether a close frame is among what has come and is not read. */
static bool has_close(int fd) {
  unsigned char data[4096];
  ssize_t n = recv(fd, data, sizeof data, MSG_PEEK | MSG_DONTWAIT);
  ssize_t at = 0;
  while (at + 2 <= n && (data[at + 1] & 0x7f) < SMALL) {
    if ((data[at] & 0x0f) == CLOSE)
      return true;
    at += 2 + MASK + (data[at + 1] & 0x7f);
  }
  return n == 0;
}

/* Reads nothing and answers nothing, until the peer closes; it is answered
 * with 1011 then. For the own thread. */
void dl_websocket_stand_still(dl_websocket *ws) {
  bool over = false;
  while (!over) {
    poll(NULL, 0, LOOK_MS);
    pthread_mutex_lock(&ws->lock);
    over = !dl_websocket_is_open(ws) || has_close(ws->fd);
    pthread_mutex_unlock(&ws->lock);
  }
  dl_websocket_close(ws, DT_CLOSE_SERVER, "");
}
