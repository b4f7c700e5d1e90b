/* A part of kernels.c: separable filters. */

enum { TAPS = 10, BEFORE = 4, DLIB_LANES = 8 };

/* The weights in registers: the compiler could not tell that a store leaves those in memory alone. */
typedef struct {
    floats of[TAPS];
} spread;

static inline spread spread_out(const float *weights) {
    spread w;
#pragma GCC unroll 10
    for (int i = 0; i < TAPS; i++) w.of[i] = (floats){0} + weights[i];
    return w;
}

/* Ten neighbours, `step` apart, by their weights, added as dlib does: in three sums, of every third product. */
static inline floats in_three_sums(const float *at, ptrdiff_t step, const spread *weights) {
    floats sum[3];
#pragma GCC unroll 10
    for (int i = 0; i < TAPS; i++) {
        floats product = load(at + i * step) * weights->of[i];
        int which = i < 9 ? i % 3 : 0;
        sum[which] = i < 3 ? product : sum[which] + product;
    }
    return sum[0] + (sum[1] + sum[2]);
}

/* The columns at the right end that do not fill one of dlib's vectors: one after the other. */
static inline floats in_one_sum(const float *at, ptrdiff_t step, const spread *weights) {
    floats sum = load(at) * weights->of[0];
#pragma GCC unroll 9
    for (int i = 1; i < TAPS; i++) sum += load(at + i * step) * weights->of[i];
    return sum;
}

/* The last vectors of a row: columns before `whole` are added in three sums, the others in one. */
static inline floats at_the_end(const float *at, ptrdiff_t step, const spread *weights, int x, int whole) {
    floats rest = in_one_sum(at, step, weights);
    if (x >= whole) return rest;
    floats start = in_three_sums(at, step, weights);
    for (int i = 0; i < whole - x; i++) rest[i] = start[i];
    return rest;
}

static void filter_rows(const float *plane, const grid *size, const float *row, float *out) {
    const int whole = size->columns / DLIB_LANES * DLIB_LANES, columns = size->columns;
    const spread weights = spread_out(row);
    for (int y = 0; y < size->rows; y++, plane += size->stride, out += size->stride) {
        int x = 0;
        for (; x + LANES <= whole; x += LANES) store(out + x, in_three_sums(plane + x, 1, &weights));
        for (; x < columns; x += LANES) store(out + x, at_the_end(plane + x, 1, &weights, x, whole));
    }
}

static void filter_columns(const float *rows, const grid *size, const float *column, float *sum) {
    const int whole = size->columns / DLIB_LANES * DLIB_LANES, columns = size->columns;
    const ptrdiff_t step = size->stride;
    const spread weights = spread_out(column);
    for (int y = 0; y < size->rows; y++, rows += step, sum += step) {
        int x = 0;
        for (; x + LANES <= whole; x += LANES) store(sum + x, load(sum + x) + in_three_sums(rows + x, step, &weights));
        for (; x < columns; x += LANES) store(sum + x, load(sum + x) + at_the_end(rows + x, step, &weights, x, whole));
    }
}

static void filter(const float *plane, const grid *size, const float *row, const float *column, float *padded_rows,
                   float *sum) {
    filter_rows(plane, size, row, padded_rows + BEFORE * size->stride);
    filter_columns(padded_rows, size, column, sum);
}
