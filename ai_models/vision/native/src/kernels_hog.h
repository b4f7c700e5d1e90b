/* A part of kernels.c: the votes of pixels, and the features of cells. */

/* The longest of nine products with a direction, or with its opposite, tells the direction among 18. */
#define TRY(i, product)                                                                                                \
    {                                                                                                                  \
        float along = product, length = fabsf(along);                                                                  \
        nearest = length > best ? (i) : nearest;                                                                       \
        winner = length > best ? along : winner;                                                                       \
        best = length > best ? length : best;                                                                          \
    }

/* The vote of pixel x with the gradient dx, dy, whose square is `square`. Directions 20 degrees apart; those beyond 90
 * mirror the others. */
#define VOTE                                                                                                           \
    float fx = (float)dx, fy = (float)dy, best = 0, winner = 0;                                                        \
    float x20 = .9397f * fx, x40 = .7660f * fx, x60 = .5f * fx, x80 = .1736f * fx;                                     \
    float y20 = .3420f * fy, y40 = .6428f * fy, y60 = .8660f * fy, y80 = .9848f * fy;                                  \
    int nearest = 0;                                                                                                   \
    TRY(0, fx)                                                                                                         \
    TRY(1, x20 + y20)                                                                                                  \
    TRY(2, x40 + y40)                                                                                                  \
    TRY(3, x60 + y60)                                                                                                  \
    TRY(4, x80 + y80)                                                                                                  \
    TRY(5, y80 - x80)                                                                                                  \
    TRY(6, y60 - x60)                                                                                                  \
    TRY(7, y40 - x40)                                                                                                  \
    TRY(8, y20 - x20)                                                                                                  \
    float length = sqrtf((float)square), share = (float)(2 * ((x + 4) & 7) + 1) * .0625f;                              \
    left[x] = (1 - share) * length;                                                                                    \
    right[x] = share * length;                                                                                         \
    directions[x] = 2 * nearest + (winner < 0 ? 18 : 0);

static void vote_grey(const uint8_t *restrict above, const uint8_t *restrict at, const uint8_t *restrict below,
                      float *restrict left, float *restrict right,
                      int32_t *restrict directions, int count) {
    for (int x = 1; x <= count; x++) {
        int dx = at[x + 1] - at[x - 1], dy = below[x] - above[x], square = dx * dx + dy * dy;
        VOTE
    }
}

/* In colour, the channel with the longest gradient counts; of equal ones the last. */
static void vote_colour(const uint8_t *restrict above, const uint8_t *restrict at, const uint8_t *restrict below,
                        size_t plane, float *restrict left, float *restrict right,
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

static void vote(const pixel_rows *rows, const votes *out, int count) {
    const uint8_t *above = rows->above, *at = rows->at, *below = rows->below;
    if (rows->channels == 1)
        vote_grey(above, at, below, out->left, out->right, out->direction, count);
    else
        vote_colour(above, at, below, rows->plane, out->left, out->right, out->direction, count);
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

static void scale(const float *restrict from, float factor, int count, float *restrict to) {
    for (int x = 0; x < count; x++) to[x] = from[x] * factor;
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
        three_directions(a, a + columns, a + 2 * columns, count, caps, factors, energies, to, to + plane,
                         to + 2 * plane);
    }
    for (int i = 0; i < 9; i++) {
        const float *one = histogram + i * columns + 1;
        both_ways(one, one + 9 * columns, count, caps, factors, out + (size_t)(18 + i) * plane);
    }
    for (int block = 0; block < 4; block++)
        scale(energies + block * count, .4714f, count, out + (size_t)(27 + block) * plane);
}
