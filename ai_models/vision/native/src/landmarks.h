#ifndef POSESMART_LANDMARKS_H
#define POSESMART_LANDMARKS_H

#include "types.h"

/* The sizes of dlib's 68-point model. A cascade of 15 steps refines the shape; each is a forest of 500 regression trees
 * with four levels of splits, which compare the brightness of two of the step's 500 sampled pixels. */
enum {
    POINTS = 68,
    COORDINATES = 2 * POINTS,
    CASCADES = 15,
    TREES = 500,
    SPLITS = 15,
    DEPTH = 4,
    LEAVES = SPLITS + 1,
    SAMPLES = 500
};

typedef struct {
    uint16_t first, second; /* the samples to compare */
    float threshold;        /* go left if first - second is greater */
} split;

struct trees {
    float leaves[CASCADES][TREES][LEAVES][COORDINATES]; /* what each leaf adds to the shape; first, so aligned */
    float mean_shape[COORDINATES];                      /* x, y, x, y, ...; the face's box is the unit square */
    split splits[CASCADES][TREES][SPLITS];
    uint16_t anchor[CASCADES][SAMPLES]; /* the landmark that a sample lies next to */
    float offset[CASCADES][SAMPLES][2]; /* from that landmark, in the mean shape */
};

#endif
