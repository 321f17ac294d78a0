// CRC32C: a portable twin and an SSE4.2 one, chosen once before main.
//
// The crc32 instruction has a latency of three cycles and a throughput of one, so one stream runs
// at a third of the speed: three neighbouring lanes are summed at once and joined. Advancing a
// checksum over n zero bytes is a multiplication by x^(8n) modulo the polynomial: one carry-less
// multiplication by a constant and one crc32q that reduces the product.

#include "mspd_crc32c.h"
#include "mspd_simd.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define POLYNOMIAL 0x82F63B78u // reflected

/// Bytes per lane; three lanes make a block. Four long blocks and 64 bytes are a page of 16 KiB.
enum { LONG_LANE = 1360, SHORT_LANE = 128 };

typedef uint32_t (*crc_function)(uint32_t, const void *, size_t);

static uint32_t tables[8][256];
static crc_function chosen = mspd_crc32c_portable;

static uint64_t load64(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static void fill_tables(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
        }
        tables[0][byte] = crc;
    }
    for (int slice = 1; slice < 8; slice++) {
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint32_t crc = tables[slice - 1][byte];
            tables[slice][byte] = (crc >> 8) ^ tables[0][crc & 0xFF];
        }
    }
}

uint32_t mspd_crc32c_portable(uint32_t seed, const void *bytes, size_t count) {
    const uint8_t *p = bytes;
    uint32_t crc = ~seed;
    for (; count >= 8; count -= 8, p += 8) {
        uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16
                              | (uint32_t)p[3] << 24);
        crc = tables[7][low & 0xFF] ^ tables[6][(low >> 8) & 0xFF] ^ tables[5][(low >> 16) & 0xFF]
            ^ tables[4][low >> 24] ^ tables[3][p[4]] ^ tables[2][p[5]] ^ tables[1][p[6]]
            ^ tables[0][p[7]];
    }
    for (; count > 0; count--, p++) {
        crc = (crc >> 8) ^ tables[0][(crc ^ *p) & 0xFF];
    }
    return ~crc;
}

#if defined(__x86_64__)

/// Factors that advance a checksum over one and over two lanes.
struct advance {
    uint32_t one, two;
};

static struct advance long_advance, short_advance;

/// x^n modulo the polynomial, reflected: bit 31 is x^0.
static uint32_t power_of_x(uint64_t n) {
    uint32_t value = 0x80000000u;
    for (; n > 0; n--) {
        value = (value >> 1) ^ (value & 1 ? POLYNOMIAL : 0);
    }
    return value;
}

/// Multiplying reflected polynomials adds x^1 and the crc32q after it x^32: 33 are taken off.
static struct advance advance_of(uint64_t lane) {
    return (struct advance){power_of_x(lane * 8 - 33), power_of_x(lane * 16 - 33)};
}

/// Sums one block of three lanes, beginning with `crc`.
__attribute__((target("sse4.2,pclmul"), always_inline)) static inline uint64_t
three_lanes(uint64_t crc, const uint8_t *p, size_t lane, struct advance advance) {
    uint64_t first = crc, second = 0, third = 0;
    for (const uint8_t *end = p + lane; p < end; p += 8) {
        first = _mm_crc32_u64(first, load64(p));
        second = _mm_crc32_u64(second, load64(p + lane));
        third = _mm_crc32_u64(third, load64(p + 2 * lane));
    }
    __m128i far = _mm_clmulepi64_si128(
        _mm_cvtsi64_si128((long long)first), _mm_cvtsi32_si128((int)advance.two), 0);
    __m128i near = _mm_clmulepi64_si128(
        _mm_cvtsi64_si128((long long)second), _mm_cvtsi32_si128((int)advance.one), 0);
    uint64_t product = (uint64_t)_mm_cvtsi128_si64(_mm_xor_si128(far, near));
    return third ^ _mm_crc32_u64(0, product);
}

__attribute__((target("sse4.2,pclmul"))) uint32_t
mspd_crc32c_hardware(uint32_t seed, const void *bytes, size_t count) {
    const uint8_t *p = bytes;
    uint64_t crc = (uint32_t)~seed;
    for (; count >= 3 * LONG_LANE; count -= 3 * LONG_LANE, p += 3 * LONG_LANE) {
        crc = three_lanes(crc, p, LONG_LANE, long_advance);
    }
    for (; count >= 3 * SHORT_LANE; count -= 3 * SHORT_LANE, p += 3 * SHORT_LANE) {
        crc = three_lanes(crc, p, SHORT_LANE, short_advance);
    }
    for (; count >= 8; count -= 8, p += 8) {
        crc = _mm_crc32_u64(crc, load64(p));
    }
    for (; count > 0; count--, p++) {
        crc = _mm_crc32_u8((uint32_t)crc, *p);
    }
    return (uint32_t)~crc;
}

bool mspd_crc32c_has_hardware(void) { return mspd_simd_best() >= MSPD_SSE42; }

static void fill_advances(void) {
    long_advance = advance_of(LONG_LANE);
    short_advance = advance_of(SHORT_LANE);
}

#else

uint32_t mspd_crc32c_hardware(uint32_t seed, const void *bytes, size_t count) {
    return mspd_crc32c_portable(seed, bytes, count);
}

bool mspd_crc32c_has_hardware(void) { return false; }

static void fill_advances(void) {}

#endif

/// Runs before main: afterwards nothing here is written, so any thread may read it.
__attribute__((constructor)) static void choose(void) {
    fill_tables();
    fill_advances();
    if (mspd_simd() >= MSPD_SSE42) chosen = mspd_crc32c_hardware;
}

uint32_t mspd_crc32c(uint32_t seed, const void *bytes, size_t count) {
    return chosen(seed, bytes, count);
}

const char *mspd_crc32c_name(void) {
    return chosen == mspd_crc32c_portable ? "portable" : "sse4.2";
}
