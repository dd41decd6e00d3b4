#include "sha256.h"

#include <string.h>

#include "../../wire/hex.h"

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

void dt_sha256_init(dt_sha256 *s) {
  static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
                                    0xa54ff53a, 0x510e527f, 0x9b05688c,
                                    0x1f83d9ab, 0x5be0cd19};
  memcpy(s->state, start, sizeof start);
  s->length = 0;
}

static uint32_t rotate(uint32_t x, int n) {
  return x >> n | x << (32 - n);
}

static uint32_t small(uint32_t x, int a, int b, int shift) {
  return rotate(x, a) ^ rotate(x, b) ^ x >> shift;
}

static uint32_t big(uint32_t x, int a, int b, int c) {
  return rotate(x, a) ^ rotate(x, b) ^ rotate(x, c);
}

/* One round.  The eight words change their names instead of their places: each
 * call passes them shifted by one. */
static inline void round_of(uint32_t a, uint32_t b, uint32_t c, uint32_t *d,
                            uint32_t e, uint32_t f, uint32_t g, uint32_t *h,
                            uint32_t k) {
  uint32_t t = *h + big(e, 6, 11, 25) + ((e & f) ^ (~e & g)) + k;
  *d += t;
  *h = t + big(a, 2, 13, 22) + ((a & b) ^ (a & c) ^ (b & c));
}

static void compress(dt_sha256 *s, const unsigned char *p) {
  uint32_t w[64];
  for (int i = 0; i < 16; i++, p += 4)
    w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
  for (int i = 16; i < 64; i++)
    w[i] = small(w[i - 2], 17, 19, 10) + w[i - 7] + small(w[i - 15], 7, 18, 3) +
           w[i - 16];
  uint32_t a = s->state[0], b = s->state[1], c = s->state[2], d = s->state[3];
  uint32_t e = s->state[4], f = s->state[5], g = s->state[6], h = s->state[7];
  for (int i = 0; i < 64; i += 8) {
    round_of(a, b, c, &d, e, f, g, &h, K[i] + w[i]);
    round_of(h, a, b, &c, d, e, f, &g, K[i + 1] + w[i + 1]);
    round_of(g, h, a, &b, c, d, e, &f, K[i + 2] + w[i + 2]);
    round_of(f, g, h, &a, b, c, d, &e, K[i + 3] + w[i + 3]);
    round_of(e, f, g, &h, a, b, c, &d, K[i + 4] + w[i + 4]);
    round_of(d, e, f, &g, h, a, b, &c, K[i + 5] + w[i + 5]);
    round_of(c, d, e, &f, g, h, a, &b, K[i + 6] + w[i + 6]);
    round_of(b, c, d, &e, f, g, h, &a, K[i + 7] + w[i + 7]);
  }
  s->state[0] += a;
  s->state[1] += b;
  s->state[2] += c;
  s->state[3] += d;
  s->state[4] += e;
  s->state[5] += f;
  s->state[6] += g;
  s->state[7] += h;
}

void dt_sha256_update(dt_sha256 *s, const void *bytes, size_t n) {
  const unsigned char *p = bytes;
  size_t filled = (size_t)(s->length % 64);
  s->length += n;
  if (filled > 0) {
    size_t part = n < 64 - filled ? n : 64 - filled;
    if (part > 0)
      memcpy(s->block + filled, p, part);
    p += part;
    n -= part;
    if (filled + part < 64)
      return;
    compress(s, s->block);
  }
  for (; n >= 64; p += 64, n -= 64)
    compress(s, p);
  if (n > 0)
    memcpy(s->block, p, n);
}

void dt_sha256_bytes(const dt_sha256 *s, unsigned char out[DT_SHA256_BYTES]) {
  static const unsigned char padding[64] = {0x80};
  unsigned char length[8];
  dt_sha256 last = *s;
  for (int i = 0; i < 8; i++)
    length[i] = (unsigned char)(s->length * 8 >> (56 - 8 * i));
  dt_sha256_update(&last, padding, 1 + (119 - s->length % 64) % 64);
  dt_sha256_update(&last, length, sizeof length);
  for (int i = 0; i < DT_SHA256_BYTES; i++)
    out[i] = (unsigned char)(last.state[i / 4] >> (24 - 8 * (i % 4)));
}

void dt_sha256_hex(const dt_sha256 *s, char out[DT_SHA256_HEX + 1]) {
  unsigned char digest[DT_SHA256_BYTES];
  dt_sha256_bytes(s, digest);
  dt_hex_encode(digest, sizeof digest, out);
}
