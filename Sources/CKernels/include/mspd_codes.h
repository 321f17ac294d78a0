// Codes of 16 bits for the documents of a window that hold a word more than once: the document's
// place in the window in the upper 12 bits, ascending, and how often beyond twice it holds the word
// in the lower 4, where 15 says that this stands apart.
//
// Codes may lie at any address. Every version gives the same answer; the one for the level that was
// chosen (mspd_simd.h) is used, and the tests hold them against each other.

#ifndef MSPD_CODES_H
#define MSPD_CODES_H

#include "mspd_simd.h"

#include <stddef.h>
#include <stdint.h>

/// The kernels in one version.
typedef struct {
    /// How many of `count` codes have a place before one, 0 to 4,095.
    size_t (*before)(const void *codes, size_t count, uint32_t place);
    /// How often the documents of `count` codes hold the word beyond once each, all together;
    /// -1 where that of one stands apart.
    ptrdiff_t (*further)(const void *codes, size_t count);
    /// In how many of `count` codes that of a document stands apart.
    size_t (*apart)(const void *codes, size_t count);
} mspd_codes_kernels;

/// The version for a level, which this machine must have.
const mspd_codes_kernels *mspd_codes_at(mspd_simd_level level);

// The kernels of the chosen version.
size_t mspd_codes_before(const void *codes, size_t count, uint32_t place);
ptrdiff_t mspd_codes_further(const void *codes, size_t count);
size_t mspd_codes_apart(const void *codes, size_t count);

#endif
