#ifndef TAGFLIP_CLIBGIT2_SHIM_H
#define TAGFLIP_CLIBGIT2_SHIM_H
// Typed doors to libgit2's variadic functions, which Swift cannot call, and the two structs that a smart subtransport
// needs room behind. Option numbers always come from the header: Debian's backports shifted one.
#include <git2.h>
#include <git2/sys/commit.h>
#include <git2/sys/transport.h>

static inline int gitstore_set_cache_max_size(long bytes) { return git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, (ssize_t)bytes); }
static inline int gitstore_set_window_size(size_t bytes) { return git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, bytes); }
static inline int gitstore_set_mapped_limit(size_t bytes) { return git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, bytes); }
static inline int gitstore_sync_to_disk(int enabled) { return git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, enabled); }

// libgit2 hands these back to our callbacks by pointer; `parent` is first, so one pointer is both, and `owner` leads to the Swift object.
typedef struct {
  git_smart_subtransport parent;
  void *owner;
} gitstore_subtransport;

typedef struct {
  git_smart_subtransport_stream parent;
  void *owner;
} gitstore_stream;

#endif
