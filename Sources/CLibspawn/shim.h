#ifndef TAGFLIP_CLIBSPAWN_SHIM_H
#define TAGFLIP_CLIBSPAWN_SHIM_H
// What glibc has for starting processes and shows only under _GNU_SOURCE, which Swift's Glibc module is built without.
#include <spawn.h>

// Since glibc 2.34: the child keeps no descriptor from this number on.
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

// POSIX_SPAWN_SETSID, since glibc 2.26: the child leads a session of its own and has no terminal.
static const short childprocesses_setsid = 0x80;

#endif
