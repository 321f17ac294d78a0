// The whole surface of the C kernels: what Swift sees of this target.

#ifndef MSPD_CKERNELS_H
#define MSPD_CKERNELS_H

#include "mspd_bitpack.h"
#include "mspd_codes.h"
#include "mspd_crc32c.h"
#include "mspd_prefetch.h"
#include "mspd_simd.h"
#include "mspd_tally.h"
#include "mspd_vector.h"
#include "mspd_window.h"

#endif
