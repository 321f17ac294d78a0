// Windows of 4,096 documents as 64 words of 64 bits, document i in bit i % 64 of word i / 64: how
// the query path combines words, 128 to 512 documents an instruction.
//
// Windows may lie at any address. Every version gives the same answer; the one for the level that
// was chosen (mspd_simd.h) is used, and the tests hold them against each other.

#ifndef MSPD_WINDOW_H
#define MSPD_WINDOW_H

#include "mspd_simd.h"

#include <stddef.h>
#include <stdint.h>

enum {
    /// Words of a window.
    MSPD_WINDOW_WORDS = 64,
};

/// How far two ascending lists have been gone through together.
typedef struct {
    /// The place in the one that is looked in.
    size_t place;
    /// Numbers of the other that were looked for.
    size_t seen;
    /// Those of them that were found.
    size_t kept;
} mspd_window_met;

/// The kernels in one version.
typedef struct {
    /// "avx512", "avx2" or "portable".
    const char *name;
    /// into &= bits
    void (*keep)(uint64_t *into, const uint64_t *bits);
    /// into &= ~bits
    void (*drop)(uint64_t *into, const uint64_t *bits);
    /// How many bits are set.
    uint32_t (*count)(const uint64_t *bits);
    /// Keeps in `into` the documents for which the weights of the items that are set add up to
    /// `least`, which is 1 to 255; sums stop at 255.
    void (*reach)(
        uint64_t *into, const uint64_t *const *items, const uint8_t *weights, int count,
        int least);
    /// Set bits among the first `bit` of 512, which is at most 511.
    uint32_t (*rank)(const uint64_t *bits, uint32_t bit);
    /// The place, from one on, of the first of `count` ascending numbers that is `target` or later;
    /// of the last where all are before it.
    size_t (*place)(const uint32_t *numbers, size_t from, size_t count, uint32_t target);
    /// Looks for those of `list`, from `met.seen` on, that are not behind the last of `count`
    /// ascending numbers, and puts those that are among these behind the first `met.kept` of the
    /// list, and their places among the numbers as far on in `places`, unless that is null.
    mspd_window_met (*meet)(
        const uint32_t *numbers, size_t count, uint32_t *list, size_t listed, uint32_t *places,
        mspd_window_met met);
    /// How many of 8 ascending numbers are before one; 12 bytes of something else follow each.
    uint32_t (*ends)(const void *numbers, uint32_t target);
    /// Keeps of `count` numbers those from `first` on whose bit is set, that of `first` being the
    /// first of `size`, a multiple of 32, and tells how many they are.
    size_t (*set)(
        const void *bits, uint32_t first, uint32_t size, uint32_t *list, size_t count);
} mspd_window_kernels;

/// The chosen version.
const mspd_window_kernels *mspd_window_chosen(void);

// The kernels of the chosen version.
void mspd_window_keep(uint64_t *into, const uint64_t *bits);
void mspd_window_drop(uint64_t *into, const uint64_t *bits);
uint32_t mspd_window_count(const uint64_t *bits);
void mspd_window_reach(
    uint64_t *into, const uint64_t *const *items, const uint8_t *weights, int count, int least);
uint32_t mspd_window_rank(const uint64_t *bits, uint32_t bit);
size_t mspd_window_place(
    const uint32_t *numbers, size_t from, size_t count, uint32_t target);
mspd_window_met mspd_window_meet(
    const uint32_t *numbers, size_t count, uint32_t *list, size_t listed, uint32_t *places,
    mspd_window_met met);
uint32_t mspd_window_ends(const void *numbers, uint32_t target);
size_t mspd_window_set(
    const void *bits, uint32_t first, uint32_t size, uint32_t *list, size_t count);

/// The version for a level, which this machine must have.
const mspd_window_kernels *mspd_window_at(mspd_simd_level level);

/// Sets the bits of the places that stand in the upper 12 bits of `count` ascending codes; no bits
/// behind the first of them are set before.
void mspd_window_scatter_codes(const void *codes, size_t count, uint64_t *bits);

/// Sets the bits of `count` ascending documents, which lie in the 4,096 from `first` on; no bits
/// behind the first of them are set before.
void mspd_window_scatter(
    const uint32_t *documents, size_t count, uint32_t first, uint64_t *bits);

/// Sets the bits of those of a block's documents, which lie in the 4,096 from `first` on, whose
/// places from `from` to before `to` stand in the lower 7 bits of `count` codes of 16 bits; tells
/// how many they are.
size_t mspd_window_mark(
    const uint32_t *documents, size_t from, size_t to, const void *codes, size_t count,
    uint32_t first, uint64_t *bits);

#endif
