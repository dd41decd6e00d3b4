#ifndef dt_hex_h
#define dt_hex_h

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* The value of a hexadecimal digit, -1 for any other character. */
int dt_hex_value(char c);

/* Writes 2 * n lower-case digits and a NUL. */
void dt_hex_encode(const unsigned char *bytes, size_t n, char *out);

#pragma GCC visibility pop
#endif
