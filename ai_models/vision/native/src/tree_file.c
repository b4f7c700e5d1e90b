/* Reads dlib's shape predictor file. An integer is a byte with its sign and length, then that many bytes, lowest first;
 * a float is two integers, mantissa and exponent; a list is its length, then its items. */

#include <math.h>

#include "landmarks.h"

enum { FILE_VERSION = 1, SIGN = 0x80, LENGTH = 0x0f, MAX_EXPONENT = 2000 };

typedef struct {
    const uint8_t *next, *end;
    int failed; /* once set it stays, and everything read is 0 */
} reader;

static int64_t read_integer(reader *r) {
    size_t left = (size_t)(r->end - r->next);
    size_t length = left ? (size_t)(*r->next & LENGTH) : 0;
    if (left < 1 + length || length > 8) {
        r->failed = 1;
        return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < length; i++) value |= (uint64_t)r->next[1 + i] << (8 * i);
    int negative = *r->next & SIGN;
    r->next += 1 + length;
    if (value > INT64_MAX) {
        r->failed = 1;
        return 0;
    }
    return negative ? -(int64_t)value : (int64_t)value;
}

static float read_float(reader *r) {
    int64_t mantissa = read_integer(r), exponent = read_integer(r);
    if (exponent < -MAX_EXPONENT || exponent > MAX_EXPONENT) { /* also how dlib writes infinity */
        r->failed = 1;
        return 0;
    }
    return (float)ldexp((double)mantissa, (int)exponent);
}

static void expect(reader *r, int64_t value) {
    if (read_integer(r) != value) r->failed = 1;
}

static uint16_t read_index(reader *r, int64_t limit) {
    int64_t value = read_integer(r);
    if (value < 0 || value >= limit) {
        r->failed = 1;
        return 0;
    }
    return (uint16_t)value;
}

/* A matrix of one column; its dimensions are written as negative numbers. */
static void read_vector(reader *r, float vector[COORDINATES]) {
    expect(r, -COORDINATES);
    expect(r, -1);
    for (int i = 0; i < COORDINATES && !r->failed; i++) vector[i] = read_float(r);
}

static void read_tree(reader *r, split splits[SPLITS], float leaves[LEAVES][COORDINATES]) {
    expect(r, SPLITS);
    for (int i = 0; i < SPLITS && !r->failed; i++) {
        splits[i].first = read_index(r, SAMPLES);
        splits[i].second = read_index(r, SAMPLES);
        splits[i].threshold = read_float(r);
    }
    expect(r, LEAVES);
    for (int i = 0; i < LEAVES && !r->failed; i++) read_vector(r, leaves[i]);
}

static void read_forest(reader *r, split splits[TREES][SPLITS], float leaves[TREES][LEAVES][COORDINATES]) {
    expect(r, TREES);
    for (int i = 0; i < TREES && !r->failed; i++) read_tree(r, splits[i], leaves[i]);
}

static void read_anchors(reader *r, uint16_t anchors[SAMPLES]) {
    expect(r, SAMPLES);
    for (int i = 0; i < SAMPLES && !r->failed; i++) anchors[i] = read_index(r, POINTS);
}

static void read_offsets(reader *r, float offsets[SAMPLES][2]) {
    expect(r, SAMPLES);
    for (int i = 0; i < SAMPLES && !r->failed; i++) {
        offsets[i][0] = read_float(r);
        offsets[i][1] = read_float(r);
    }
}

int trees_read(const uint8_t *file, size_t length, trees *out) {
    reader r = {file, file + length, 0};
    expect(&r, FILE_VERSION);
    read_vector(&r, out->mean_shape);
    expect(&r, CASCADES);
    for (int i = 0; i < CASCADES && !r.failed; i++) read_forest(&r, out->splits[i], out->leaves[i]);
    expect(&r, CASCADES);
    for (int i = 0; i < CASCADES && !r.failed; i++) read_anchors(&r, out->anchor[i]);
    expect(&r, CASCADES);
    for (int i = 0; i < CASCADES && !r.failed; i++) read_offsets(&r, out->offset[i]);
    return !r.failed && r.next == r.end;
}

size_t trees_size(void) { return sizeof(trees); }

static int splits_valid(const split *splits, size_t count) {
    int valid = 1;
    for (size_t i = 0; i < count; i++) valid &= splits[i].first < SAMPLES && splits[i].second < SAMPLES;
    return valid;
}

int trees_valid(const trees *t) {
    int valid = splits_valid(&t->splits[0][0][0], (size_t)CASCADES * TREES * SPLITS);
    for (int k = 0; k < CASCADES; k++)
        for (int i = 0; i < SAMPLES; i++) valid &= t->anchor[k][i] < POINTS;
    return valid;
}
