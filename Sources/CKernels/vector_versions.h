// What the files of vector kernels share: the functions of each version, by file.

#ifndef MSPD_VECTOR_VERSIONS_H
#define MSPD_VECTOR_VERSIONS_H

#include "mspd_prefetch.h"
#include "mspd_vector.h"

#define INLINE static inline __attribute__((always_inline))

#define AVX2 __attribute__((target("avx2,fma,f16c,popcnt,bmi,bmi2")))
#define AVX512                                                                                     \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c,popcnt,bmi,bmi2")))
#define VNNI                                                                                       \
    __attribute__((target(                                                                         \
        "avx512vnni,avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c,popcnt,bmi,bmi2")))

/// Declares the functions of one version.
#define VERSION(NAME)                                                                              \
    uint32_t mspd_scan_##NAME(const mspd_scan_job *, uint32_t *, mspd_hit *, uint32_t);            \
    void mspd_products_##NAME(                                                                     \
        const float *, const float *, const float *, size_t, size_t, float *);                     \
    void mspd_encode_##NAME(                                                                       \
        const float *, const float *, const float *, size_t, size_t, uint8_t *);                   \
    float mspd_quantise_##NAME(const float *, size_t, uint8_t *, float *);                         \
    void mspd_dots_##NAME(const float *, const float *, size_t, size_t, float *);                  \
    void mspd_byte_dots_##NAME(                                                                    \
        const int16_t *, const int8_t *, const uint32_t *, size_t, size_t, int32_t *);             \
    void mspd_byte_distances_##NAME(                                                               \
        const int16_t *, const int8_t *, const uint32_t *, size_t, size_t, int32_t *);             \
    void mspd_half_dots_##NAME(                                                                    \
        const float *, const uint16_t *, const float *, const uint32_t *, size_t, size_t,          \
        float *);                                                                                  \
    void mspd_half_distances_##NAME(                                                               \
        const float *, const uint16_t *, const float *, const uint32_t *, size_t, size_t,          \
        float *);                                                                                  \
    uint32_t mspd_near_##NAME(const mspd_near_job *, uint32_t *, mspd_hit *, uint32_t);            \
    void mspd_narrow_##NAME(const float *, size_t, uint16_t *);                                    \
    void mspd_widen_##NAME(const uint16_t *, float, size_t, float *);

VERSION(portable)
VERSION(avx2)
VERSION(avx512)
#undef VERSION

void mspd_byte_dots_vnni(
    const int16_t *, const int8_t *, const uint32_t *, size_t, size_t, int32_t *);
void mspd_byte_distances_vnni(
    const int16_t *, const int8_t *, const uint32_t *, size_t, size_t, int32_t *);
uint32_t mspd_near_vnni(const mspd_near_job *, uint32_t *, mspd_hit *, uint32_t);

#endif
