#ifndef TAGFLIP_CLIBGIT2_SHIM_H
#define TAGFLIP_CLIBGIT2_SHIM_H
// Typed doors to libgit2's variadic functions, which Swift cannot call.
#include <git2.h>
#include <git2/sys/commit.h>
#include <git2/sys/transport.h>
#endif
