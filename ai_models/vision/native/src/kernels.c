/* The inner loops of landmarks.c and search.c, in the compiler's own vectors. Compiled once for each width: WIDTH is in
 * bits, and build.py adds the processor's options for it. */

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

const kernels NAMED(kernels, WIDTH) = {.lanes = LANES, .add_leaves = add_leaves};
