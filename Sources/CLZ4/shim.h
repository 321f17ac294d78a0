// The header of liblz4, as one module for Swift.
#include <lz4.h>
