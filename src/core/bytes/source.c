#include "body.h"

#include <fcntl.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "beneath.h"

int dt_checksum_holds(const dt_checksum *c) {
  char hex[DT_SHA256_HEX + 1];
  if (!c->expected[0])
    return 1;
  dt_sha256_hex(&c->sum, hex);
  return strcmp(hex, c->expected) == 0;
}

int dt_source_open(dt_source *s, const char *path, const char *beneath) {
  enum { FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY };
  struct stat st;
  int fd = beneath ? dt_beneath_open(beneath, path, FLAGS) : open(path, FLAGS);
  if (fd < 0)
    return errno;
  int error = fstat(fd, &st) != 0   ? errno
              : S_ISDIR(st.st_mode) ? EISDIR
              : S_ISREG(st.st_mode) ? 0
                                    : EINVAL;
  if (error) {
    close(fd);
    return error;
  }
  s->kind = DT_SOURCE_FILE;
  s->fd = fd;
  s->size = (curl_off_t)st.st_size;
  return 0;
}

/* Opens the file that was to be opened when read. */
static int open_late(dt_source *s) {
  dt_source opened = {0};
  int error = dt_source_open(&opened, s->path, s->beneath);
  if (error) {
    s->error = error;
    return 0;
  }
  s->fd = opened.fd;
  return 1;
}

static size_t read_memory(dt_source *s, char *out, size_t room) {
  curl_off_t left = s->size - s->done;
  size_t n = left < (curl_off_t)room ? (size_t)left : room;
  memcpy(out, s->data + s->done, n);
  return n;
}

/* The size went out as Content-Length, so a file that shrinks on the way can
 * only be given up; one that grows is sent as it was. */
static size_t read_file(dt_source *s, char *out, size_t room) {
  curl_off_t left = s->size - s->done;
  size_t want = left < (curl_off_t)room ? (size_t)left : room;
  if (want == 0) {
    if (s->path && s->fd >= 0) {
      close(s->fd);
      s->fd = -1;
    }
    return 0;
  }
  if (s->fd < 0 && !open_late(s))
    return CURL_READFUNC_ABORT;
  ssize_t n = pread(s->fd, out, want, (off_t)s->done);
  if (n > 0)
    return (size_t)n;
  s->error = n < 0 ? errno : DT_SIZE_CHANGED;
  return CURL_READFUNC_ABORT;
}

static size_t read_chunk(dt_source *s, char *out, size_t room) {
  size_t left = s->chunk.len - s->taken;
  s->paused = 0;
  if (left == 0 && !s->ended) {
    s->paused = 1;
    return CURL_READFUNC_PAUSE;
  }
  if (left == 0 && s->size >= 0 && s->done != s->size) {
    s->error = DT_SIZE_CHANGED;
    return CURL_READFUNC_ABORT;
  }
  size_t n = left < room ? left : room;
  if (n > 0)
    memcpy(out, s->chunk.data + s->taken, n);
  s->taken += n;
  if (s->taken == s->chunk.len) {
    dt_buffer_clear(&s->chunk);
    s->taken = 0;
  }
  return n;
}

/* Counts the bytes that are handed out.  If their checksum is not the expected
 * one, the last bytes are not sent, so that the server gets no complete file.
 */
static size_t sum_up(dt_source *s, const char *out, size_t n) {
  dt_sha256_update(&s->checksum->sum, out, n);
  int last = s->size >= 0 ? s->done + (curl_off_t)n == s->size : n == 0;
  if (!last || dt_checksum_holds(s->checksum))
    return n;
  s->error = DT_SUM_DIFFERS;
  return CURL_READFUNC_ABORT;
}

size_t dt_source_read(char *out, size_t size, size_t count, void *source) {
  dt_source *s = source;
  size_t room = size * count, n = 0;
  if (s->kind == DT_SOURCE_MEMORY)
    n = read_memory(s, out, room);
  else if (s->kind == DT_SOURCE_FILE)
    n = read_file(s, out, room);
  else if (s->kind == DT_SOURCE_CHUNKS)
    n = read_chunk(s, out, room);
  if (s->checksum && n <= room)
    n = sum_up(s, out, n);
  if (n <= room)
    s->done += (curl_off_t)n;
  if (s->whole && n <= room)
    s->whole->done += (curl_off_t)n;
  else if (s->whole)
    s->whole->error = s->error;
  return n;
}

int dt_source_needs_input(const dt_source *s) {
  return s->kind == DT_SOURCE_CHUNKS && !s->ended && s->chunk.len == 0;
}

int dt_source_seek(void *source, curl_off_t offset, int origin) {
  dt_source *s = source;
  if (origin != SEEK_SET || s->kind == DT_SOURCE_CHUNKS)
    return offset == s->done ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_CANTSEEK;
  if (s->checksum && offset != s->done) {
    if (offset != 0)
      return CURL_SEEKFUNC_CANTSEEK;
    dt_sha256_init(&s->checksum->sum);
  }
  if (s->whole)
    s->whole->done += offset - s->done;
  s->done = offset;
  return CURL_SEEKFUNC_OK;
}

void dt_source_close(dt_source *s) {
  if (s->kind == DT_SOURCE_FILE && s->fd >= 0)
    close(s->fd);
  dt_buffer_free(&s->chunk);
  s->kind = DT_SOURCE_NONE;
}
