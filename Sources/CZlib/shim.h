// The system's zlib: part of macOS; on Debian and its kin in the package zlib1g-dev, which the Swift toolchain asks for as well.
#include <zlib.h>
