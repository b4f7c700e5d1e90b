#ifndef POSESMART_KERNELS_H
#define POSESMART_KERNELS_H

#include "types.h"

/* The inner loops. kernels.c is compiled once for each vector width; every width gives the same bits, since each lane
 * computes what dlib computes for that element, in the same order, and nothing is contracted to fused operations. */

/* Three rows of pixels in the first of `channels` planes; each further plane is `plane` bytes after the one before. */
typedef struct {
    const uint8_t *above, *at, *below;
    size_t plane;
    int channels;
} pixel_rows;

/* What each pixel of a row has for its left cells and for its right cells, and for which direction: the place of its
 * pair in a cell. `upper` and `lower` say how the upper and the lower cell share that. */
typedef struct {
    float *left, *right;
    int32_t *direction;
    float upper, lower;
} votes;

/* A plane's rows of cells, and the same rows after one filter row. Rows are `stride` floats apart. */
typedef struct {
    int rows, columns, stride;
} grid;

typedef struct {
    /* shape += leaves[0] + leaves[1] + ..., one after the other. 136 floats each. */
    void (*add_leaves)(float *shape, const float *const *leaves, int count);

    /* A row of pixels between their four neighbours, [pixel][left, right] above and below: `fraction` of the way to the
     * right, `down` of the way down, and `up` = 1 - down; cut off after `rounding` is added. */
    void (*interpolate)(const uint8_t *above, const uint8_t *below, const float *fraction, float down, float up,
                        float rounding, uint8_t *out, int count);

    /* The votes of the pixels from 1 to count. */
    void (*vote)(const pixel_rows *rows, const votes *out, int count);

    /* The 31 features of a row of `count` cells, each to its plane. histogram: the cells' own row, [direction][column];
     * norm: the rows above, at and below, [row][column]. Both have two columns more, one at each side.
     * scratch: 12 * count floats. */
    void (*features)(const float *histogram, const float *norm, int count, float *out, size_t plane, float *scratch);

    /* sum += the plane, filtered by a separable filter of 10 x 10. padded_rows: memory like the plane, with four rows
     * of zeros before it and five after it. */
    void (*filter)(const float *plane, const grid *size, const float *row, const float *column, float *padded_rows,
                   float *sum);

    void (*split_colours)(const uint8_t *pixels, size_t count, uint8_t *out);
} kernels;

extern const kernels kernels_128, kernels_256, kernels_512; /* 128: the processor's baseline, SSE2 or NEON */

/* The kernels for vectors of 128, 256 or 512 bits; null if this library or this processor has none. */
const kernels *kernels_of(int width);

#endif
