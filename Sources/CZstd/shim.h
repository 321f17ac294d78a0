// The headers of libzstd, as one module for Swift.
#include <zdict.h>
#include <zstd.h>
