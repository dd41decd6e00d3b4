#include "sha1.h"

#include <stdint.h>
#include <string.h>

static uint32_t rotate(uint32_t x, int n) {
  return x << n | x >> (32 - n);
}

static void add_block(uint32_t state[5], const unsigned char *block) {
  uint32_t w[80];
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (int i = 0; i < 16; i++, block += 4)
    w[i] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 |
           (uint32_t)block[2] << 8 | block[3];
  for (int i = 16; i < 80; i++)
    w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  for (int i = 0; i < 80; i++) {
    uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                 : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                 : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                          : (b ^ c ^ d) + 0xca62c1d6;
    uint32_t next = rotate(a, 5) + f + e + w[i];
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}

void dt_sha1(const void *bytes, size_t n, unsigned char out[DT_SHA1_SIZE]) {
  uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
                       0xc3d2e1f0};
  const unsigned char *p = bytes;
  unsigned char last[128] = {0};
  uint64_t bits = (uint64_t)n * 8;
  size_t rest = n % 64, size = rest < 56 ? 64 : 128;
  for (; n >= 64; n -= 64, p += 64)
    add_block(state, p);
  if (rest > 0)
    memcpy(last, p, rest);
  last[rest] = 0x80;
  for (size_t i = 0; i < 8; i++)
    last[size - 1 - i] = (unsigned char)(bits >> (8 * i));
  for (size_t i = 0; i < size; i += 64)
    add_block(state, last + i);
  for (size_t i = 0; i < DT_SHA1_SIZE; i++)
    out[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
}
