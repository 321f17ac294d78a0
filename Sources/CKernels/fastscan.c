// Scans product codes in blocks of 32. A shuffle looks up 16 entries at once in each lane of a
// register: the row of a part is the index, its table the register. Four entries are added as
// bytes, then widened.

#include "vector_versions.h"

#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/// The vectors of a block that there are: the last may be partly filled.
INLINE uint32_t there(const mspd_scan_job *job, uint32_t block) {
    const uint32_t left = job->count - block * MSPD_BLOCK;
    return left < MSPD_BLOCK ? (1u << left) - 1 : 0xffffffffu;
}

/// The least sum of a block that passes, once the offset is added; false when none can.
INLINE bool block_bar(const mspd_scan_job *job, uint16_t *bar) {
    const int64_t least = (int64_t)job->bar - job->offset;
    *bar = (uint16_t)(least < 0 ? 0 : least);
    return least <= (int64_t)job->parts * MSPD_ENTRY_MAX;
}

/// Asks for the codes that will be scanned next: enough of them for the processor to notice where
/// they are going.
INLINE void fetch_next(const uint8_t *next) {
    if (!next) return;
    mspd_prefetch(next, 2048);
}

/// Writes the vectors in `passing`, whose sums are in `sums`.
INLINE uint32_t write_hits(
    const mspd_scan_job *job, uint32_t block, uint32_t passing, const uint16_t *sums,
    mspd_hit *hits) {
    uint32_t count = 0;
    for (; passing; passing &= passing - 1) {
        const uint32_t vector = (uint32_t)__builtin_ctz(passing);
        hits[count++] = (mspd_hit){
            job->first + block * MSPD_BLOCK + vector, job->offset + sums[vector]};
    }
    return count;
}

/// The loop over blocks; SUMS(codes, tables, parts, bar, sums) fills `sums` where any reaches the
/// bar and returns which do.
#define SCAN(NAME, TARGET, SUMS)                                                                   \
    TARGET uint32_t mspd_scan_##NAME(                                                              \
        const mspd_scan_job *job, uint32_t *block, mspd_hit *hits, uint32_t room) {                \
        const uint32_t blocks = (job->count + MSPD_BLOCK - 1) / MSPD_BLOCK;                        \
        uint32_t at = *block, count = 0;                                                           \
        uint16_t bar;                                                                              \
        *block = blocks;                                                                           \
        fetch_next(job->next);                                                                     \
        if (!block_bar(job, &bar)) return 0;                                                       \
        for (; at < blocks; at++) {                                                                \
            if (room - count < MSPD_BLOCK) break;                                                  \
            uint16_t sums[MSPD_BLOCK] __attribute__((aligned(64)));                                \
            const uint8_t *codes = job->codes + (size_t)at * job->parts * 16;                      \
            const uint32_t passing =                                                               \
                there(job, at) & SUMS(codes, job->tables, job->parts, bar, sums);                  \
            if (passing) count += write_hits(job, at, passing, sums, hits + count);                \
        }                                                                                          \
        *block = at;                                                                               \
        return count;                                                                              \
    }

static uint32_t sums_portable(
    const uint8_t *codes, const uint8_t *tables, uint32_t parts, uint16_t bar, uint16_t *sums) {
    memset(sums, 0, MSPD_BLOCK * sizeof *sums);
    for (uint32_t part = 0; part < parts; part++, codes += 16, tables += 16) {
        for (int byte = 0; byte < 16; byte++) {
            const int vector = byte / 2 + byte % 2 * 8;
            sums[vector] += tables[codes[byte] & 15];
            sums[vector + 16] += tables[codes[byte] >> 4];
        }
    }
    uint32_t passing = 0;
    for (int vector = 0; vector < MSPD_BLOCK; vector++)
        passing |= (uint32_t)(sums[vector] >= bar) << vector;
    return passing;
}

SCAN(portable, , sums_portable)

#if defined(__x86_64__)

AVX2 INLINE uint32_t sums_avx2(
    const uint8_t *codes, const uint8_t *tables, uint32_t parts, uint16_t bar, uint16_t *sums) {
    const __m256i half = _mm256_set1_epi8(15), even = _mm256_set1_epi16(255);
    __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
    for (uint32_t part = 0; part < parts;) {
        __m256i low = _mm256_setzero_si256(), high = low;
        for (int i = 0; i < 4 && part < parts; i++, part += 2) {
            const __m256i code = _mm256_loadu_si256((const __m256i *)(codes + part * 16));
            const __m256i table = _mm256_loadu_si256((const __m256i *)(tables + part * 16));
            const __m256i upper = _mm256_and_si256(_mm256_srli_epi16(code, 4), half);
            low = _mm256_add_epi8(low, _mm256_shuffle_epi8(table, _mm256_and_si256(code, half)));
            high = _mm256_add_epi8(high, _mm256_shuffle_epi8(table, upper));
        }
        a = _mm256_add_epi16(a, _mm256_and_si256(low, even));
        b = _mm256_add_epi16(b, _mm256_srli_epi16(low, 8));
        c = _mm256_add_epi16(c, _mm256_and_si256(high, even));
        d = _mm256_add_epi16(d, _mm256_srli_epi16(high, 8));
    }
    // Both lanes of each, added: vectors 0 to 15 and 16 to 31.
    const __m256i first = _mm256_add_epi16(
        _mm256_permute2x128_si256(a, b, 0x20), _mm256_permute2x128_si256(a, b, 0x31));
    const __m256i second = _mm256_add_epi16(
        _mm256_permute2x128_si256(c, d, 0x20), _mm256_permute2x128_si256(c, d, 0x31));
    const __m256i least = _mm256_set1_epi16((short)bar);
    const __m256i passing = _mm256_packs_epi16(
        _mm256_cmpeq_epi16(_mm256_max_epu16(first, least), first),
        _mm256_cmpeq_epi16(_mm256_max_epu16(second, least), second));
    _mm256_store_si256((__m256i *)sums, first);
    _mm256_store_si256((__m256i *)(sums + 16), second);
    return (uint32_t)_mm256_movemask_epi8(_mm256_permute4x64_epi64(passing, 0xd8));
}

SCAN(avx2, AVX2, sums_avx2)

AVX512 INLINE uint32_t sums_avx512(
    const uint8_t *codes, const uint8_t *tables, uint32_t parts, uint16_t bar, uint16_t *sums) {
    const __m512i half = _mm512_set1_epi8(15), even = _mm512_set1_epi16(255);
    __m512i a = _mm512_setzero_si512(), b = a, c = a, d = a;
    for (uint32_t part = 0; part < parts;) {
        __m512i low = _mm512_setzero_si512(), high = low;
        for (int i = 0; i < 4 && part < parts; i++, part += 4) {
            const __m512i code = _mm512_loadu_si512(codes + part * 16);
            const __m512i table = _mm512_loadu_si512(tables + part * 16);
            const __m512i upper = _mm512_and_si512(_mm512_srli_epi16(code, 4), half);
            low = _mm512_add_epi8(low, _mm512_shuffle_epi8(table, _mm512_and_si512(code, half)));
            high = _mm512_add_epi8(high, _mm512_shuffle_epi8(table, upper));
        }
        a = _mm512_add_epi16(a, _mm512_and_si512(low, even));
        b = _mm512_add_epi16(b, _mm512_srli_epi16(low, 8));
        c = _mm512_add_epi16(c, _mm512_and_si512(high, even));
        d = _mm512_add_epi16(d, _mm512_srli_epi16(high, 8));
    }
    // All four lanes of each, added: one lane for every eight vectors.
    const __m512i ab = _mm512_add_epi16(
        _mm512_shuffle_i64x2(a, b, 0x44), _mm512_shuffle_i64x2(a, b, 0xee));
    const __m512i cd = _mm512_add_epi16(
        _mm512_shuffle_i64x2(c, d, 0x44), _mm512_shuffle_i64x2(c, d, 0xee));
    const __m512i all = _mm512_add_epi16(
        _mm512_shuffle_i64x2(ab, cd, 0x88), _mm512_shuffle_i64x2(ab, cd, 0xdd));
    _mm512_store_si512(sums, all);
    return _mm512_cmpge_epu16_mask(all, _mm512_set1_epi16((short)bar));
}

SCAN(avx512, AVX512, sums_avx512)

#endif
