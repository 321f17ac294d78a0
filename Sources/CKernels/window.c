// One source for all versions: the bodies are written for vectors of V, and inlined into functions
// that are compiled for one instruction set each.

#include "mspd_window.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

// Unaligned vectors of 128, 256 and 512 bits.
typedef uint64_t v2 __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint64_t v4 __attribute__((vector_size(32), aligned(1), may_alias));
typedef uint64_t v8 __attribute__((vector_size(64), aligned(1), may_alias));

/// reached[l] has the documents with more than l items set so far.
#define SELECT_BODY(V, LEVELS)                                                                     \
    for (int at = 0; at < MSPD_WINDOW_WORDS; at += (int)(sizeof(V) / 8)) {                         \
        V kept = *(const V *)(into + at);                                                          \
        V reached[LEVELS] = {0};                                                                   \
        for (int i = 0; i < count; i++) {                                                          \
            const V item = *(const V *)(items[i] + at);                                            \
            _Pragma("GCC unroll 8") for (int l = LEVELS - 1; l > 0; l--) {                         \
                reached[l] |= reached[l - 1] & item;                                               \
            }                                                                                      \
            reached[0] |= item;                                                                    \
            if (need[i]) {                                                                         \
                V enough = reached[0];                                                             \
                _Pragma("GCC unroll 8") for (int l = 1; l < LEVELS; l++) {                         \
                    if (need[i] == l + 1) enough = reached[l];                                     \
                }                                                                                  \
                kept &= enough;                                                                    \
            }                                                                                      \
        }                                                                                          \
        *(V *)(into + at) = kept;                                                                  \
    }

#define SELECT_CASE(V, LEVELS)                                                                     \
    case LEVELS: {                                                                                 \
        SELECT_BODY(V, LEVELS)                                                                     \
        return;                                                                                    \
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
    TARGET static void select_##NAME(                                                              \
        uint64_t *into, const uint64_t *const *items, const uint8_t *need, int count,              \
        int levels) {                                                                              \
        switch (levels) {                                                                          \
            SELECT_CASE(V, 1)                                                                      \
            SELECT_CASE(V, 2)                                                                      \
            SELECT_CASE(V, 3)                                                                      \
            SELECT_CASE(V, 4)                                                                      \
            SELECT_CASE(V, 5)                                                                      \
            SELECT_CASE(V, 6)                                                                      \
            SELECT_CASE(V, 7)                                                                      \
            SELECT_CASE(V, 8)                                                                      \
        }                                                                                          \
    }                                                                                              \
    TARGET static uint32_t rank_##NAME(const uint64_t *bits, uint32_t bit) {                       \
        uint32_t sum = 0;                                                                          \
        for (uint32_t at = 0; at < bit / 64; at++) sum += popcount(word(bits + at));               \
        if (bit % 64) sum += popcount(word(bits + bit / 64) & ((1ull << bit % 64) - 1));           \
        return sum;                                                                                \
    }                                                                                              \
    static const mspd_window_kernels version_##NAME = {                                            \
        #NAME, keep_##NAME, drop_##NAME, count_##NAME, select_##NAME, rank_##NAME};

INLINE uint64_t word(const uint64_t *at) {
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

INLINE uint32_t popcount(uint64_t word) { return (uint32_t)__builtin_popcountll(word); }

VERSION(portable, v2, )

#if defined(__x86_64__)
VERSION(avx2, v4, __attribute__((target("avx2,popcnt,bmi,bmi2"))))
VERSION(avx512, v8, __attribute__((target("avx512f,avx2,popcnt,bmi,bmi2"))))

static bool has(const char *name) {
    __builtin_cpu_init();
    const bool basic = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt")
        && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    return basic && (strcmp(name, "avx2") == 0 || __builtin_cpu_supports("avx512f"));
}
#endif

static const mspd_window_kernels *chosen = &version_portable;

const mspd_window_kernels *mspd_window_named(const char *name) {
#if defined(__x86_64__)
    if (strcmp(name, "avx512") == 0) return has(name) ? &version_avx512 : NULL;
    if (strcmp(name, "avx2") == 0) return has(name) ? &version_avx2 : NULL;
#endif
    return strcmp(name, "portable") == 0 ? &version_portable : NULL;
}

/// Runs before main: afterwards nothing here is written, so any thread may read it.
__attribute__((constructor)) static void choose(void) {
    const char *wish = getenv("MSPD_SIMD");
    const mspd_window_kernels *wished = wish ? mspd_window_named(wish) : NULL;
    if (wished) {
        chosen = wished;
        return;
    }
    static const char *const fastest[] = {"avx512", "avx2", "portable"};
    for (size_t i = 0; i < sizeof fastest / sizeof *fastest; i++) {
        chosen = mspd_window_named(fastest[i]);
        if (chosen) return;
    }
}

const mspd_window_kernels *mspd_window_chosen(void) { return chosen; }

void mspd_window_keep(uint64_t *into, const uint64_t *bits) { chosen->keep(into, bits); }

void mspd_window_drop(uint64_t *into, const uint64_t *bits) { chosen->drop(into, bits); }

uint32_t mspd_window_count(const uint64_t *bits) { return chosen->count(bits); }

void mspd_window_select(
    uint64_t *into, const uint64_t *const *items, const uint8_t *need, int count, int levels) {
    chosen->select(into, items, need, count, levels);
}

uint32_t mspd_window_rank(const uint64_t *bits, uint32_t bit) { return chosen->rank(bits, bit); }

void mspd_window_scatter(
    const uint32_t *documents, size_t count, uint32_t first, uint64_t *bits) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t bit = documents[i] - first;
        bits[bit / 64 % MSPD_WINDOW_WORDS] |= 1ull << bit % 64;
    }
}
