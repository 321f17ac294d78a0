// The vector kernels by level, and the version that was chosen.

#include "vector_versions.h"

#define VERSION(NAME, BYTES)                                                                       \
    static const mspd_vector_kernels version_##BYTES = {                                           \
        mspd_scan_##NAME, mspd_products_##NAME, mspd_encode_##NAME, mspd_quantise_##NAME,          \
        mspd_dots_##NAME, mspd_near_##BYTES, mspd_byte_dots_##BYTES,                               \
        mspd_byte_distances_##BYTES,                                                               \
        mspd_half_dots_##NAME, mspd_half_distances_##NAME, mspd_narrow_##NAME,                     \
        mspd_widen_##NAME};

VERSION(portable, portable)

#if defined(__x86_64__)
VERSION(avx2, avx2)
VERSION(avx512, avx512)
VERSION(avx512, vnni)
#endif

const mspd_vector_kernels *mspd_vector_at(mspd_simd_level level) {
#if defined(__x86_64__)
    if (level >= MSPD_VNNI) return &version_vnni;
    if (level >= MSPD_AVX512) return &version_avx512;
    if (level >= MSPD_AVX2) return &version_avx2;
#endif
    return &version_portable;
}

static const mspd_vector_kernels *chosen;

/// Runs before main: afterwards nothing here is written, so any thread may read it.
__attribute__((constructor)) static void choose(void) { chosen = mspd_vector_at(mspd_simd()); }

uint32_t mspd_vector_scan(
    const mspd_scan_job *job, uint32_t *block, mspd_hit *hits, uint32_t room) {
    return chosen->scan(job, block, hits, room);
}

void mspd_vector_products(
    const float *query, const float *centroids, const float *halved, size_t parts, size_t width,
    float *out) {
    chosen->products(query, centroids, halved, parts, width, out);
}

void mspd_vector_encode(
    const float *vector, const float *centroids, const float *halved, size_t parts, size_t width,
    uint8_t *codes) {
    chosen->encode(vector, centroids, halved, parts, width, codes);
}

float mspd_vector_quantise(const float *rows, size_t parts, uint8_t *entries, float *lows) {
    return chosen->quantise(rows, parts, entries, lows);
}

void mspd_vector_dots(
    const float *query, const float *rows, size_t count, size_t padded, float *out) {
    chosen->dots(query, rows, count, padded, out);
}

uint32_t mspd_vector_near(
    const mspd_near_job *job, uint32_t *block, mspd_hit *hits, uint32_t room) {
    return chosen->near(job, block, hits, room);
}

void mspd_vector_byte_dots(
    const int16_t *query, const int8_t *rows, const uint32_t *places, size_t count, size_t padded,
    int32_t *out) {
    chosen->byte_dots(query, rows, places, count, padded, out);
}

void mspd_vector_byte_distances(
    const int16_t *query, const int8_t *rows, const uint32_t *places, size_t count, size_t padded,
    int32_t *out) {
    chosen->byte_distances(query, rows, places, count, padded, out);
}

void mspd_vector_half_dots(
    const float *query, const uint16_t *rows, const float *factors, const uint32_t *places,
    size_t count, size_t padded, float *out) {
    chosen->half_dots(query, rows, factors, places, count, padded, out);
}

void mspd_vector_half_distances(
    const float *query, const uint16_t *rows, const float *factors, const uint32_t *places,
    size_t count, size_t padded, float *out) {
    chosen->half_distances(query, rows, factors, places, count, padded, out);
}

void mspd_vector_narrow(const float *values, size_t padded, uint16_t *halves) {
    chosen->narrow(values, padded, halves);
}

void mspd_vector_widen(const uint16_t *halves, float factor, size_t padded, float *values) {
    chosen->widen(halves, factor, padded, values);
}
