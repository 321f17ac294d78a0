// Codes of documents that repeat a word, compared and added up 8 to 32 at a time.

#include "mspd_codes.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static inline uint32_t code(const uint8_t *codes, size_t at) {
    return (uint32_t)codes[2 * at] | (uint32_t)codes[2 * at + 1] << 8;
}

static size_t before_portable(const void *codes, size_t count, uint32_t place) {
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) sum += code(codes, i) >> 4 < place;
    return sum;
}

static ptrdiff_t further_portable(const void *codes, size_t count) {
    ptrdiff_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        const uint32_t beyond = code(codes, i) & 15;
        if (beyond == 15) return -1;
        sum += beyond + 1;
    }
    return sum;
}

static size_t apart_portable(const void *codes, size_t count) {
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) sum += (code(codes, i) & 15) == 15;
    return sum;
}

static const mspd_codes_kernels version_portable = {
    before_portable, further_portable, apart_portable};

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,popcnt")))

AVX2 static size_t before_avx2(const void *codes, size_t count, uint32_t place) {
    if (place == 0) return 0;
    // There is no comparison of unsigned numbers, but a minimum.
    const __m256i last = _mm256_set1_epi16((short)((place << 4) - 1));
    size_t sum = 0, i = 0;
    for (; i + 16 <= count; i += 16) {
        const __m256i all = _mm256_loadu_si256((const __m256i *)((const uint8_t *)codes + 2 * i));
        const __m256i is = _mm256_cmpeq_epi16(_mm256_min_epu16(all, last), all);
        sum += (size_t)__builtin_popcount((unsigned)_mm256_movemask_epi8(is)) / 2;
    }
    return sum + before_portable((const uint8_t *)codes + 2 * i, count - i, place);
}

AVX2 static ptrdiff_t further_avx2(const void *codes, size_t count) {
    const __m256i fifteen = _mm256_set1_epi16(15);
    __m256i sums = _mm256_setzero_si256(), apart = sums;
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const __m256i all = _mm256_loadu_si256((const __m256i *)((const uint8_t *)codes + 2 * i));
        const __m256i beyond = _mm256_and_si256(all, fifteen);
        apart = _mm256_or_si256(apart, _mm256_cmpeq_epi16(beyond, fifteen));
        sums = _mm256_add_epi64(sums, _mm256_sad_epu8(beyond, _mm256_setzero_si256()));
    }
    const ptrdiff_t rest = further_portable((const uint8_t *)codes + 2 * i, count - i);
    if (rest < 0 || !_mm256_testz_si256(apart, apart)) return -1;
    uint64_t parts[4];
    memcpy(parts, &sums, sizeof parts);
    return rest + (ptrdiff_t)(i + parts[0] + parts[1] + parts[2] + parts[3]);
}

AVX2 static size_t apart_avx2(const void *codes, size_t count) {
    const __m256i fifteen = _mm256_set1_epi16(15);
    size_t sum = 0, i = 0;
    for (; i + 16 <= count; i += 16) {
        const __m256i all = _mm256_loadu_si256((const __m256i *)((const uint8_t *)codes + 2 * i));
        const __m256i is = _mm256_cmpeq_epi16(_mm256_and_si256(all, fifteen), fifteen);
        sum += (size_t)__builtin_popcount((unsigned)_mm256_movemask_epi8(is)) / 2;
    }
    return sum + apart_portable((const uint8_t *)codes + 2 * i, count - i);
}

static const mspd_codes_kernels version_avx2 = {before_avx2, further_avx2, apart_avx2};

#define AVX512 __attribute__((target("avx512f,avx512bw,popcnt")))

/// Up to 32 codes from one on, 0 behind the last.
AVX512 static inline __m512i load(const void *codes, size_t at, __mmask32 there) {
    return _mm512_maskz_loadu_epi16(there, (const uint8_t *)codes + 2 * at);
}

static inline __mmask32 there(size_t at, size_t count) {
    return count - at >= 32 ? 0xffffffffu : (1u << (count - at)) - 1;
}

AVX512 static size_t before_avx512(const void *codes, size_t count, uint32_t place) {
    const __m512i end = _mm512_set1_epi16((short)(place << 4));
    size_t sum = 0;
    for (size_t i = 0; i < count; i += 32) {
        const __mmask32 mask = there(i, count);
        const __mmask32 is = _mm512_mask_cmplt_epu16_mask(mask, load(codes, i, mask), end);
        sum += (size_t)__builtin_popcount(is);
    }
    return sum;
}

AVX512 static ptrdiff_t further_avx512(const void *codes, size_t count) {
    const __m512i fifteen = _mm512_set1_epi16(15);
    __m512i sums = _mm512_setzero_si512();
    __mmask32 apart = 0;
    for (size_t i = 0; i < count; i += 32) {
        const __m512i beyond = _mm512_and_si512(load(codes, i, there(i, count)), fifteen);
        apart |= _mm512_cmpeq_epi16_mask(beyond, fifteen);
        sums = _mm512_add_epi64(sums, _mm512_sad_epu8(beyond, _mm512_setzero_si512()));
    }
    return apart ? -1 : (ptrdiff_t)count + (ptrdiff_t)_mm512_reduce_add_epi64(sums);
}

AVX512 static size_t apart_avx512(const void *codes, size_t count) {
    const __m512i fifteen = _mm512_set1_epi16(15);
    size_t sum = 0;
    for (size_t i = 0; i < count; i += 32) {
        const __m512i beyond = _mm512_and_si512(load(codes, i, there(i, count)), fifteen);
        sum += (size_t)__builtin_popcount(_mm512_cmpeq_epi16_mask(beyond, fifteen));
    }
    return sum;
}

static const mspd_codes_kernels version_avx512 = {before_avx512, further_avx512, apart_avx512};
#endif

const mspd_codes_kernels *mspd_codes_at(mspd_simd_level level) {
#if defined(__x86_64__)
    if (level >= MSPD_AVX512) return &version_avx512;
    if (level >= MSPD_AVX2) return &version_avx2;
#endif
    return &version_portable;
}

static const mspd_codes_kernels *chosen;

/// Runs before main: afterwards nothing here is written, so any thread may read it.
__attribute__((constructor)) static void choose(void) { chosen = mspd_codes_at(mspd_simd()); }

size_t mspd_codes_before(const void *codes, size_t count, uint32_t place) {
    return chosen->before(codes, count, place);
}

ptrdiff_t mspd_codes_further(const void *codes, size_t count) {
    return chosen->further(codes, count);
}

size_t mspd_codes_apart(const void *codes, size_t count) { return chosen->apart(codes, count); }
