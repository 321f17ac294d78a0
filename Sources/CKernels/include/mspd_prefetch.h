// Memory asked for ahead of its use.

#ifndef MSPD_PREFETCH_H
#define MSPD_PREFETCH_H

#include <stddef.h>

/// Asks for memory that will be read soon; it may lie anywhere, and need not be there.
static inline void mspd_prefetch(const void *memory, size_t bytes) {
    for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch((const char *)memory + at);
}

#endif
