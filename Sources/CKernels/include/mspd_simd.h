// Which instructions the kernels use: one ladder of levels, and the one place that decides.
//
// The highest level that the processor has and whose registers the system saves is chosen once
// before main. MSPD_SIMD in the environment (portable, sse4.2, avx2, avx512 or vnni) forces a lower
// one, for all kernels of the program; a name of no level, or of one that this machine lacks, is
// passed over with a warning.

#ifndef MSPD_SIMD_H
#define MSPD_SIMD_H

/// Each level has the instructions of those before it.
typedef enum {
    /// What every machine can run, and the oracle of the others.
    MSPD_PORTABLE,
    /// SSE4.2 and PCLMULQDQ.
    MSPD_SSE42,
    /// AVX2, FMA, F16C, BMI and POPCNT.
    MSPD_AVX2,
    /// AVX-512 F, BW, DQ and VL.
    MSPD_AVX512,
    /// AVX-512 VNNI.
    MSPD_VNNI,
} mspd_simd_level;

/// The level that the kernels run at.
mspd_simd_level mspd_simd(void);

/// The highest level that this machine has.
mspd_simd_level mspd_simd_best(void);

/// Its name, as MSPD_SIMD takes it.
const char *mspd_simd_name(mspd_simd_level level);

#endif
