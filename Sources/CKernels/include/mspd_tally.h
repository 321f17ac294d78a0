// The highest of a scan's hits. Of many, counts by their sums say at any time which sum as many
// hits reach as are kept, which is the bar for those to come; a few are kept in order.

#ifndef MSPD_TALLY_H
#define MSPD_TALLY_H

#include "mspd_vector.h"

enum {
    /// Steps in which sums are counted.
    MSPD_TALLY_STEPS = 1024,
};

/// Hits counted in steps of a power of two.
typedef struct {
    /// The least sum that is still of use.
    int32_t bar;
    /// The least sum that is told apart.
    int32_t low;
    /// The logarithm of a step.
    uint32_t shift;
    /// The step that the bar stands at: fewer than are kept are above it.
    uint32_t step;
    uint32_t kept;
    /// Hits counted in the bar's step and above.
    uint32_t reaching;
    uint32_t counts[MSPD_TALLY_STEPS];
} mspd_tally;

/// Begins with some hits, at least one; sums from the least of them up to twice as far as they go
/// are told apart.
void mspd_tally_begin(mspd_tally *tally, const mspd_hit *hits, uint32_t count, uint32_t kept);

/// Counts hits, which may lie below the bar, and raises it when enough are above.
void mspd_tally_add(mspd_tally *tally, const mspd_hit *hits, uint32_t count);

/// Leaves of all hits that were counted the highest, as many as are kept at most; of those in one
/// step the first. Returns how many.
uint32_t mspd_tally_cut(mspd_tally *tally, mspd_hit *hits, uint32_t count);

/// Puts hits that lie behind `count` ordered ones among them, the highest first, and leaves as many
/// as are kept; of equals the first. Returns how many. For a few.
uint32_t mspd_hits_insert(mspd_hit *hits, uint32_t count, uint32_t fresh, uint32_t kept);

#endif
