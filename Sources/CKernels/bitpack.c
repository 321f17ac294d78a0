// Portable bit packing; the inner loops over four lanes are plain enough for the compiler to put
// into 128-bit registers, which every x86-64 and arm64 machine has.

#include "mspd_bitpack.h"

#include <string.h>

#define LANES 4
#define PER_LANE 32

int mspd_bits128(const uint32_t *values) {
    uint32_t all = 0;
    for (int i = 0; i < LANES * PER_LANE; i++) all |= values[i];
    return all ? 32 - __builtin_clz(all) : 0;
}

void mspd_pack128(const uint32_t *values, int width, uint8_t *out) {
    uint32_t word[LANES] = {0};
    int filled = 0;
    for (int row = 0; row < PER_LANE && width; row++) {
        const uint32_t *in = values + row * LANES;
        for (int lane = 0; lane < LANES; lane++) word[lane] |= in[lane] << filled;
        filled += width;
        if (filled < 32) continue;
        memcpy(out, word, sizeof word);
        out += sizeof word;
        filled -= 32;
        for (int lane = 0; lane < LANES; lane++)
            word[lane] = filled ? in[lane] >> (width - filled) : 0;
    }
}

// One copy of the loop for each width: with the width known, the compiler unrolls it and every
// shift becomes a constant.
static inline __attribute__((always_inline)) void
unpack(const uint8_t *in, const int width, uint32_t *values) {
    const uint32_t mask = width == 32 ? 0xffffffffu : (1u << width) - 1;
    uint32_t word[LANES];
    memcpy(word, in, sizeof word);
    int taken = 0;
#pragma GCC unroll 32
    for (int row = 0; row < PER_LANE; row++) {
        uint32_t *out = values + row * LANES;
        for (int lane = 0; lane < LANES; lane++) out[lane] = word[lane] >> taken;
        taken += width;
        if (taken >= 32 && (row + 1 < PER_LANE || taken > 32)) {
            taken -= 32;
            in += sizeof word;
            memcpy(word, in, sizeof word);
            if (taken)
                for (int lane = 0; lane < LANES; lane++) out[lane] |= word[lane] << (width - taken);
        }
        for (int lane = 0; lane < LANES; lane++) out[lane] &= mask;
    }
}

#define W(n) case n: unpack(in, n, values); return;
void mspd_unpack128(const uint8_t *in, int width, uint32_t *values) {
    switch (width) {
        W(1) W(2) W(3) W(4) W(5) W(6) W(7) W(8) W(9) W(10) W(11) W(12) W(13) W(14) W(15) W(16)
        W(17) W(18) W(19) W(20) W(21) W(22) W(23) W(24) W(25) W(26) W(27) W(28) W(29) W(30) W(31)
        W(32)
    default: memset(values, 0, LANES * PER_LANE * sizeof *values);
    }
}

typedef uint32_t lanes __attribute__((vector_size(16), aligned(4), may_alias));

// Sums within four values by two shifted additions, which do not wait for what came before.
void mspd_unpack128_sum(const uint8_t *in, int width, uint32_t base, uint32_t *values) {
    mspd_unpack128(in, width, values);
    const lanes zero = {0};
    lanes before = {base, base, base, base};
    for (int i = 0; i < LANES * PER_LANE; i += LANES) {
        lanes sum = *(const lanes *)(values + i);
        sum += __builtin_shufflevector(zero, sum, 0, 4, 5, 6);
        sum += __builtin_shufflevector(zero, sum, 0, 0, 4, 5);
        sum += before;
        *(lanes *)(values + i) = sum;
        before = __builtin_shufflevector(sum, sum, 3, 3, 3, 3);
    }
}
