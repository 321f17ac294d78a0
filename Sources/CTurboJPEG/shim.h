// The header of TurboJPEG, as one module for Swift.
#include <turbojpeg.h>
