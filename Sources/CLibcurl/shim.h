#ifndef TAGFLIP_CLIBCURL_SHIM_H
#define TAGFLIP_CLIBCURL_SHIM_H
// Typed doors to libcurl's variadic functions, which Swift cannot call. The parentheses around the name switch off
// curl's type-checking macros (typecheck-gcc.h).
#include <curl/curl.h>
#endif
