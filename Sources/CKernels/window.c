// One source for all versions: the bodies are written for vectors of V, and inlined into functions
// that are compiled for one instruction set each.

#include "mspd_window.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))

// Unaligned vectors of 128, 256 and 512 bits.
typedef uint64_t v2 __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint64_t v4 __attribute__((vector_size(32), aligned(1), may_alias));
typedef uint64_t v8 __attribute__((vector_size(64), aligned(1), may_alias));

INLINE uint64_t word(const uint64_t *at) {
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

INLINE uint32_t popcount(uint64_t word) { return (uint32_t)__builtin_popcountll(word); }

static const uint64_t all_or_none[16] = {~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull};

#define MEET(NAME, TARGET)                                                                         \
    TARGET static mspd_window_met meet_##NAME(                                                     \
        const uint32_t *numbers, size_t count, uint32_t *list, size_t listed, uint32_t *places,    \
        mspd_window_met met) {                                                                     \
        const uint32_t last = numbers[count - 1];                                                  \
        for (; met.seen < listed && list[met.seen] <= last; met.seen++) {                          \
            const uint32_t wanted = list[met.seen];                                                \
            met.place = place_##NAME(numbers, met.place, count, wanted);                           \
            list[met.kept] = wanted;                                                               \
            if (places) places[met.kept] = (uint32_t)met.place;                                    \
            met.kept += numbers[met.place] == wanted;                                              \
        }                                                                                          \
        return met;                                                                                \
    }

#define VERSION(NAME, V, TARGET)                                                                   \
    TARGET static void keep_##NAME(uint64_t *into, const uint64_t *bits) {                         \
        for (int at = 0; at < MSPD_WINDOW_WORDS; at += (int)(sizeof(V) / 8))                       \
            *(V *)(into + at) &= *(const V *)(bits + at);                                          \
    }                                                                                              \
    TARGET static void drop_##NAME(uint64_t *into, const uint64_t *bits) {                         \
        for (int at = 0; at < MSPD_WINDOW_WORDS; at += (int)(sizeof(V) / 8))                       \
            *(V *)(into + at) &= ~*(const V *)(bits + at);                                         \
    }                                                                                              \
    TARGET static uint32_t count_##NAME(const uint64_t *bits) {                                    \
        uint32_t sum = 0;                                                                          \
        for (int at = 0; at < MSPD_WINDOW_WORDS; at++) sum += popcount(word(bits + at));           \
        return sum;                                                                                \
    }                                                                                              \
    TARGET static uint32_t rank_##NAME(const uint64_t *bits, uint32_t bit) {                       \
        /* Whole words by masks of all or none: how many there are cannot be foretold. */          \
        const uint64_t *whole = all_or_none + 8 - bit / 64;                                        \
        uint32_t sum = popcount(word(bits + bit / 64) & ((1ull << bit % 64) - 1));                 \
        _Pragma("GCC unroll 8") for (int at = 0; at < 8; at++)                                     \
            sum += popcount(word(bits + at) & whole[at]);                                          \
        return sum;                                                                                \
    }                                                                                              \
    static const mspd_window_kernels version_##NAME = {                                            \
        #NAME, keep_##NAME, drop_##NAME, count_##NAME, reach_##NAME, rank_##NAME,                  \
        place_##NAME, meet_##NAME, ends_##NAME, set_##NAME};

static void reach_portable(
    uint64_t *into, const uint64_t *const *items, const uint8_t *weights, int count, int least) {
    for (int at = 0; at < MSPD_WINDOW_WORDS; at++) {
        for (uint64_t left = into[at]; left; left &= left - 1) {
            const int bit = __builtin_ctzll(left);
            int sum = 0;
            for (int i = 0; i < count && sum < least; i++)
                sum += (word(items[i] + at) >> bit & 1) ? weights[i] : 0;
            if (sum < least) into[at] &= ~(1ull << bit);
        }
    }
}

static size_t place_portable(
    const uint32_t *numbers, size_t from, size_t count, uint32_t target) {
    size_t step = 1;
    while (from + step < count && numbers[from + step] < target) {
        from += step;
        step *= 2;
    }
    size_t to = from + step < count ? from + step : count - 1;
    while (from < to) {
        const size_t middle = (from + to) / 2;
        if (numbers[middle] < target) from = middle + 1;
        else to = middle;
    }
    return from;
}

static uint32_t ends_portable(const void *numbers, uint32_t target) {
    uint32_t sum = 0;
    for (int i = 0; i < 8; i++) {
        uint32_t number;
        memcpy(&number, (const uint8_t *)numbers + 16 * i, sizeof number);
        sum += number < target;
    }
    return sum;
}

static size_t set_portable(
    const void *bits, uint32_t first, uint32_t size, uint32_t *list, size_t count) {
    size_t kept = 0;
    for (size_t at = 0; at < count; at++) {
        const uint32_t place = list[at] - first;
        if (place >= size) continue;
        list[kept] = list[at];
        kept += ((const uint8_t *)bits)[place / 8] >> place % 8 & 1;
    }
    return kept;
}

MEET(portable, )
VERSION(portable, v2, )

#if defined(__x86_64__)
// 32 sums of bytes at once; bits become masks of bytes by a comparison.
__attribute__((target("avx2"))) static void reach_avx2(
    uint64_t *into, const uint64_t *const *items, const uint8_t *weights, int count, int least) {
    const __m256i spread = _mm256_setr_epi64x(
        0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i each = _mm256_set1_epi64x((long long)0x8040201008040201);
    const __m256i enough = _mm256_set1_epi8((char)least);
    for (int half = 0; half < 2 * MSPD_WINDOW_WORDS; half++) {
        const uint32_t asked = (uint32_t)(into[half / 2] >> 32 * (half % 2));
        if (!asked) continue;
        __m256i sums = _mm256_setzero_si256();
        for (int i = 0; i < count; i++) {
            const int bits = (int)(uint32_t)(word(items[i] + half / 2) >> 32 * (half % 2));
            const __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32(bits), spread);
            const __m256i mask = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, each), each);
            const __m256i weight = _mm256_set1_epi8((char)weights[i]);
            sums = _mm256_adds_epu8(sums, _mm256_and_si256(mask, weight));
        }
        const __m256i reached = _mm256_cmpeq_epi8(_mm256_max_epu8(sums, enough), sums);
        const uint64_t missed = (uint32_t)~_mm256_movemask_epi8(reached);
        into[half / 2] &= ~(missed << 32 * (half % 2));
    }
}

// 64 sums of bytes at once, under masks that are the bits themselves.
__attribute__((target("avx512f,avx512bw"))) static void reach_avx512(
    uint64_t *into, const uint64_t *const *items, const uint8_t *weights, int count, int least) {
    const __m512i enough = _mm512_set1_epi8((char)least);
    for (int at = 0; at < MSPD_WINDOW_WORDS; at += 4) {
        __m512i sums[4] = {
            _mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(),
            _mm512_setzero_si512()};
        for (int i = 0; i < count; i++) {
            const __m512i weight = _mm512_set1_epi8((char)weights[i]);
            _Pragma("GCC unroll 4") for (int k = 0; k < 4; k++) {
                sums[k] = _mm512_mask_adds_epu8(
                    sums[k], word(items[i] + at + k), sums[k], weight);
            }
        }
        _Pragma("GCC unroll 4") for (int k = 0; k < 4; k++) {
            into[at + k] &= _mm512_cmpge_epu8_mask(sums[k], enough);
        }
    }
}

__attribute__((target("avx2,popcnt"))) INLINE size_t place_avx2(
    const uint32_t *numbers, size_t from, size_t count, uint32_t target) {
    // There is a comparison of signed numbers alone.
    const __m256i sign = _mm256_set1_epi32((int)0x80000000);
    const __m256i wanted = _mm256_set1_epi32((int)(target ^ 0x80000000));
    for (; from + 8 <= count; from += 8) {
        const __m256i eight = _mm256_loadu_si256((const __m256i *)(numbers + from));
        const __m256i before = _mm256_cmpgt_epi32(wanted, _mm256_xor_si256(eight, sign));
        const int mask = _mm256_movemask_ps(_mm256_castsi256_ps(before));
        if (mask != 255) return from + popcount((uint64_t)mask);
    }
    while (from + 1 < count && numbers[from] < target) from++;
    return from < count ? from : count - 1;
}

__attribute__((target("avx512f,avx512bw,popcnt"))) INLINE size_t place_avx512(
    const uint32_t *numbers, size_t from, size_t count, uint32_t target) {
    const __m512i wanted = _mm512_set1_epi32((int)target);
    for (; from + 16 <= count; from += 16) {
        const __m512i all = _mm512_loadu_si512(numbers + from);
        const __mmask16 before = _mm512_cmplt_epu32_mask(all, wanted);
        if (before != 0xffff) return from + popcount(before);
    }
    const __mmask16 rest = (__mmask16)((1u << (count - from)) - 1);
    const __m512i few = _mm512_maskz_loadu_epi32(rest, numbers + from);
    from += popcount(_mm512_mask_cmplt_epu32_mask(rest, few, wanted));
    return from < count ? from : count - 1;
}

#define place_long place_avx512
MEET(long, __attribute__((target("avx512f,avx512bw,popcnt"))))

// In a whole block each is looked for among the sixteen that it must be one of, which the last of
// each sixteen tell.
__attribute__((target("avx512f,avx512bw,avx512vl,popcnt"))) static mspd_window_met meet_block(
    const uint32_t *numbers, uint32_t *list, size_t listed, uint32_t *places,
    mspd_window_met met) {
    const __m256i each = _mm256_setr_epi32(15, 31, 47, 63, 79, 95, 111, 127);
    const __m256i lasts = _mm256_i32gather_epi32((const int *)numbers, each, 4);
    const uint32_t last = numbers[127];
    for (; met.seen < listed && list[met.seen] <= last; met.seen++) {
        const __m512i wanted = _mm512_set1_epi32((int)list[met.seen]);
        const __mmask8 before = _mm256_cmplt_epu32_mask(lasts, _mm512_castsi512_si256(wanted));
        const size_t at = 16 * popcount(before);
        const __m512i all = _mm512_loadu_si512(numbers + at);
        met.place = at + popcount(_mm512_cmplt_epu32_mask(all, wanted));
        list[met.kept] = list[met.seen];
        if (places) places[met.kept] = (uint32_t)met.place;
        met.kept += _mm512_cmpeq_epi32_mask(all, wanted) != 0;
    }
    return met;
}

// Among the numbers of a block each is looked for in all of them: how many it would take to find
// its place cannot be foretold.
__attribute__((target("avx512f,avx512bw,avx512vl,popcnt"))) static mspd_window_met meet_avx512(
    const uint32_t *numbers, size_t count, uint32_t *list, size_t listed, uint32_t *places,
    mspd_window_met met) {
    const uint32_t last = numbers[count - 1];
    const size_t from = met.place, whole = (count - from) / 16 * 16;
    const __mmask16 rest = (__mmask16)((1u << (count - from) % 16) - 1);
    if (count == 128 && from == 0) return meet_block(numbers, list, listed, places, met);
    if (places || count - from > 128)
        return meet_long(numbers, count, list, listed, places, met);
    uint32_t latest = 0;
    size_t seen = met.seen;
    for (; seen < listed && list[seen] <= last; seen++) {
        const __m512i wanted = _mm512_set1_epi32((int)list[seen]);
        __mmask16 found = _mm512_mask_cmpeq_epi32_mask(
            rest, wanted, _mm512_maskz_loadu_epi32(rest, numbers + from + whole));
        for (size_t at = 0; at < whole; at += 16)
            found |= _mm512_cmpeq_epi32_mask(wanted, _mm512_loadu_si512(numbers + from + at));
        list[met.kept] = latest = list[seen];
        met.kept += found != 0;
    }
    if (seen == met.seen) return met;
    met.place = place_avx512(numbers, from, count, latest);
    met.seen = seen;
    return met;
}

__attribute__((target("avx512f,avx512bw,popcnt"))) static uint32_t ends_avx512(
    const void *numbers, uint32_t target) {
    const __m512i wanted = _mm512_set1_epi32((int)target);
    const __m512i low = _mm512_loadu_si512(numbers);
    const __m512i high = _mm512_loadu_si512((const uint8_t *)numbers + 64);
    const __mmask16 before = _mm512_mask_cmplt_epu32_mask(0x1111, low, wanted);
    return popcount(before) + popcount(_mm512_mask_cmplt_epu32_mask(0x1111, high, wanted));
}

// Sixteen at a time; what is kept never comes behind what was read.
__attribute__((target("avx512f,avx512bw,avx512vl,popcnt"))) static size_t set_avx512(
    const void *bits, uint32_t first, uint32_t size, uint32_t *list, size_t count) {
    const __m512i begin = _mm512_set1_epi32((int)first), end = _mm512_set1_epi32((int)size);
    const __m512i one = _mm512_set1_epi32(1), low = _mm512_set1_epi32(31);
    size_t kept = 0;
    for (size_t at = 0; at < count; at += 16) {
        const __mmask16 rest = count - at < 16 ? (__mmask16)((1u << (count - at)) - 1) : 0xffff;
        const __m512i numbers = _mm512_maskz_loadu_epi32(rest, list + at);
        const __m512i places = _mm512_sub_epi32(numbers, begin);
        const __mmask16 there = _mm512_mask_cmplt_epu32_mask(rest, places, end);
        const __m512i words = _mm512_mask_i32gather_epi32(
            _mm512_setzero_si512(), there, _mm512_srli_epi32(places, 5), bits, 4);
        const __m512i each = _mm512_sllv_epi32(one, _mm512_and_si512(places, low));
        const __mmask16 held = _mm512_mask_test_epi32_mask(there, words, each);
        const uint32_t more = popcount(held);
        _mm512_mask_storeu_epi32(
            list + kept, (__mmask16)((1u << more) - 1), _mm512_maskz_compress_epi32(held, numbers));
        kept += more;
    }
    return kept;
}

#define set_avx2 set_portable
#define ends_avx2 ends_portable
MEET(avx2, __attribute__((target("avx2,popcnt,bmi,bmi2"))))
VERSION(avx2, v4, __attribute__((target("avx2,popcnt,bmi,bmi2"))))
VERSION(avx512, v8, __attribute__((target("avx512f,avx512bw,avx2,popcnt,bmi,bmi2"))))
#endif

static const mspd_window_kernels *chosen;

const mspd_window_kernels *mspd_window_at(mspd_simd_level level) {
#if defined(__x86_64__)
    if (level >= MSPD_AVX512) return &version_avx512;
    if (level >= MSPD_AVX2) return &version_avx2;
#endif
    return &version_portable;
}

/// Runs before main: afterwards nothing here is written, so any thread may read it.
__attribute__((constructor)) static void choose(void) { chosen = mspd_window_at(mspd_simd()); }

const mspd_window_kernels *mspd_window_chosen(void) { return chosen; }

void mspd_window_keep(uint64_t *into, const uint64_t *bits) { chosen->keep(into, bits); }

void mspd_window_drop(uint64_t *into, const uint64_t *bits) { chosen->drop(into, bits); }

uint32_t mspd_window_count(const uint64_t *bits) { return chosen->count(bits); }

void mspd_window_reach(
    uint64_t *into, const uint64_t *const *items, const uint8_t *weights, int count, int least) {
    chosen->reach(into, items, weights, count, least);
}

uint32_t mspd_window_rank(const uint64_t *bits, uint32_t bit) { return chosen->rank(bits, bit); }

size_t mspd_window_place(
    const uint32_t *numbers, size_t from, size_t count, uint32_t target) {
    return chosen->place(numbers, from, count, target);
}

mspd_window_met mspd_window_meet(
    const uint32_t *numbers, size_t count, uint32_t *list, size_t listed, uint32_t *places,
    mspd_window_met met) {
    return chosen->meet(numbers, count, list, listed, places, met);
}

uint32_t mspd_window_ends(const void *numbers, uint32_t target) {
    return chosen->ends(numbers, target);
}

size_t mspd_window_set(
    const void *bits, uint32_t first, uint32_t size, uint32_t *list, size_t count) {
    // Of a few it takes longer to begin.
    return count < 16 ? set_portable(bits, first, size, list, count)
                      : chosen->set(bits, first, size, list, count);
}

// Neighbours often share a word, which is written for each of them and never read: what it holds so
// far is at hand.
#define SCATTER(PLACE)                                                                             \
    if (!count) return;                                                                            \
    size_t word = PLACE(0) / 64 % MSPD_WINDOW_WORDS;                                               \
    uint64_t held = bits[word];                                                                    \
    for (size_t i = 0; i < count; i++) {                                                           \
        const uint32_t place = PLACE(i);                                                           \
        const size_t next = place / 64 % MSPD_WINDOW_WORDS;                                        \
        held = next == word ? held : 0;                                                            \
        held |= 1ull << place % 64;                                                                \
        bits[word = next] = held;                                                                  \
    }

void mspd_window_scatter(
    const uint32_t *documents, size_t count, uint32_t first, uint64_t *bits) {
#define DOCUMENT(AT) (documents[AT] - first)
    SCATTER(DOCUMENT)
}

static inline uint32_t place_of(const uint8_t *codes, size_t at) {
    return ((uint32_t)codes[2 * at] | (uint32_t)codes[2 * at + 1] << 8) >> 4;
}

void mspd_window_scatter_codes(const void *codes, size_t count, uint64_t *bits) {
#define CODE(AT) place_of(codes, AT)
    SCATTER(CODE)
}

size_t mspd_window_mark(
    const uint32_t *documents, size_t from, size_t to, const void *codes, size_t count,
    uint32_t first, uint64_t *bits) {
    size_t marked = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t at = ((const uint8_t *)codes)[2 * i] & 127;
        if (at < from || at >= to) continue;
        const uint32_t place = documents[at] - first;
        bits[place / 64 % MSPD_WINDOW_WORDS] |= 1ull << place % 64;
        marked++;
    }
    return marked;
}
