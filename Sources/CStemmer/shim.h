// The header of Snowball's libstemmer, as one module for Swift.
#include <libstemmer.h>
