// Products and distances of a query with vectors in half precision (IEEE 754 binary16), and the way
// there and back. One source for all versions: the bodies work on 16 floats, only the conversions
// differ.

#include "vector_versions.h"

#include <stddef.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#pragma clang diagnostic ignored "-Wpsabi"

/// Rows fetched ahead.
enum { AHEAD = 4 };

typedef float floats __attribute__((vector_size(64)));

// Vectors are passed by address: as values they would need the registers of the caller's target.

INLINE void load(floats *to, const float *from) { memcpy(to, from, sizeof *to); }

/// The sum of all 16, halves added to halves.
INLINE float total(const floats *sums) {
    const floats v = *sums;
    const floats eight = v + __builtin_shufflevector(
        v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
    const floats four = eight + __builtin_shufflevector(
        eight, eight, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
    return (four[0] + four[2]) + (four[1] + four[3]);
}

INLINE float as_float(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

INLINE uint32_t as_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/// The exponent moves by a product with 2 to the 112, which brings subnormal halves right as well.
INLINE float widened(uint16_t half) {
    const uint32_t magnitude = (uint32_t)(half & 0x7fff) << 13;
    const float value = magnitude >= 0x0f800000u
        ? as_float(magnitude + 0x70000000u)
        : as_float(magnitude) * 0x1p112f;
    return as_float(as_bits(value) | (uint32_t)(half & 0x8000) << 16);
}

/// To the nearest, of two the even one; beyond the largest half, infinite.
INLINE uint16_t narrowed(float value) {
    const uint32_t bits = as_bits(value), sign = bits >> 16 & 0x8000;
    const uint32_t magnitude = bits & 0x7fffffff;
    uint32_t half;
    if (magnitude > 0x7f800000) half = 0x7e00;
    else if (magnitude >= 0x47800000) half = 0x7c00;
    else if (magnitude < 0x38800000)
        // The sum has the last bit of a subnormal half as its own last bit, and rounds to it.
        half = as_bits(as_float(magnitude) + 0.5f) - 0x3f000000;
    else half = (magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13;
    return (uint16_t)(sign | half);
}

INLINE floats wide_portable(const uint16_t *from) {
    floats values;
    for (int i = 0; i < 16; i++) values[i] = widened(from[i]);
    return values;
}

INLINE void narrow_portable(const float *from, uint16_t *to) {
    for (int i = 0; i < 16; i++) to[i] = narrowed(from[i]);
}

#if defined(__x86_64__)

AVX2 INLINE floats wide_avx2(const uint16_t *from) {
    const __m256 low = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)from));
    const __m256 high = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(from + 8)));
    floats values;
    memcpy(&values, &low, sizeof low);
    memcpy((char *)&values + sizeof low, &high, sizeof high);
    return values;
}

AVX2 INLINE void narrow_avx2(const float *from, uint16_t *to) {
    for (int i = 0; i < 16; i += 8)
        _mm_storeu_si128(
            (__m128i *)(to + i),
            _mm256_cvtps_ph(_mm256_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT));
}

AVX512 INLINE floats wide_avx512(const uint16_t *from) {
    return (floats)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)from));
}

AVX512 INLINE void narrow_avx512(const float *from, uint16_t *to) {
    _mm256_storeu_si256(
        (__m256i *)to, _mm512_cvtps_ph(_mm512_loadu_ps(from), _MM_FROUND_TO_NEAREST_INT));
}

#endif

INLINE const uint16_t *
row_at(const uint16_t *rows, const uint32_t *places, size_t at, size_t padded) {
    return rows + (places ? places[at] : at) * padded;
}

/// Asks for a row that will be needed; rows that follow each other the processor foresees.
INLINE void fetch(
    const uint16_t *rows, const uint32_t *places, size_t at, size_t count, size_t padded) {
    if (!places || at >= count) return;
    mspd_prefetch(row_at(rows, places, at, padded), padded * sizeof *rows);
}

/// The kernels of one version. TERM(query, row) is what 16 numbers add to a sum.
#define ROWS(WHAT, NAME, TARGET, TERM, RESULT)                                                     \
    TARGET void mspd_half_##WHAT##_##NAME(                                                         \
        const float *query, const uint16_t *rows, const float *factors, const uint32_t *places,    \
        size_t count, size_t padded, float *out) {                                                 \
        for (size_t at = 0; at < AHEAD; at++) fetch(rows, places, at, count, padded);              \
        for (size_t at = 0; at < count; at++) {                                                    \
            fetch(rows, places, at + AHEAD, count, padded);                                        \
            const uint16_t *row = row_at(rows, places, at, padded);                                \
            const float factor = factors[places ? places[at] : at];                                \
            floats a = {0}, b = {0};                                                               \
            for (size_t i = 0; i < padded; i += 32) {                                              \
                floats p, q;                                                                       \
                load(&p, query + i);                                                               \
                load(&q, query + i + 16);                                                          \
                TERM(a, p, wide_##NAME(row + i), factor);                                          \
                TERM(b, q, wide_##NAME(row + i + 16), factor);                                     \
            }                                                                                      \
            a += b;                                                                                \
            out[at] = RESULT(total(&a), factor);                                                   \
        }                                                                                          \
    }

#define ADD_PRODUCT(sum, query, row, factor) sum += query * row
#define ADD_SQUARE(sum, query, row, factor)                                                        \
    do {                                                                                           \
        const floats gap = query - row * factor;                                                   \
        sum += gap * gap;                                                                          \
    } while (0)
#define TIMES(sum, factor) ((sum) * (factor))
#define ONLY(sum, factor) (sum)

#define HALVES(NAME, TARGET)                                                                       \
    ROWS(dots, NAME, TARGET, ADD_PRODUCT, TIMES)                                                   \
    ROWS(distances, NAME, TARGET, ADD_SQUARE, ONLY)                                                \
    TARGET void mspd_narrow_##NAME(const float *values, size_t padded, uint16_t *halves) {         \
        for (size_t i = 0; i < padded; i += 16) narrow_##NAME(values + i, halves + i);             \
    }                                                                                              \
    TARGET void mspd_widen_##NAME(                                                                 \
        const uint16_t *halves, float factor, size_t padded, float *values) {                      \
        for (size_t i = 0; i < padded; i += 16) {                                                  \
            const floats wide = wide_##NAME(halves + i) * factor;                                  \
            memcpy(values + i, &wide, sizeof wide);                                                \
        }                                                                                          \
    }

HALVES(portable, )
#if defined(__x86_64__)
HALVES(avx2, AVX2)
HALVES(avx512, AVX512)
#endif
