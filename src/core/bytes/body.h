/* Byte sources and sinks of a transfer.  They run inside libcurl's callbacks,
 * so nothing here knows Lua; everything is bounded. */
#ifndef dt_body_h
#define dt_body_h

#include <stdbool.h>

#include "../../wire/buffer.h"
#include "libcurl.h"
#include "sha256.h"

#pragma GCC visibility push(hidden)

typedef enum {
  DT_SOURCE_NONE,
  DT_SOURCE_MEMORY,
  DT_SOURCE_FILE,
  DT_SOURCE_CHUNKS
} dt_source_kind;

/* The checksum of a transfer, wanted or not. */
typedef struct dt_checksum {
  int wanted;
  dt_sha256 sum;
  char expected[DT_SHA256_HEX + 1]; /* lower case, "" if none is */
} dt_checksum;

/* Whether the sum is the expected one, or none is expected. */
int dt_checksum_holds(const dt_checksum *c);

enum {
  DT_SIZE_CHANGED = -1, /* a source did not have as many bytes as it said */
  DT_SUM_DIFFERS = -2   /* the bytes do not have the expected checksum */
};

/* Where an upload's bytes come from. */
typedef struct dt_source {
  dt_source_kind kind;
  const char *data;      /* memory: borrowed, anchored by the request */
  curl_off_t size;       /* bytes in all, -1: not known (chunks only) */
  curl_off_t done;       /* bytes handed out */
  int fd;                /* file: owned; -1: not opened yet, or closed again */
  const char *path;      /* file that is opened when it is read: borrowed */
  const char *beneath;   /* directory that it is relative to, borrowed, or
                            NULL */
  dt_buffer chunk;       /* chunks: what is fed and not handed out yet */
  size_t taken;          /* chunks: bytes of 'chunk' already handed out */
  bool ended;            /* chunks: nothing more comes */
  int paused;            /* chunks: libcurl waits for more */
  int error;             /* errno of a failed read, or one of the above */
  dt_checksum *checksum; /* of what is handed out, or NULL */
  struct dt_source
      *whole; /* of which it is one file; counts for all, or NULL */
} dt_source;

/* Opens the regular file 'path'; returns 0 or an errno (EISDIR, EINVAL for
 * what is not a regular file).  With 'beneath', else NULL, it is relative to
 * that directory, and no symbolic link below it is followed. */
int dt_source_open(dt_source *s, const char *path, const char *beneath);

/* Whether Lua must feed the source before its upload can go on. */
int dt_source_needs_input(const dt_source *s);

/* CURLOPT_READFUNCTION and CURLOPT_SEEKFUNCTION; the argument is the source. */
size_t dt_source_read(char *out, size_t size, size_t count, void *source);
int dt_source_seek(void *source, curl_off_t offset, int origin);

/* Gives up what the source owns. */
void dt_source_close(dt_source *s);

typedef enum {
  DT_SINK_MEMORY,
  DT_SINK_FILE,
  DT_SINK_CHUNKS /* memory that Lua empties while the transfer goes on */
} dt_sink_kind;

/* Where an answer goes. */
typedef struct dt_sink {
  dt_sink_kind kind;
  dt_buffer memory;
  size_t limit;          /* most bytes that memory may hold */
  size_t chunk;          /* chunks: bytes that Lua takes at a time */
  size_t taken;          /* chunks: bytes of memory that Lua has taken */
  int paused;            /* chunks: libcurl waits until there is room */
  int discards;          /* nobody takes any more of it */
  bool overflow;         /* the limit was passed */
  int fd;                /* file: the temporary one, owned */
  char *temporary;       /* file: its path while it has one, owned */
  char *path;            /* file: the final path, owned */
  char *beneath;         /* file: what they are relative to, owned, or NULL */
  curl_off_t done;       /* bytes received */
  int error;             /* errno of a failed write */
  dt_checksum *checksum; /* of what was received, or NULL */
} dt_sink;

/* Prepares 'path' to be written completely or not at all: opens a temporary
 * file beside it.  With 'beneath', else NULL, it is relative to that directory
 * and no symbolic link below it is followed; the file is then the owner's alone
 * and takes the place of a link.  Returns 0 or an errno. */
int dt_sink_open(dt_sink *s, const char *path, const char *beneath);

/* Appends bytes; returns 0 if they could not be kept. */
int dt_sink_write(dt_sink *s, const void *bytes, size_t n);

/* Whether 'n' more bytes have to wait until Lua has taken a chunk; marks the
 * sink as paused then. */
bool dt_sink_is_full(dt_sink *s, size_t n);

/* Bytes that chunks hold, and where they begin. */
size_t dt_sink_held(const dt_sink *s);
const char *dt_sink_first(const dt_sink *s);

/* Drops the first 'n' of them. */
void dt_sink_drop(dt_sink *s, size_t n);

/* Closes the temporary file, all of which is written; it stays a temporary one,
 * with a name from now on.
 * Returns 0 or an errno. */
int dt_sink_seal(dt_sink *s);

/* Moves the temporary file to its final path.  Returns 0 or an errno. */
int dt_sink_commit(dt_sink *s);

/* Gives up what the sink owns; a temporary file is removed. */
void dt_sink_close(dt_sink *s);

#pragma GCC visibility pop
#endif
