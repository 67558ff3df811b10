#pragma once

// prctl(2) takes a variable number of arguments, which Swift cannot call.

#ifdef __linux__
#include <sys/prctl.h>

/// Makes the process write no core file and lets no other process of the same user read its memory; 0 when done.
static inline int sdl_forbid_memory_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
#else
static inline int sdl_forbid_memory_dumps(void) { return 0; }
#endif
