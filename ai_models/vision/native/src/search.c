/* dlib's face search: five filters of 10 x 10 cells at every level of a pyramid (King, Max-Margin Object Detection,
 * 2015), with dlib's scores to the bit.
 *
 * Each filter is a sum of separable ones, as in dlib. Cells beyond the picture are zeros, so that faces are found which
 * extend beyond its edge. */

#include "search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MIN_LEVEL_PX = 64, BOX_PX = 72, FIRST_BOX_PX = -19, MAX_LEVELS = 64, SPARE = 64, MAX_LANES = 16, ALIGNED = 64 };
static const double RATIO = 6. / 5, SHIFT = .3; /* of a point, from one level to the next finer one */

typedef struct {
    const filterbank *bank;
    const kernels *k;
    int filters, levels;
    double threshold;
} task;

typedef struct {
    uint8_t *levels[2];
    float *planes, *padded_rows, *sums;
    void *scratch; /* of hog and next_level */
} memory;

typedef struct {
    detection *items;
    int count, room;
} detections;

int filterbank_valid(const filterbank *bank, size_t length) {
    if (length < sizeof *bank || bank->count < 1 || bank->count > MAX_TERMS) return 0;
    if (length != sizeof *bank + (size_t)bank->count * sizeof(term)) return 0;
    for (int64_t i = 0; i < bank->count; i++) {
        const term *t = bank->terms + i;
        if (t->filter < 0 || t->filter >= FILTERS || t->plane < 0 || t->plane >= PLANES) return 0;
    }
    return 1;
}

/* As many as dlib searches: those that, shrunk as a rectangle, have 64 pixels a side; at least one. */
static int level_count(int height, int width, int limit) {
    double right = width - 1, bottom = height - 1, left = 0, top = 0;
    int count = 0;
    do {
        left = floor((left - SHIFT) / RATIO + .5), top = floor((top - SHIFT) / RATIO + .5);
        right = floor((right - SHIFT) / RATIO + .5), bottom = floor((bottom - SHIFT) / RATIO + .5);
        count++;
    } while (right - left + 1 >= MIN_LEVEL_PX && bottom - top + 1 >= MIN_LEVEL_PX && count < limit);
    return count;
}

static grid grid_of(int height, int width) {
    grid size = {feature_cells(height), feature_cells(width), 0};
    size.stride = (size.columns + SIDE + MAX_LANES) / MAX_LANES * MAX_LANES + MAX_LANES;
    return size;
}

static size_t padded(size_t bytes) { return (bytes + ALIGNED - 1) / ALIGNED * ALIGNED; }

/* Floats: a plane with the rows beyond it that a filter reaches, and what a vector may read beyond the last. */
static size_t padded_plane(const grid *size) { return (size_t)(size->rows + SIDE) * (size_t)size->stride + SPARE; }

/* Takes all memory that a search needs, in one piece; 0 if there is none. */
static void *take_memory(memory *m, const level *first, int filters) {
    grid size = grid_of(first->height, first->width);
    size_t pixels = (size_t)first->height * (size_t)first->width * (size_t)first->channels;
    size_t plane = (size_t)size.rows * (size_t)size.stride * sizeof(float);
    size_t hog_bytes = hog_scratch(first->height, first->width), next_bytes = next_scratch(first->width);
    size_t parts[] = {pixels, pixels, PLANES * plane + SPARE * sizeof(float), padded_plane(&size) * sizeof(float),
                      (size_t)filters * plane + SPARE * sizeof(float), hog_bytes > next_bytes ? hog_bytes : next_bytes};
    enum { PARTS = sizeof parts / sizeof *parts };
    size_t total = ALIGNED;
    for (int i = 0; i < PARTS; i++) total += padded(parts[i]);
    uint8_t *whole = malloc(total), *starts[PARTS];
    if (!whole) return 0;
    uint8_t *next = whole + (ALIGNED - (uintptr_t)whole % ALIGNED);
    for (int i = 0; i < PARTS; next += padded(parts[i]), i++) starts[i] = next;
    *m = (memory){{starts[0], starts[1]}, (float *)(void *)starts[2], (float *)(void *)starts[3],
                  (float *)(void *)starts[4], starts[5]};
    return whole;
}

static int add(detections *found, detection one) {
    if (found->count == found->room) {
        int room = found->room ? 2 * found->room : 64;
        detection *items = realloc(found->items, (size_t)room * sizeof *items);
        if (!items) return 0;
        found->items = items, found->room = room;
    }
    found->items[found->count++] = one;
    return 1;
}

/* Where a level's pixel is in the picture. */
static int32_t in_picture(double at, int level_index) {
    for (int i = 0; i < level_index; i++) at = at * RATIO + SHIFT;
    return (int32_t)round(at);
}

/* The left or upper edge of the box at a cell. dlib puts those that lie outside the picture one cell further out. */
static double first_edge(int cell) {
    int edge = CELL * cell + FIRST_BOX_PX;
    return edge < 0 ? edge - CELL : edge;
}

static double last_edge(int cell) { return CELL * cell + FIRST_BOX_PX + BOX_PX; }

static detection detection_at(int x, int y, int level_index, int filter, double score) {
    return (detection){score,
                       {in_picture(first_edge(x), level_index), in_picture(first_edge(y), level_index),
                        in_picture(last_edge(x), level_index), in_picture(last_edge(y), level_index)},
                       filter};
}

static int add_those_above(const task *t, const grid *size, const float *sums, int level_index, detections *found) {
    for (int filter = 0; filter < t->filters; filter++) {
        double threshold = t->bank->threshold[filter];
        for (int y = 0; y < size->rows; y++, sums += size->stride)
            for (int x = 0; x < size->columns; x++)
                if (sums[x] >= threshold + t->threshold &&
                    !add(found, detection_at(x, y, level_index, filter, sums[x] - threshold)))
                    return 0;
    }
    return 1;
}

static int search_level(const task *t, const level *of, int level_index, const memory *m, detections *found) {
    cells c = {m->planes, grid_of(of->height, of->width)};
    if (!c.size.rows || !c.size.columns) return 1;
    hog(t->k, of, &c, m->scratch);
    size_t plane = (size_t)c.size.rows * (size_t)c.size.stride;
    memset(m->padded_rows, 0, padded_plane(&c.size) * sizeof(float));
    memset(m->sums, 0, (size_t)t->filters * plane * sizeof(float));
    for (int64_t i = 0; i < t->bank->count; i++) {
        const term *each = t->bank->terms + i;
        if (each->filter < t->filters)
            t->k->filter(c.planes + (size_t)each->plane * plane, &c.size, each->row, each->column, m->padded_rows,
                         m->sums + (size_t)each->filter * plane);
    }
    return add_those_above(t, &c.size, m->sums, level_index, found);
}

static int search_levels(const task *t, level of, const memory *m, detections *found) {
    int count = level_count(of.height, of.width, t->levels);
    for (int i = 0;; i++) {
        if (!search_level(t, &of, i, m, found)) return 0;
        if (i + 1 >= count) return 1;
        level next = {of.pixels == m->levels[0] ? m->levels[1] : m->levels[0], of.height, of.width, of.channels};
        next_size(&next.height, &next.width);
        next_level(t->k, &of, &next, m->scratch);
        of = next;
    }
}

static int by_score(const void *one, const void *other) {
    const detection *a = one, *b = other;
    if (a->score != b->score) return a->score < b->score ? 1 : -1;
    return memcmp(a->box, b->box, sizeof a->box); /* any order, but always the same one */
}

static double area(const int32_t box[4]) {
    double width = (double)box[2] - box[0] + 1, height = (double)box[3] - box[1] + 1;
    return width > 0 && height > 0 ? width * height : 0;
}

static int32_t lower(int32_t a, int32_t b) { return a < b ? a : b; }
static int32_t higher(int32_t a, int32_t b) { return a > b ? a : b; }

static int overlap(const filterbank *bank, const int32_t a[4], const int32_t b[4]) {
    int32_t inner[4] = {higher(a[0], b[0]), higher(a[1], b[1]), lower(a[2], b[2]), lower(a[3], b[3])};
    int32_t outer[4] = {lower(a[0], b[0]), lower(a[1], b[1]), higher(a[2], b[2]), higher(a[3], b[3])};
    double shared = area(inner);
    return shared > 0 && (shared / area(outer) > bank->max_shared || shared / area(a) > bank->max_covered ||
                          shared / area(b) > bank->max_covered);
}

/* Of overlapping detections, the one with the highest score. */
static int keep_best(const filterbank *bank, detections *all, detection *found, int capacity) {
    int count = 0;
    qsort(all->items, (size_t)all->count, sizeof *all->items, by_score);
    for (int i = 0; i < all->count && count < capacity; i++) {
        int taken = 0;
        for (int j = 0; j < count && !taken; j++) taken = overlap(bank, found[j].box, all->items[i].box);
        if (!taken) found[count++] = all->items[i];
    }
    return count;
}

int search_faces(const filterbank *bank, const uint8_t *pixels, int height, int width, int channels, int filters,
                 int levels, double threshold, int vector_bits, detection *found, int capacity) {
    task t = {bank, kernels_of(vector_bits), filters, levels < MAX_LEVELS ? levels : MAX_LEVELS, threshold};
    int sizes_valid = height > 0 && width > 0 && height <= MAX_SIDE_PX && width <= MAX_SIDE_PX;
    if (!t.k || !sizes_valid || (channels != 1 && channels != 3) || filters < 1 || filters > FILTERS || levels < 1)
        return NO_PICTURE;
    level first = {0, height, width, channels};
    memory m;
    void *whole = take_memory(&m, &first, filters);
    if (!whole) return NO_MEMORY;
    first.pixels = m.levels[0];
    size_t count = (size_t)height * (size_t)width;
    if (channels == 3)
        t.k->split_colours(pixels, count, first.pixels);
    else
        memcpy(first.pixels, pixels, count);
    detections all = {0, 0, 0};
    int result = search_levels(&t, first, &m, &all) ? 0 : NO_MEMORY;
    if (!result && all.count) result = keep_best(bank, &all, found, capacity);
    free(all.items);
    free(whole);
    return result;
}
