/* What both sides of the WebSocket handshake (RFC 6455, section 4) compute. */
#ifndef dt_handshake_h
#define dt_handshake_h

#pragma GCC visibility push(hidden)

enum {
  DT_HANDSHAKE_KEY = 25,   /* size of a key with its NUL */
  DT_HANDSHAKE_ACCEPT = 29 /* of the answer to it */
};

/* Writes a new Sec-WebSocket-Key.  Returns 0, or -1 without random bytes. */
int dt_handshake_key(char out[DT_HANDSHAKE_KEY]);

/* Writes the Sec-WebSocket-Accept that proves that 'key' was read.  Returns 0,
 * or -1 if 'key' is not 16 bytes in base64. */
int dt_handshake_accept(const char *key, char out[DT_HANDSHAKE_ACCEPT]);

#pragma GCC visibility pop
#endif
