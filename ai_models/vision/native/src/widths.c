/* Which vector widths there are code and a processor for. */

#include "kernels.h"

#if defined(__x86_64__)
/* The features that build.py compiles each width for. */
static int has_avx2(void) { return __builtin_cpu_supports("avx2") != 0; }

static int has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
#endif

const kernels *kernels_of(int width) {
#if defined(__x86_64__)
    if (width == 512 && has_avx512()) return &kernels_512;
    if (width == 256 && has_avx2()) return &kernels_256;
#endif
    return width == 128 ? &kernels_128 : 0;
}

int usable_widths(int widths[4]) {
    int count = 0;
    for (int width = 512; width >= 128; width /= 2)
        if (kernels_of(width)) widths[count++] = width;
    return count;
}
