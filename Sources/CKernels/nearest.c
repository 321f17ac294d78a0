// Vectors in a byte a number, in blocks of 16, against one query: which of them are near. All are
// read, one block after the other: for the centroids of lists, which fit into a near cache.
//
// In a block, every four dimensions are 64 bytes, four for each vector, so that a register adds up
// 16 vectors at once. The query has 7 bits a number, so that sums of two products fit 16 bits.

#include "vector_versions.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { GROUP = MSPD_NEAR_BLOCK };

/// What is added to the products of one vector: its offset, and its own number in the query's
/// scale.
INLINE int32_t bias_of(const mspd_near_job *job, uint32_t vector) {
    const float scaled = job->numbers[vector] * job->scale;
    return job->offsets[vector] + (int32_t)__builtin_rintf(scaled);
}

/// The loop over blocks; SUMS(job, block, sums) fills `sums` and returns which reach the bar.
#define NEAR(NAME, TARGET)                                                                         \
    TARGET uint32_t mspd_near_##NAME(                                                              \
        const mspd_near_job *job, uint32_t *block, mspd_hit *hits, uint32_t room) {                \
        const uint32_t blocks = (job->count + GROUP - 1) / GROUP;                                  \
        uint32_t at = *block, count = 0;                                                           \
        for (; at < blocks && room - count >= GROUP; at++) {                                       \
            const uint32_t first = at * GROUP, left = job->count - first;                          \
            int32_t sums[GROUP] __attribute__((aligned(64)));                                      \
            uint32_t passing = near_##NAME(job, at, sums);                                         \
            if (left < GROUP) passing &= (1u << left) - 1;                                         \
            for (; passing; passing &= passing - 1) {                                              \
                const uint32_t vector = (uint32_t)__builtin_ctz(passing);                          \
                hits[count++] = (mspd_hit){first + vector, sums[vector]};                          \
            }                                                                                      \
        }                                                                                          \
        *block = at;                                                                               \
        return count;                                                                              \
    }

static uint32_t near_portable(const mspd_near_job *job, uint32_t block, int32_t *sums) {
    const int8_t *row = job->rows + (size_t)block * GROUP * job->padded;
    for (uint32_t vector = 0; vector < GROUP; vector++)
        sums[vector] = bias_of(job, block * GROUP + vector);
    for (uint32_t i = 0; i < job->padded; i += 4, row += 4 * GROUP)
        for (uint32_t vector = 0; vector < GROUP; vector++)
            for (uint32_t k = 0; k < 4; k++)
                sums[vector] += job->query[i + k] * row[vector * 4 + k];
    uint32_t passing = 0;
    for (uint32_t vector = 0; vector < GROUP; vector++)
        passing |= (uint32_t)(sums[vector] >= job->bar) << vector;
    return passing;
}

NEAR(portable, )

#if defined(__x86_64__)

/// Four bytes of the query.
INLINE int32_t four(const uint8_t *query) {
    int32_t bytes;
    memcpy(&bytes, query, sizeof bytes);
    return bytes;
}

AVX2 INLINE __m256i bias_avx2(const mspd_near_job *job, uint32_t first) {
    const __m256 numbers = _mm256_loadu_ps(job->numbers + first);
    return _mm256_add_epi32(
        _mm256_loadu_si256((const __m256i *)(job->offsets + first)),
        _mm256_cvtps_epi32(_mm256_mul_ps(numbers, _mm256_set1_ps(job->scale))));
}

AVX2 INLINE __m256i add_avx2(__m256i sum, __m256i query, const int8_t *row) {
    const __m256i pairs =
        _mm256_maddubs_epi16(query, _mm256_loadu_si256((const __m256i *)row));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

AVX2 INLINE uint32_t near_avx2(const mspd_near_job *job, uint32_t block, int32_t *sums) {
    const int8_t *row = job->rows + (size_t)block * GROUP * job->padded;
    __m256i low = bias_avx2(job, block * GROUP), high = bias_avx2(job, block * GROUP + 8);
    for (uint32_t i = 0; i < job->padded; i += 4, row += 4 * GROUP) {
        const __m256i query = _mm256_set1_epi32(four(job->query + i));
        low = add_avx2(low, query, row);
        high = add_avx2(high, query, row + 32);
    }
    _mm256_store_si256((__m256i *)sums, low);
    _mm256_store_si256((__m256i *)(sums + 8), high);
    const __m256i under = _mm256_set1_epi32(job->bar);
    const uint32_t a = (uint32_t)_mm256_movemask_ps(
        _mm256_castsi256_ps(_mm256_cmpgt_epi32(under, low)));
    const uint32_t b = (uint32_t)_mm256_movemask_ps(
        _mm256_castsi256_ps(_mm256_cmpgt_epi32(under, high)));
    return ~(a | b << 8) & 0xffff;
}

NEAR(avx2, AVX2)

AVX512 INLINE __m512i add_avx512(__m512i sum, __m512i query, __m512i row) {
    const __m512i pairs = _mm512_maddubs_epi16(query, row);
    return _mm512_add_epi32(sum, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
}

/// The kernel for one way of adding up products of fours, in two sums that do not wait for each
/// other.
#define WIDE(NAME, TARGET, ADD)                                                                    \
    TARGET INLINE uint32_t near_##NAME(const mspd_near_job *job, uint32_t block, int32_t *sums) {  \
        const int8_t *row = job->rows + (size_t)block * GROUP * job->padded;                       \
        const __m512 numbers = _mm512_loadu_ps(job->numbers + block * GROUP);                      \
        __m512i a = _mm512_add_epi32(                                                              \
            _mm512_loadu_si512(job->offsets + block * GROUP),                                      \
            _mm512_cvtps_epi32(_mm512_mul_ps(numbers, _mm512_set1_ps(job->scale))));               \
        __m512i b = _mm512_setzero_si512();                                                        \
        for (uint32_t i = 0; i < job->padded; i += 8, row += 8 * GROUP) {                          \
            a = ADD(a, _mm512_set1_epi32(four(job->query + i)), _mm512_loadu_si512(row));          \
            b = ADD(b, _mm512_set1_epi32(four(job->query + i + 4)), _mm512_loadu_si512(row + 64)); \
        }                                                                                          \
        a = _mm512_add_epi32(a, b);                                                                \
        _mm512_store_si512(sums, a);                                                               \
        return _mm512_cmpge_epi32_mask(a, _mm512_set1_epi32(job->bar));                            \
    }                                                                                              \
    NEAR(NAME, TARGET)

WIDE(avx512, AVX512, add_avx512)
WIDE(vnni, VNNI, _mm512_dpbusd_epi32)

#endif
