// The header of libzstd, as one module for Swift.
#include <zstd.h>
