#ifndef POSESMART_KERNELS_H
#define POSESMART_KERNELS_H

#include "types.h"

/* The inner loops. kernels.c is compiled once for each vector width; every width gives the same bits, since each lane
 * computes what dlib computes for that element, in the same order, and nothing is contracted to fused operations. */
typedef struct {
    int lanes; /* floats in a vector */
    /* shape += leaves[0] + leaves[1] + ..., one after the other. 136 floats each. */
    void (*add_leaves)(float *shape, const float *const *leaves, int count);
} kernels;

extern const kernels kernels_128, kernels_256, kernels_512; /* 128: the processor's baseline, SSE2 or NEON */

/* The kernels for vectors of 128, 256 or 512 bits; null if this library or this processor has none. */
const kernels *kernels_of(int width);

#endif
