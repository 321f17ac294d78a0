// Bit packing of blocks of 128 unsigned 32-bit integers, four lanes interleaved: value i lies in
// lane i % 4, so that one 128-bit register takes four neighbours at a time (Lemire & Boytsov,
// "Decoding billions of integers per second through vectorization", 2015).
// A block of width b takes exactly 16 * b bytes. Widths are 0 to 32.

#ifndef MSPD_BITPACK_H
#define MSPD_BITPACK_H

#include "mspd_simd.h"

#include <stdint.h>

/// The smallest width, 0 to 32, that holds every one of the 128 values.
int mspd_bits128(const uint32_t *values);

/// Packs 128 values, each below 2^width, into 16 * width bytes.
void mspd_pack128(const uint32_t *values, int width, uint8_t *out);

/// Unpacks 16 * width bytes into 128 values.
void mspd_unpack128(const uint8_t *in, int width, uint32_t *values);

/// Unpacks 128 gaps and adds them up: values[i] = base + gap[0] + ... + gap[i].
void mspd_unpack128_sum(const uint8_t *in, int width, uint32_t base, uint32_t *values);

/// The same in the version for a level, which this machine must have.
typedef void mspd_unpack_sum(const uint8_t *in, int width, uint32_t base, uint32_t *values);
mspd_unpack_sum *mspd_unpack128_sum_at(mspd_simd_level level);

#endif
