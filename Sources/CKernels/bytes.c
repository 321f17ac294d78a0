// Products and distances of a query in 16 bits with vectors in 8 bits, named by their places. The
// rows lie anywhere in memory, so those to come are fetched while one is computed.

#include "vector_versions.h"

#include <stddef.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/// Rows fetched ahead.
enum { AHEAD = 6 };

/// Asks for a row that will be needed.
INLINE void fetch(
    const int8_t *rows, const uint32_t *places, size_t at, size_t count, size_t padded) {
    if (at >= count) return;
    mspd_prefetch(rows + (size_t)places[at] * padded, padded);
}

#define ROWS(WHAT, NAME, TARGET, ONE)                                                              \
    TARGET void mspd_byte_##WHAT##_##NAME(                                                         \
        const int16_t *query, const int8_t *rows, const uint32_t *places, size_t count,            \
        size_t padded, int32_t *out) {                                                             \
        for (size_t at = 0; at < AHEAD; at++) fetch(rows, places, at, count, padded);              \
        for (size_t at = 0; at < count; at++) {                                                    \
            fetch(rows, places, at + AHEAD, count, padded);                                        \
            out[at] = ONE(query, rows + (size_t)places[at] * padded, padded);                      \
        }                                                                                          \
    }

INLINE int32_t dot_portable(const int16_t *query, const int8_t *row, size_t padded) {
    int32_t sum = 0;
    for (size_t i = 0; i < padded; i++) sum += query[i] * row[i];
    return sum;
}

INLINE int32_t distance_portable(const int16_t *query, const int8_t *row, size_t padded) {
    int32_t sum = 0;
    for (size_t i = 0; i < padded; i++) sum += (query[i] - row[i]) * (query[i] - row[i]);
    return sum;
}

ROWS(dots, portable, , dot_portable)
ROWS(distances, portable, , distance_portable)

#if defined(__x86_64__)

AVX2 INLINE __m256i wide16(const int8_t *row) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)row));
}

AVX2 INLINE int32_t total8(__m256i sums) {
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
    return _mm_cvtsi128_si32(sum);
}

AVX2 INLINE int32_t dot_avx2(const int16_t *query, const int8_t *row, size_t padded) {
    __m256i a = _mm256_setzero_si256(), b = a;
    for (size_t i = 0; i < padded; i += 32) {
        const __m256i q = _mm256_loadu_si256((const __m256i *)(query + i));
        const __m256i r = _mm256_loadu_si256((const __m256i *)(query + i + 16));
        a = _mm256_add_epi32(a, _mm256_madd_epi16(q, wide16(row + i)));
        b = _mm256_add_epi32(b, _mm256_madd_epi16(r, wide16(row + i + 16)));
    }
    return total8(_mm256_add_epi32(a, b));
}

AVX2 INLINE int32_t distance_avx2(const int16_t *query, const int8_t *row, size_t padded) {
    __m256i a = _mm256_setzero_si256(), b = a;
    for (size_t i = 0; i < padded; i += 32) {
        const __m256i q = _mm256_sub_epi16(
            _mm256_loadu_si256((const __m256i *)(query + i)), wide16(row + i));
        const __m256i r = _mm256_sub_epi16(
            _mm256_loadu_si256((const __m256i *)(query + i + 16)), wide16(row + i + 16));
        a = _mm256_add_epi32(a, _mm256_madd_epi16(q, q));
        b = _mm256_add_epi32(b, _mm256_madd_epi16(r, r));
    }
    return total8(_mm256_add_epi32(a, b));
}

ROWS(dots, avx2, AVX2, dot_avx2)
ROWS(distances, avx2, AVX2, distance_avx2)

AVX512 INLINE __m512i wide32(const int8_t *row) {
    return _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)row));
}

/// Both kernels for one way of adding up products of pairs.
#define BOTH(NAME, TARGET, ADD)                                                                    \
    TARGET INLINE int32_t dot_##NAME(const int16_t *query, const int8_t *row, size_t padded) {     \
        __m512i sum = _mm512_setzero_si512();                                                      \
        for (size_t i = 0; i < padded; i += 32)                                                    \
            sum = ADD(sum, _mm512_loadu_si512(query + i), wide32(row + i));                        \
        return _mm512_reduce_add_epi32(sum);                                                       \
    }                                                                                              \
    TARGET INLINE int32_t distance_##NAME(                                                         \
        const int16_t *query, const int8_t *row, size_t padded) {                                  \
        __m512i sum = _mm512_setzero_si512();                                                      \
        for (size_t i = 0; i < padded; i += 32) {                                                  \
            const __m512i gap = _mm512_sub_epi16(                                                  \
                _mm512_loadu_si512(query + i), wide32(row + i));                                   \
            sum = ADD(sum, gap, gap);                                                              \
        }                                                                                          \
        return _mm512_reduce_add_epi32(sum);                                                       \
    }                                                                                              \
    ROWS(dots, NAME, TARGET, dot_##NAME)                                                           \
    ROWS(distances, NAME, TARGET, distance_##NAME)

AVX512 INLINE __m512i add_products(__m512i sum, __m512i a, __m512i b) {
    return _mm512_add_epi32(sum, _mm512_madd_epi16(a, b));
}

BOTH(avx512, AVX512, add_products)
BOTH(vnni, VNNI, _mm512_dpwssd_epi32)

#endif
