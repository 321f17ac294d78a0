// Kernels over floats and bytes of whole vectors. One source for all versions: the bodies are
// written for vectors of 16 floats or loops over 32 bytes, and inlined into functions that are
// compiled for one instruction set each.

#include "vector_versions.h"

#include <float.h>
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#pragma clang diagnostic ignored "-Wpsabi"

typedef float floats __attribute__((vector_size(64)));
typedef int32_t ints __attribute__((vector_size(64)));
typedef uint8_t small __attribute__((vector_size(16)));

INLINE floats load(const float *from) {
    floats values;
    memcpy(&values, from, sizeof values);
    return values;
}

INLINE void store(float *to, floats values) { memcpy(to, &values, sizeof values); }

/// The sum of all 16, halves added to halves.
INLINE float total(floats v) {
    const floats eight = v + __builtin_shufflevector(
        v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
    const floats four = eight + __builtin_shufflevector(
        eight, eight, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
    return (four[0] + four[2]) + (four[1] + four[3]);
}

/// Leaves in every place the best of all 16; the compiler's own reduction takes one after the
/// other.
#define ALL(v, OF)                                                                                 \
    do {                                                                                           \
        v = OF(v, __builtin_shufflevector(                                                         \
                v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));                      \
        v = OF(v, __builtin_shufflevector(                                                         \
                v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));                      \
        v = OF(v, __builtin_shufflevector(                                                         \
                v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));                      \
        v = OF(v, __builtin_shufflevector(                                                         \
                v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));                      \
    } while (0)

/// The products of one part of a vector with its 16 centroids.
INLINE floats part_products(
    const float *query, const float *centroids, const float *halved, size_t width) {
    floats sum = halved ? load(halved) : (floats){0};
    for (size_t i = 0; i < width; i++) sum += query[i] * load(centroids + i * MSPD_CENTROIDS);
    return sum;
}

INLINE void products(
    const float *query, const float *centroids, const float *halved, size_t parts, size_t width,
    float *out) {
    for (size_t part = 0; part < parts; part++) {
        store(out, part_products(query, centroids, halved, width));
        query += width;
        centroids += width * MSPD_CENTROIDS;
        if (halved) halved += MSPD_CENTROIDS;
        out += MSPD_CENTROIDS;
    }
}

INLINE void encode(
    const float *vector, const float *centroids, const float *halved, size_t parts, size_t width,
    uint8_t *codes) {
    const ints numbers = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    for (size_t part = 0; part < parts; part++) {
        const floats values = part_products(vector, centroids, halved, width);
        floats most = values;
        ALL(most, __builtin_elementwise_max);
        const ints isBest = values == most;
        codes[part] = (uint8_t)__builtin_reduce_min((numbers & isBest) | (~isBest & 15));
        vector += width;
        centroids += width * MSPD_CENTROIDS;
        halved += MSPD_CENTROIDS;
    }
}

INLINE float quantise(const float *rows, size_t parts, uint8_t *entries, float *lows) {
    floats ranges = {0}, sum = {0};
    for (size_t part = 0; part < parts; part++) {
        floats low = load(rows + part * MSPD_CENTROIDS), high = low;
        ALL(low, __builtin_elementwise_min);
        ALL(high, __builtin_elementwise_max);
        high -= low;
        ranges = __builtin_elementwise_max(ranges, high);
        sum += low;
    }
    const float range = ranges[0];
    const float step = fmaxf(range / MSPD_ENTRY_MAX, FLT_MIN), scale = 1 / step;
    for (size_t part = 0; part < parts; part++) {
        const floats row = load(rows + part * MSPD_CENTROIDS);
        floats low = row;
        ALL(low, __builtin_elementwise_min);
        const ints entry = __builtin_convertvector((row - low) * scale + 0.5f, ints);
        const ints bounded = __builtin_elementwise_min(entry, (ints){0} + MSPD_ENTRY_MAX);
        const small bytes = __builtin_convertvector(bounded, small);
        memcpy(entries + part * MSPD_CENTROIDS, &bytes, sizeof bytes);
    }
    *lows = sum[0];
    return step;
}

/// Four rows at a time, so that each number of the query is loaded once for them.
INLINE void
dots(const float *query, const float *rows, size_t count, size_t padded, float *out) {
    size_t row = 0;
    for (; row + 4 <= count; row += 4, rows += 4 * padded) {
        floats a = {0}, b = {0}, c = {0}, d = {0};
        for (size_t i = 0; i < padded; i += 16) {
            const floats values = load(query + i);
            a += values * load(rows + i);
            b += values * load(rows + padded + i);
            c += values * load(rows + 2 * padded + i);
            d += values * load(rows + 3 * padded + i);
        }
        out[row] = total(a);
        out[row + 1] = total(b);
        out[row + 2] = total(c);
        out[row + 3] = total(d);
    }
    for (; row < count; row++, rows += padded) {
        floats a = {0};
        for (size_t i = 0; i < padded; i += 16) a += load(query + i) * load(rows + i);
        out[row] = total(a);
    }
}

#define FLOATS(NAME, TARGET)                                                                       \
    TARGET void mspd_products_##NAME(                                                              \
        const float *query, const float *centroids, const float *halved, size_t parts,             \
        size_t width, float *out) {                                                                \
        if (halved) products(query, centroids, halved, parts, width, out);                         \
        else products(query, centroids, NULL, parts, width, out);                                  \
    }                                                                                              \
    TARGET void mspd_encode_##NAME(                                                                \
        const float *vector, const float *centroids, const float *halved, size_t parts,            \
        size_t width, uint8_t *codes) {                                                            \
        encode(vector, centroids, halved, parts, width, codes);                                    \
    }                                                                                              \
    TARGET float mspd_quantise_##NAME(                                                             \
        const float *rows, size_t parts, uint8_t *entries, float *lows) {                          \
        return quantise(rows, parts, entries, lows);                                               \
    }                                                                                              \
    TARGET void mspd_dots_##NAME(                                                                  \
        const float *query, const float *rows, size_t count, size_t padded, float *out) {          \
        dots(query, rows, count, padded, out);                                                     \
    }

FLOATS(portable, )
#if defined(__x86_64__)
FLOATS(avx2, AVX2)
FLOATS(avx512, AVX512)
#endif
