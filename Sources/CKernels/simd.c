// Levels by the processor's feature bits. The compiler's runtime reads them, and counts AVX and
// AVX-512 only where XCR0 says that the system saves their registers.

#include "mspd_simd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"portable", "sse4.2", "avx2", "avx512", "vnni"};

const char *mspd_simd_name(mspd_simd_level level) { return names[level]; }

#if defined(__x86_64__)
mspd_simd_level mspd_simd_best(void) {
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("sse4.2") || !__builtin_cpu_supports("pclmul"))
        return MSPD_PORTABLE;
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")
        || !__builtin_cpu_supports("f16c") || !__builtin_cpu_supports("popcnt")
        || !__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("bmi2"))
        return MSPD_SSE42;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw")
        || !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
        return MSPD_AVX2;
    return __builtin_cpu_supports("avx512vnni") ? MSPD_VNNI : MSPD_AVX512;
}
#else
mspd_simd_level mspd_simd_best(void) { return MSPD_PORTABLE; }
#endif

static mspd_simd_level decide(void) {
    const mspd_simd_level best = mspd_simd_best();
    const char *wish = getenv("MSPD_SIMD");
    if (!wish) return best;
    for (int level = 0; level <= (int)best; level++)
        if (strcmp(wish, names[level]) == 0) return (mspd_simd_level)level;
    fprintf(
        stderr, "mspd: MSPD_SIMD=%s is no level that this machine has (portable to %s); using %s\n",
        wish, names[best], names[best]);
    return best;
}

/// Plus one, so that zero says that nothing was decided yet. Every file of kernels asks before
/// main, when there is one thread; afterwards this is only read.
static int decided;

mspd_simd_level mspd_simd(void) {
    if (!decided) decided = (int)decide() + 1;
    return (mspd_simd_level)(decided - 1);
}
