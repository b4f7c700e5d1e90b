/* The inner loops of landmarks.c and search.c, in the compiler's own vectors. Compiled once for each width: WIDTH is in
 * bits, and build.py adds the processor's options for it. */

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

static void interpolate(const uint8_t *restrict top_left, const uint8_t *restrict top_right,
                        const uint8_t *restrict bottom_left, const uint8_t *restrict bottom_right,
                        const float *restrict fraction, float down, float up, float rounding, uint8_t *restrict out,
                        int count) {
    for (int x = 0; x < count; x++) {
        float along = fraction[x], rest = 1 - along;
        float sum = up * rest * (float)top_left[x] + up * along * (float)top_right[x];
        sum = sum + down * rest * (float)bottom_left[x] + down * along * (float)bottom_right[x];
        out[x] = (uint8_t)(int)(sum + rounding);
    }
}

/* The longest of nine products with a direction, or with its opposite, tells the direction among 18. */
#define TRY(i, cosine, sine)                                                                                           \
    {                                                                                                                  \
        float along = (cosine) * fx + (sine) * fy, length = fabsf(along);                                              \
        int here = along < 0 ? 2 * (i) + 18 : 2 * (i);                                                                 \
        direction = length > best ? here : direction;                                                                  \
        best = length > best ? length : best;                                                                          \
    }

/* The vote of pixel x with the gradient dx, dy, whose square is `square`. */
#define VOTE                                                                                                           \
    float fx = (float)dx, fy = (float)dy, best = 0;                                                                    \
    int direction = 0;                                                                                                 \
    TRY(0, 1.f, 0.f)                                                                                                   \
    TRY(1, .9397f, .3420f)                                                                                             \
    TRY(2, .7660f, .6428f)                                                                                             \
    TRY(3, .5f, .8660f)                                                                                                \
    TRY(4, .1736f, .9848f)                                                                                             \
    TRY(5, -.1736f, .9848f)                                                                                            \
    TRY(6, -.5f, .8660f)                                                                                               \
    TRY(7, -.7660f, .6428f)                                                                                            \
    TRY(8, -.9397f, .3420f)                                                                                            \
    float length = sqrtf((float)square), share = (float)(2 * ((x + 4) & 7) + 1) * .0625f;                              \
    float to_left = (1 - share) * length, to_right = share * length;                                                   \
    left[2 * x] = upper * to_left;                                                                                     \
    left[2 * x + 1] = lower * to_left;                                                                                 \
    right[2 * x] = upper * to_right;                                                                                   \
    right[2 * x + 1] = lower * to_right;                                                                               \
    directions[x] = direction;

static void vote_grey(const uint8_t *restrict above, const uint8_t *restrict at, const uint8_t *restrict below,
                      float upper, float lower, float *restrict left, float *restrict right,
                      int32_t *restrict directions, int count) {
    for (int x = 1; x <= count; x++) {
        int dx = at[x + 1] - at[x - 1], dy = below[x] - above[x], square = dx * dx + dy * dy;
        VOTE
    }
}

/* In colour, the channel with the longest gradient counts; of equal ones the last. */
static void vote_colour(const uint8_t *restrict above, const uint8_t *restrict at, const uint8_t *restrict below,
                        size_t plane, float upper, float lower, float *restrict left, float *restrict right,
                        int32_t *restrict directions, int count) {
    const uint8_t *restrict above2 = above + plane, *restrict at2 = at + plane, *restrict below2 = below + plane;
    const uint8_t *restrict above3 = above2 + plane, *restrict at3 = at2 + plane, *restrict below3 = below2 + plane;
    for (int x = 1; x <= count; x++) {
        int dx = at[x + 1] - at[x - 1], dy = below[x] - above[x], square = dx * dx + dy * dy;
        int dx2 = at2[x + 1] - at2[x - 1], dy2 = below2[x] - above2[x], square2 = dx2 * dx2 + dy2 * dy2;
        int dx3 = at3[x + 1] - at3[x - 1], dy3 = below3[x] - above3[x], square3 = dx3 * dx3 + dy3 * dy3;
        dx = square > square2 ? dx : dx2;
        dy = square > square2 ? dy : dy2;
        square = square > square2 ? square : square2;
        dx = square > square3 ? dx : dx3;
        dy = square > square3 ? dy : dy3;
        square = square > square3 ? square : square3;
        VOTE
    }
}

static void vote(const pixel_rows *rows, float upper, float lower, const votes *out, int count) {
    const uint8_t *above = rows->above, *at = rows->at, *below = rows->below;
    if (rows->channels == 1)
        vote_grey(above, at, below, upper, lower, out->left, out->right, out->direction, count);
    else
        vote_colour(above, at, below, rows->plane, upper, lower, out->left, out->right, out->direction, count);
}

static inline float capped(float value, float cap, float factor) { return (value < cap ? value : cap) * factor; }

/* The cap and the factor of the block of four cells with this upper left one. */
static void normalize(const float *restrict norm, const float *restrict next, int count, float *restrict cap,
                      float *restrict factor) {
    for (int x = 0; x < count; x++) {
        cap[x] = .2f * sqrtf(norm[x] + norm[x + 1] + next[x] + next[x + 1] + .0001f);
        factor[x] = .1f / cap[x];
    }
}

/* One cell's number by each of its four blocks. */
#define BY_BLOCKS(name, value)                                                                                         \
    float name##0 = capped(value, caps[x], factors[x]), name##1 = capped(value, caps[x + count], factors[x + count]);  \
    float name##2 = capped(value, caps[x + 2 * count], factors[x + 2 * count]);                                        \
    float name##3 = capped(value, caps[x + 3 * count], factors[x + 3 * count]);

/* Three directions a, b, c at a time, since dlib adds their energies like that. */
static void three_directions(const float *restrict a, const float *restrict b, const float *restrict c, int count,
                             const float *restrict caps, const float *restrict factors, float *restrict energies,
                             float *restrict to_a, float *restrict to_b, float *restrict to_c) {
    for (int x = 0; x < count; x++) {
        BY_BLOCKS(a, a[x])
        BY_BLOCKS(b, b[x])
        BY_BLOCKS(c, c[x])
        to_a[x] = (a0 + a1) + (a2 + a3);
        to_b[x] = (b0 + b1) + (b2 + b3);
        to_c[x] = (c0 + c1) + (c2 + c3);
        energies[x] += a0 + b0 + c0;
        energies[x + count] += a1 + b1 + c1;
        energies[x + 2 * count] += a2 + b2 + c2;
        energies[x + 3 * count] += a3 + b3 + c3;
    }
}

static void both_ways(const float *restrict one, const float *restrict opposite, int count, const float *restrict caps,
                      const float *restrict factors, float *restrict to) {
    for (int x = 0; x < count; x++) {
        BY_BLOCKS(a, one[x] + opposite[x])
        to[x] = (a0 + a1) + (a2 + a3);
    }
}

/* Each cell is normalized by the four blocks it belongs to: lower right, upper right, lower left, upper left. */
static void features(const float *histogram, const float *norm, int count, float *out, size_t plane, float *scratch) {
    const int columns = count + 2;
    float *caps = scratch, *factors = caps + 4 * count, *energies = factors + 4 * count;
    for (int block = 0; block < 4; block++) {
        const float *first = norm + (block % 2 ? 0 : columns) + (block < 2);
        normalize(first, first + columns, count, caps + block * count, factors + block * count);
    }
    memset(energies, 0, 4 * (size_t)count * sizeof *energies);
    for (int i = 0; i < 18; i += 3) {
        const float *a = histogram + i * columns + 1;
        float *to = out + (size_t)i * plane;
        three_directions(a, a + columns, a + 2 * columns, count, caps, factors, energies, to, to + plane, to + 2 * plane);
    }
    for (int i = 0; i < 9; i++) {
        const float *one = histogram + i * columns + 1;
        both_ways(one, one + 9 * columns, count, caps, factors, out + (size_t)(18 + i) * plane);
    }
    for (int block = 0; block < 4; block++)
        for (int x = 0; x < count; x++) out[(size_t)(27 + block) * plane + (size_t)x] = energies[block * count + x] * .4714f;
}

enum { TAPS = 10, BEFORE = 4, DLIB_LANES = 8 };

/* Ten neighbours, `step` apart, by their weights, added as dlib does: in three sums, of every third product. */
static inline floats in_three_sums(const float *at, ptrdiff_t step, const float *weights) {
    floats sum[3];
#pragma GCC unroll 10
    for (int i = 0; i < TAPS; i++) {
        floats product = load(at + i * step) * weights[i];
        int which = i < 9 ? i % 3 : 0;
        sum[which] = i < 3 ? product : sum[which] + product;
    }
    return sum[0] + (sum[1] + sum[2]);
}

/* The columns at the right end that do not fill one of dlib's vectors: one after the other. */
static inline floats in_one_sum(const float *at, ptrdiff_t step, const float *weights) {
    floats sum = load(at) * weights[0];
#pragma GCC unroll 9
    for (int i = 1; i < TAPS; i++) sum += load(at + i * step) * weights[i];
    return sum;
}

/* The vector at x: columns before `whole` are added in three sums, the others in one. */
static inline floats filtered(const float *at, ptrdiff_t step, const float *weights, int x, int whole) {
    if (x + LANES <= whole) return in_three_sums(at, step, weights);
    floats rest = in_one_sum(at, step, weights);
    if (x >= whole) return rest;
    floats start = in_three_sums(at, step, weights);
    for (int i = 0; i < whole - x; i++) rest[i] = start[i];
    return rest;
}

static void filter_rows(const float *plane, const grid *size, const float *row, float *out) {
    int whole = size->columns / DLIB_LANES * DLIB_LANES;
    for (int y = 0; y < size->rows; y++, plane += size->stride, out += size->stride)
        for (int x = 0; x < size->columns; x += LANES) store(out + x, filtered(plane + x, 1, row, x, whole));
}

static void filter_columns(const float *rows, const grid *size, const float *column, float *sum) {
    int whole = size->columns / DLIB_LANES * DLIB_LANES;
    for (int y = 0; y < size->rows; y++, rows += size->stride, sum += size->stride)
        for (int x = 0; x < size->columns; x += LANES)
            store(sum + x, load(sum + x) + filtered(rows + x, size->stride, column, x, whole));
}

static void filter(const float *plane, const grid *size, const float *row, const float *column, float *padded_rows,
                   float *sum) {
    filter_rows(plane, size, row, padded_rows + BEFORE * size->stride);
    filter_columns(padded_rows, size, column, sum);
}

static void split_colours(const uint8_t *restrict pixels, size_t count, uint8_t *restrict out) {
    for (size_t i = 0; i < count; i++) {
        out[i] = pixels[3 * i];
        out[count + i] = pixels[3 * i + 1];
        out[2 * count + i] = pixels[3 * i + 2];
    }
}

const kernels NAMED(kernels, WIDTH) = {
    .add_leaves = add_leaves,
    .interpolate = interpolate,
    .vote = vote,
    .features = features,
    .filter = filter,
    .split_colours = split_colours,
};
