/* Felzenszwalb's histograms of oriented gradients with cells of 8 x 8 pixels, as dlib's extract_fhog_features computes
 * them (Felzenszwalb et al., Object Detection with Discriminatively Trained Part Based Models, 2010).
 *
 * Each pixel votes with its gradient's length for one of 18 directions in the four cells nearest to it. The votes for a
 * cell are added in dlib's order, row by row and from left to right, so that the sums round alike. Some rows are walked
 * together, each two cells behind the one above it: that keeps the order in every cell, and the processor can begin one
 * sum before another is finished. */

#include <math.h>
#include <string.h>

#include "search.h"

enum { DIRECTIONS = 18, PAIR = 2, CELL_FLOATS = DIRECTIONS * PAIR, TOGETHER = 4, LAG = 2 };
enum { SCRATCH_ROWS = 12, ALIGNED = 16 };

static const float COSINE[9] = {1, .9397f, .7660f, .5f, .1736f, -.1736f, -.5f, -.7660f, -.9397f};
static const float SINE[9] = {0, .3420f, .6428f, .8660f, .9848f, .9848f, .8660f, .6428f, .3420f};

typedef float pair __attribute__((vector_size(PAIR * sizeof(float)), may_alias));

typedef struct {
    int rows, columns;  /* of cells, including those at the edge, which get no features */
    int last_x, last_y; /* one after the last pixel that votes */
    int whole;          /* the last pixel of those that dlib takes eight at a time, from 1 on */
    votes row[TOGETHER];
    float alone[TOGETHER][CELL][4]; /* the pixels after them: for the left cells, upper and lower, and the right */
    float *band;      /* the two rows of cells being voted for: [column + 2][direction][upper, lower] */
    float *histogram; /* finished rows: [row][direction][column] */
    float *norm;      /* [row][column] */
    float *scratch;
} work;

static int cell_count(int pixels) { return (int)((double)((float)pixels / (float)CELL) + 0.5); }

int feature_cells(int pixels) { return cell_count(pixels) > 2 ? cell_count(pixels) - 2 : 0; }

static size_t padded(size_t floats) { return (floats + ALIGNED - 1) / ALIGNED * ALIGNED; }

/* The next array in memory; null as long as that is. */
static void *take(float *memory, size_t *taken, size_t floats) {
    void *array = memory ? memory + *taken : 0;
    *taken += padded(floats);
    return array;
}

/* Lays the arrays out in memory; if that is null, only counts the floats they need, which it returns. */
static size_t lay_out(work *w, int height, int width, float *memory) {
    size_t rows = (size_t)cell_count(height), columns = (size_t)cell_count(width), pixels = (size_t)width + CELL;
    size_t taken = 0;
    w->band = take(memory, &taken, (columns + 2) * CELL_FLOATS);
    w->histogram = take(memory, &taken, rows * columns * DIRECTIONS);
    w->norm = take(memory, &taken, rows * columns);
    w->scratch = take(memory, &taken, SCRATCH_ROWS * columns);
    for (int i = 0; i < TOGETHER; i++) {
        w->row[i].left = take(memory, &taken, pixels);
        w->row[i].right = take(memory, &taken, pixels);
        w->row[i].direction = take(memory, &taken, pixels);
    }
    return taken;
}

size_t hog_scratch(int height, int width) {
    work w;
    return lay_out(&w, height, width, 0) * sizeof(float);
}

static pixel_rows rows_around(const level *from, int y) {
    size_t width = (size_t)from->width;
    const uint8_t *at = from->pixels + (size_t)y * width;
    return (pixel_rows){at - width, at, at + width, (size_t)from->height * width, from->channels};
}

/* One pixel's vote, as dlib computes those at the end of a row, which do not fill a vector of eight. There, the shares
 * are multiplied before the length, which rounds differently: so all four numbers are kept. */
static void vote_alone(const pixel_rows *rows, votes *out, int x, float four[4]) {
    int dx = 0, dy = 0, longest = -1;
    for (int channel = 0; channel < rows->channels; channel++) {
        size_t plane = (size_t)channel * rows->plane;
        const uint8_t *at = rows->at + plane + x;
        int x_step = at[1] - at[-1], y_step = rows->below[plane + (size_t)x] - rows->above[plane + (size_t)x];
        int length = x_step * x_step + y_step * y_step;
        if (length > longest) longest = length, dx = x_step, dy = y_step;
    }
    float best = 0;
    int direction = 0;
    for (int i = 0; i < DIRECTIONS / 2; i++) {
        float along = COSINE[i] * (float)dx + SINE[i] * (float)dy;
        if (along > best) best = along, direction = i;
        if (-along > best) best = -along, direction = i + DIRECTIONS / 2;
    }
    float length = sqrtf((float)longest), right = (float)(2 * ((x + 4) % CELL) + 1) / 16, left = 1 - right;
    four[0] = out->upper * left * length, four[1] = out->lower * left * length;
    four[2] = out->upper * right * length, four[3] = out->lower * right * length;
    out->direction[x] = PAIR * direction;
}

static void vote(const kernels *k, const level *from, work *w, int y, int row) {
    pixel_rows rows = rows_around(from, y);
    votes *out = &w->row[row];
    out->lower = (float)(2 * ((y + 4) % CELL) + 1) / 16, out->upper = 1 - out->lower;
    k->vote(&rows, out, w->whole);
    for (int x = w->whole + 1; x < w->last_x; x++) vote_alone(&rows, out, x, w->alone[row][x - w->whole - 1]);
}

/* Adds the votes of the pixels between two columns of cells; they all go to these two. */
static void count_votes(const work *w, int row, int column) {
    const votes *of = &w->row[row];
    int x = column * CELL - CELL / 2, end = x + CELL < w->last_x ? x + CELL : w->last_x;
    int end_of_whole = end < w->whole + 1 ? end : w->whole + 1;
    float *cell = w->band + column * CELL_FLOATS;
    pair shares = {of->upper, of->lower};
    for (x = x < 1 ? 1 : x; x < end_of_whole; x++) {
        float *place = cell + of->direction[x];
        *(pair *)(void *)place += shares * of->left[x];
        *(pair *)(void *)(place + CELL_FLOATS) += shares * of->right[x];
    }
    for (; x < end; x++) {
        const float *four = w->alone[row][x - w->whole - 1];
        float *place = cell + of->direction[x];
        place[0] += four[0], place[1] += four[1];
        place[CELL_FLOATS] += four[2], place[CELL_FLOATS + 1] += four[3];
    }
}

static void count_rows(const work *w, int rows) {
    int columns = (w->last_x - 1 + CELL / 2) / CELL + 1;
    for (int step = 0; step < columns + LAG * (rows - 1); step++)
        for (int i = 0; i < rows; i++) {
            int column = step - LAG * i;
            if (column >= 0 && column < columns) count_votes(w, i, column);
        }
}

/* The band's upper row of cells has all its votes; its lower one is the next band's upper row. */
static void finish_row(const work *w, int row) {
    float *out = w->histogram + (ptrdiff_t)row * w->columns * DIRECTIONS;
    for (int column = 0; column < w->columns + 2; column++) {
        float *cell = w->band + column * CELL_FLOATS;
        for (int direction = 0; direction < DIRECTIONS; direction++) {
            if (row >= 0 && column > 0 && column <= w->columns)
                out[direction * w->columns + column - 1] = cell[PAIR * direction];
            cell[PAIR * direction] = cell[PAIR * direction + 1];
            cell[PAIR * direction + 1] = 0;
        }
    }
}

static void fill_histogram(const kernels *k, const level *from, work *w) {
    memset(w->band, 0, (size_t)(w->columns + 2) * CELL_FLOATS * sizeof(float));
    for (int band = 0; band <= w->rows; band++) {
        int y = band * CELL - CELL / 2, end = y + CELL < w->last_y ? y + CELL : w->last_y;
        for (y = y < 1 ? 1 : y; y < end; y += TOGETHER) {
            int rows = end - y < TOGETHER ? end - y : TOGETHER;
            for (int i = 0; i < rows; i++) vote(k, from, w, y + i, i);
            count_rows(w, rows);
        }
        finish_row(w, band - 1);
    }
}

static void sum_norms(const work *w) {
    for (int row = 0; row < w->rows; row++) {
        float *norm = w->norm + (ptrdiff_t)row * w->columns;
        memset(norm, 0, (size_t)w->columns * sizeof *norm);
        for (int i = 0; i < DIRECTIONS / 2; i++) {
            const float *one = w->histogram + ((ptrdiff_t)row * DIRECTIONS + i) * w->columns;
            const float *opposite = one + DIRECTIONS / 2 * w->columns;
            for (int column = 0; column < w->columns; column++) {
                float both = one[column] + opposite[column];
                norm[column] += both * both;
            }
        }
    }
}

void hog(const kernels *k, const level *from, cells *to, void *scratch) {
    work w = {.rows = cell_count(from->height), .columns = cell_count(from->width)};
    w.last_y = (w.rows * CELL < from->height ? w.rows * CELL : from->height) - 1;
    w.last_x = (w.columns * CELL < from->width ? w.columns * CELL : from->width) - 1;
    w.whole = w.last_x > CELL ? (w.last_x - 1) / CELL * CELL : 0;
    lay_out(&w, from->height, from->width, scratch);
    fill_histogram(k, from, &w);
    sum_norms(&w);
    size_t plane = (size_t)to->size.rows * (size_t)to->size.stride;
    memset(to->planes, 0, PLANES * plane * sizeof(float));
    for (int row = 0; row < to->size.rows; row++) {
        const float *histogram = w.histogram + (ptrdiff_t)(row + 1) * DIRECTIONS * w.columns;
        float *out = to->planes + (ptrdiff_t)row * to->size.stride + BEFORE;
        k->features(histogram, w.norm + (ptrdiff_t)row * w.columns, to->size.columns, out, plane, w.scratch);
    }
}
