#ifndef DL_LEND_H
#define DL_LEND_H

#include "http/http.h"

/* A large file of a sandbox goes to the client without passing through the
 * toolbox: who carries the request on asks for it by a header, and the toolbox
 * sends the open file beside an interim answer. Its own answer follows, with
 * the headers that belong to the file and a body that never comes: it stays
 * open as long as the file is read, so that either side sees the other end. */

#define DL_LEND_HEADER "X-Daytona-Local-Lend"

#pragma GCC visibility push(hidden)

/* Whether it is open for reading only, and a regular file of a file system that
 * answers by itself: no program stands behind it, as behind FUSE, and nothing
 * of the kernel's own, as in /proc. (Nobody in a sandbox can mount an overlay.)
 */
bool dl_lend_is_plain(int fd);

/* As recv without waiting, which also takes what file comes with the bytes. */
ssize_t dl_lend_receive(int socket, char *buffer, size_t size, int *file);

/* Lends the file instead of sending `len` bytes of it from `from`, where that
 * was asked for and is worth it. The descriptor stays the caller's. False: the
 * request is not answered. */
bool dl_lend_file(dl_http_request *req, unsigned status, int fd, uint64_t from,
                  uint64_t len);

#pragma GCC visibility pop

#endif
