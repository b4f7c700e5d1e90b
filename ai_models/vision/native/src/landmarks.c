/* dlib's regression trees (Kazemi and Sullivan, One Millisecond Face Alignment, 2014), with dlib's results to the bit.
 *
 * All leaves together are 65 MB, and a face needs 7 500 of them, 4 MB: the time goes into waiting for memory. dlib adds
 * each tree's leaf before it looks at the next tree. The choice of leaf depends only on the pixels sampled at the start
 * of the cascade's step, though: here, all 500 are chosen first and requested from memory as they are, and then added,
 * in dlib's order, so that the sums round alike. */

#include "landmarks.h"

#include <math.h>
#include <string.h>

#include "kernels.h"

enum { CACHE_LINE = 64, FURTHEST = 1 << 16 };

typedef struct {
    float cosine, sine; /* times the scale */
} similarity;

typedef struct {
    double left, top, width, height;
} area;

/* The rotation and scale from the mean shape to this one, by least squares (Umeyama, 1991). */
static similarity from_mean_shape(const float mean[COORDINATES], const float shape[COORDINATES]) {
    double mean_x = 0, mean_y = 0, x = 0, y = 0, along = 0, across = 0, spread = 0;
    for (int i = 0; i < COORDINATES; i += 2) {
        mean_x += mean[i], mean_y += mean[i + 1];
        x += shape[i], y += shape[i + 1];
    }
    mean_x /= POINTS, mean_y /= POINTS, x /= POINTS, y /= POINTS;
    for (int i = 0; i < COORDINATES; i += 2) {
        double from_x = mean[i] - mean_x, from_y = mean[i + 1] - mean_y;
        double to_x = shape[i] - x, to_y = shape[i + 1] - y;
        along += from_x * to_x + from_y * to_y;
        across += from_x * to_y - from_y * to_x;
        spread += from_x * from_x + from_y * from_y;
    }
    return (similarity){(float)(along / spread), (float)(across / spread)};
}

/* The brightness at a point of the box; 0 outside the picture. */
static float brightness(const picture *image, const area *box, float x, float y) {
    double column = floor(box->left + (double)x * box->width + .5);
    double row = floor(box->top + (double)y * box->height + .5);
    if (!(column >= 0 && row >= 0 && column < image->width && row < image->height)) return 0;
    const uint8_t *pixel = image->pixels + 3 * ((size_t)row * (size_t)image->width + (size_t)column);
    return (float)((pixel[0] + pixel[1] + pixel[2]) / 3);
}

static void sample(const trees *t, int step, const picture *image, const area *box, const float shape[COORDINATES],
                   float samples[SAMPLES]) {
    similarity turn = from_mean_shape(t->mean_shape, shape);
    for (int i = 0; i < SAMPLES; i++) {
        const float *offset = t->offset[step][i], *landmark = shape + 2 * t->anchor[step][i];
        float x = turn.cosine * offset[0] - turn.sine * offset[1] + landmark[0];
        float y = turn.sine * offset[0] + turn.cosine * offset[1] + landmark[1];
        samples[i] = brightness(image, box, x, y);
    }
}

static int leaf_of(const split splits[SPLITS], const float samples[SAMPLES]) {
    int node = 0;
    for (int i = 0; i < DEPTH; i++) {
        const split *s = splits + node;
        node = 2 * node + 2 - (samples[s->first] - samples[s->second] > s->threshold);
    }
    return node - SPLITS;
}

static void choose_leaves(const trees *t, int step, const float samples[SAMPLES], const float *leaves[TREES]) {
    for (int i = 0; i < TREES; i++) {
        leaves[i] = t->leaves[step][i][leaf_of(t->splits[step][i], samples)];
        for (size_t byte = 0; byte < sizeof t->leaves[0][0][0]; byte += CACHE_LINE)
            __builtin_prefetch((const char *)leaves[i] + byte);
    }
}

static int is_a_pictures(const int32_t box[4]) {
    for (int i = 0; i < 4; i++)
        if (box[i] < -FURTHEST || box[i] > FURTHEST) return 0;
    return 1;
}

/* In the picture's pixels. 0 if a coordinate is not a number, or far beyond any picture. */
static int to_pixels(const float shape[COORDINATES], const area *box, int64_t points[COORDINATES]) {
    for (int i = 0; i < COORDINATES; i++) {
        double start = i % 2 ? box->top : box->left, size = i % 2 ? box->height : box->width;
        double at = floor(start + (double)shape[i] * size + .5);
        if (!(fabs(at) < INT32_MAX)) return 0;
        points[i] = (int64_t)at;
    }
    return 1;
}

int find_landmarks(const trees *t, const uint8_t *pixels, int height, int width, const int32_t box[4], int vector_bits,
                   int64_t points[136]) {
    const kernels *k = kernels_of(vector_bits);
    if (!k || height < 1 || width < 1 || !is_a_pictures(box)) return 0;
    picture image = {pixels, height, width, 3};
    area face = {box[0], box[1], box[2] - box[0], box[3] - box[1]};
    float shape[COORDINATES], samples[SAMPLES];
    const float *leaves[TREES];
    memcpy(shape, t->mean_shape, sizeof shape);
    for (int step = 0; step < CASCADES; step++) {
        sample(t, step, &image, &face, shape, samples);
        choose_leaves(t, step, samples, leaves);
        k->add_leaves(shape, leaves, TREES);
    }
    return to_pixels(shape, &face, points);
}
