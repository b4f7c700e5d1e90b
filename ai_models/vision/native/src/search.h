#ifndef POSESMART_SEARCH_H
#define POSESMART_SEARCH_H

#include "kernels.h"

/* A filter covers 10 x 10 cells of 8 x 8 pixels; each cell has 31 numbers, one in each of 31 planes. */
enum { CELL = 8, SIDE = 10, PLANES = 31, FILTERS = 5, BEFORE = 4, MAX_TERMS = 4096, MAX_SIDE_PX = 1 << 13 };

/* One separable part of a filter in one plane: each row is weighted by `row`, and the results by `column`. */
typedef struct {
    int32_t filter, plane;
    float row[SIDE], column[SIDE];
} term;

struct filterbank {
    double threshold[FILTERS];
    double max_shared, max_covered; /* of two boxes' common area, and of one box's own, before the lower score goes */
    int64_t count;
    term terms[]; /* in the order of their planes */
};

/* A level of the picture: its channels one after the other. */
typedef struct {
    uint8_t *pixels;
    int height, width, channels;
} level;

/* The HOG planes of a level, each of rows x stride floats. A row begins with BEFORE zeros and ends in zeros as well, so
 * that a filter may reach beyond the cells. */
typedef struct {
    float *planes;
    grid size;
} cells;

/* pyramid.c: the next level, 5/6 as wide and high, into memory that holds it. scratch: next_scratch() bytes. */
void next_size(int *height, int *width);
size_t next_scratch(int width);
void next_level(const kernels *k, const level *from, level *to, void *scratch);

/* hog.c: the number of rows and columns of cells that get features; 0 in a picture that is too small. */
int feature_cells(int pixels);
size_t hog_scratch(int height, int width);
void hog(const kernels *k, const level *from, cells *to, void *scratch);

#endif
