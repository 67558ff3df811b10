#pragma once

// prctl(2) takes a variable number of arguments, which Swift cannot call, and mallopt(3) is in no module of the C library.

#ifdef __linux__
#include <malloc.h>
#include <sys/prctl.h>

/// Makes the process write no core file and lets no other process of the same user read its memory; 0 when done.
static inline int sdl_forbid_memory_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
#else
static inline int sdl_forbid_memory_dumps(void) { return 0; }
#endif

/// Gives blocks of a megabyte and more back to the system when they are freed.
///
/// By default glibc keeps blocks of up to 32 MiB for the next ones, in a heap for each thread.
static inline void sdl_return_large_blocks(void) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    // Setting the one ends that the other adapts itself.
    mallopt(M_TRIM_THRESHOLD, 16 << 20);
    mallopt(M_ARENA_MAX, 2);
#endif
}
