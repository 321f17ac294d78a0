// CRC32C (Castagnoli, polynomial 0x1EDC6F41, reflected), as in RFC 3720 and SSE4.2's crc32.
//
// Every function here gives the same answer for the same bytes. `seed` is the checksum of what came
// before (0 for none), so that crc(a + b) == crc(b, seed: crc(a)).

#ifndef MSPD_CRC32C_H
#define MSPD_CRC32C_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The one for the level that was chosen (mspd_simd.h).
uint32_t mspd_crc32c(uint32_t seed, const void *bytes, size_t count);

/// Slicing by eight, in plain C: what every machine can run and the oracle of the other one.
uint32_t mspd_crc32c_portable(uint32_t seed, const void *bytes, size_t count);

/// Three streams of crc32q joined by carry-less multiplication.
/// To be called only where mspd_crc32c_has_hardware() is true.
uint32_t mspd_crc32c_hardware(uint32_t seed, const void *bytes, size_t count);

/// Whether this machine has what mspd_crc32c_hardware needs (SSE4.2 and PCLMULQDQ).
bool mspd_crc32c_has_hardware(void);

/// "sse4.2" or "portable": the one behind mspd_crc32c.
const char *mspd_crc32c_name(void);

#endif
