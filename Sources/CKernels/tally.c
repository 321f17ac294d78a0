// Counts of hits by sum, so that the bar of a scan rises with every better hit.

#include "mspd_tally.h"

#include <string.h>

static inline uint32_t step_of(const mspd_tally *tally, int32_t sum) {
    const uint32_t step = (uint32_t)((int64_t)sum - tally->low) >> tally->shift;
    return step < MSPD_TALLY_STEPS ? step : MSPD_TALLY_STEPS - 1;
}

void mspd_tally_begin(mspd_tally *tally, const mspd_hit *hits, uint32_t count, uint32_t kept) {
    int32_t low = hits[0].sum, high = low;
    for (uint32_t i = 1; i < count; i++) {
        low = hits[i].sum < low ? hits[i].sum : low;
        high = hits[i].sum > high ? hits[i].sum : high;
    }
    const uint64_t range = ((uint64_t)((int64_t)high - low)) * 2;
    tally->bar = tally->low = low;
    tally->shift = 0;
    while (range >> tally->shift >= MSPD_TALLY_STEPS) tally->shift++;
    tally->step = 0;
    tally->kept = kept;
    tally->reaching = 0;
    memset(tally->counts, 0, sizeof tally->counts);
    mspd_tally_add(tally, hits, count);
}

void mspd_tally_add(mspd_tally *tally, const mspd_hit *hits, uint32_t count) {
    uint32_t step = tally->step, reaching = tally->reaching;
    for (uint32_t i = 0; i < count; i++) {
        if (hits[i].sum < tally->low) continue;
        const uint32_t at = step_of(tally, hits[i].sum);
        tally->counts[at]++;
        reaching += at >= step;
        while (step < MSPD_TALLY_STEPS - 1 && reaching - tally->counts[step] >= tally->kept)
            reaching -= tally->counts[step++];
    }
    if (step == tally->step) {
        tally->reaching = reaching;
        return;
    }
    const int64_t bar = (int64_t)tally->low + ((int64_t)step << tally->shift);
    tally->bar = bar > INT32_MAX ? INT32_MAX : (int32_t)bar;
    tally->step = step;
    tally->reaching = reaching;
}

uint32_t mspd_tally_cut(mspd_tally *tally, mspd_hit *hits, uint32_t count) {
    const uint32_t above = tally->reaching - tally->counts[tally->step];
    uint32_t spare = tally->kept - (above < tally->kept ? above : tally->kept), left = 0;
    // Without branches: which of them are left is not to be foretold.
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t is_in = hits[i].sum >= tally->bar;
        const uint32_t is_last = is_in & (step_of(tally, hits[i].sum) == tally->step);
        const uint32_t takes = is_in & (!is_last | (spare > 0));
        spare -= is_last & takes;
        hits[left] = hits[i];
        left += takes;
    }
    return left;
}

uint32_t mspd_hits_insert(mspd_hit *hits, uint32_t count, uint32_t fresh, uint32_t kept) {
    const mspd_hit *next = hits + count;
    for (uint32_t i = 0; i < fresh; i++) {
        const mspd_hit hit = next[i];
        if (count == kept && hit.sum <= hits[kept - 1].sum) continue;
        uint32_t at = count < kept ? count++ : kept - 1;
        for (; at > 0 && hits[at - 1].sum < hit.sum; at--) hits[at] = hits[at - 1];
        hits[at] = hit;
    }
    return count;
}
