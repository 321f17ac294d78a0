// Bit packing. The portable inner loops over four lanes are plain enough for the compiler to put
// into 128-bit registers, which every x86-64 and arm64 machine has; blocks of postings, which
// searches unpack by the hundred, are unpacked and added up 256 bits at a time as well.

#include "mspd_bitpack.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

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
static void
unpack_sum_portable(const uint8_t *in, int width, uint32_t base, uint32_t *values) {
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

#if defined(__x86_64__)
/// Two words of four lanes, the other being the same or the next one.
static inline __attribute__((always_inline, target("avx2"))) __m256i
words(const uint8_t *in, const int word, const int other) {
    const uint8_t *at = in + word * (int)sizeof(__m128i);
    if (other != word) return _mm256_loadu_si256((const __m256i *)at);
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)at));
}

// The same for eight values, two rows at a time: those of one word or of two neighbours, and what
// goes on in the next word. The sum of the lower four is added to the upper ones.
static inline __attribute__((always_inline, target("avx2"))) void
unpack_sum(const uint8_t *in, const int width, uint32_t base, uint32_t *values) {
    const __m256i mask = _mm256_set1_epi32(width == 32 ? -1 : (int)((1u << width) - 1));
    const __m256i last = _mm256_set1_epi32(7);
    __m256i before = _mm256_set1_epi32((int)base);
#pragma GCC unroll 16
    for (int row = 0; row < PER_LANE; row += 2) {
        const int word = row * width / 32, a = row * width % 32;
        const int other = (row + 1) * width / 32, b = (row + 1) * width % 32;
        __m256i sum = _mm256_srlv_epi32(
            words(in, word, other), _mm256_setr_epi32(a, a, a, a, b, b, b, b));
        if (a + width > 32 || b + width > 32) {
            // A shift by 32 leaves nothing.
            const int c = a + width > 32 ? 32 - a : 32, d = b + width > 32 ? 32 - b : 32;
            const __m256i rest = words(in, word + 1, d < 32 ? other + 1 : word + 1);
            sum = _mm256_or_si256(
                sum, _mm256_sllv_epi32(rest, _mm256_setr_epi32(c, c, c, c, d, d, d, d)));
        }
        sum = _mm256_and_si256(sum, mask);
        sum = _mm256_add_epi32(sum, _mm256_slli_si256(sum, 4));
        sum = _mm256_add_epi32(sum, _mm256_slli_si256(sum, 8));
        const __m256i lower = _mm256_shuffle_epi32(sum, 0xff);
        sum = _mm256_add_epi32(sum, _mm256_permute2x128_si256(lower, lower, 0x08));
        _mm256_storeu_si256(
            (__m256i *)(values + row * LANES), _mm256_add_epi32(sum, before));
        before = _mm256_add_epi32(before, _mm256_permutevar8x32_epi32(sum, last));
    }
}

#define S(n) case n: unpack_sum(in, n, base, values); return;
__attribute__((target("avx2"))) static void
unpack_sum_avx2(const uint8_t *in, int width, uint32_t base, uint32_t *values) {
    switch (width) {
        S(1) S(2) S(3) S(4) S(5) S(6) S(7) S(8) S(9) S(10) S(11) S(12) S(13) S(14) S(15) S(16)
        S(17) S(18) S(19) S(20) S(21) S(22) S(23) S(24) S(25) S(26) S(27) S(28) S(29) S(30) S(31)
        S(32)
    default: unpack_sum_portable(in, width, base, values);
    }
}
#endif

mspd_unpack_sum *mspd_unpack128_sum_at(mspd_simd_level level) {
#if defined(__x86_64__)
    if (level >= MSPD_AVX2) return unpack_sum_avx2;
#endif
    return unpack_sum_portable;
}

static mspd_unpack_sum *chosen;

/// Runs before main: afterwards nothing here is written, so any thread may read it.
__attribute__((constructor)) static void choose(void) {
    chosen = mspd_unpack128_sum_at(mspd_simd());
}

void mspd_unpack128_sum(const uint8_t *in, int width, uint32_t base, uint32_t *values) {
    chosen(in, width, base, values);
}
