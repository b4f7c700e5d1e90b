/* The inner loops of landmarks.c and search.c, in the compiler's own vectors. Compiled once for each width: WIDTH is in
 * bits, and build.py adds the processor's options for it. Two headers, which only this file includes, hold some. */

#include <math.h>
#include <string.h>

#include "kernels.h"

#define NAMED(name, width) NAMED_(name, width)
#define NAMED_(name, width) name##_##width

enum { LANES = WIDTH / 32 };

typedef float floats __attribute__((vector_size(WIDTH / 8)));
typedef floats loose_floats __attribute__((aligned(4), may_alias)); /* anywhere in memory */

static inline floats load(const float *from) { return *(const loose_floats *)from; }
static inline void store(float *to, floats value) { *(loose_floats *)to = value; }

/* Some columns of the leaves stay in registers while all rows are added to them. */
enum { COORDINATES = 136, HELD = 8 };

static void add_held(float *shape, const float *const *leaves, int count, int column) {
    floats sum[HELD];
    for (int i = 0; i < HELD; i++) sum[i] = load(shape + column + i * LANES);
    for (int leaf = 0; leaf < count; leaf++)
        for (int i = 0; i < HELD; i++) sum[i] += load(leaves[leaf] + column + i * LANES);
    for (int i = 0; i < HELD; i++) store(shape + column + i * LANES, sum[i]);
}

static void add_leaves(float *shape, const float *const *leaves, int count) {
    int column = 0;
    for (; column + HELD * LANES <= COORDINATES; column += HELD * LANES) add_held(shape, leaves, count, column);
    for (int leaf = 0; leaf < count; leaf++)
        for (int i = column; i < COORDINATES; i++) shape[i] += leaves[leaf][i];
}

static void interpolate(const uint8_t *restrict above, const uint8_t *restrict below, const float *restrict fraction,
                        float down, float up, float rounding, uint8_t *restrict out, int count) {
    for (int x = 0; x < count; x++) {
        float along = fraction[x], rest = 1 - along;
        float sum = up * rest * (float)above[2 * x] + up * along * (float)above[2 * x + 1];
        sum = sum + down * rest * (float)below[2 * x] + down * along * (float)below[2 * x + 1];
        out[x] = (uint8_t)(int)(sum + rounding);
    }
}

static void split_colours(const uint8_t *restrict pixels, size_t count, uint8_t *restrict out) {
    for (size_t i = 0; i < count; i++) {
        out[i] = pixels[3 * i];
        out[count + i] = pixels[3 * i + 1];
        out[2 * count + i] = pixels[3 * i + 2];
    }
}

#include "kernels_filters.h"
#include "kernels_hog.h"

const kernels NAMED(kernels, WIDTH) = {
    .add_leaves = add_leaves,
    .interpolate = interpolate,
    .vote = vote,
    .features = features,
    .filter = filter,
    .split_colours = split_colours,
};
