/* dlib's pyramid_down<6>: each level is 5/6 of the one before, interpolated between the four nearest pixels.
 *
 * To get the same pixels, this rounds as dlib does. It steps through a row in single precision, four pixels at a time,
 * and cuts colours off, but rounds grey; the last few pixels of a row are computed in double precision, and cut off. */

#include <math.h>
#include <string.h>

#include "search.h"

enum { STEP = 4 };

/* Where a row's pixels come from: from `left` and the pixel after it, the latter with the weight `fraction`. */
typedef struct {
    int32_t *left;
    float *fraction;
    int stepped;          /* so many are computed four at a time */
    double before, scale; /* of the others: where the pixel before the first one is, and how far it is to the next */
} columns;

void next_size(int *height, int *width) {
    *height = 5 * *height / 6;
    *width = 5 * *width / 6;
}

size_t next_scratch(int width) { return (size_t)width * (sizeof(int32_t) + sizeof(float) + 4 * sizeof(uint8_t)) + 64; }

static double scale_between(int from, int to) { return (from - 1) / (double)(to > 1 ? to - 1 : 1); }

static void locate(columns *c, int from, int to) {
    double scale = scale_between(from, to);
    float at[STEP], step = (float)(STEP * scale);
    for (int i = 0; i < STEP; i++) at[i] = (float)(-STEP * scale + i * scale);
    int x = 0;
    for (; x + STEP <= to; x += STEP) {
        for (int i = 0; i < STEP; i++) at[i] += step;
        if ((int)at[STEP - 1] + 1 >= from) break;
        for (int i = 0; i < STEP; i++) {
            c->left[x + i] = (int32_t)at[i];
            c->fraction[x + i] = at[i] - (float)c->left[x + i];
        }
    }
    c->stepped = x;
    c->before = -scale + x * scale;
    c->scale = scale;
    double rest = c->before;
    for (; x < to; x++) {
        rest += scale;
        c->left[x] = (int32_t)floor(rest);
    }
}

/* The neighbours of a row's new pixels, [pixel][left, right]. */
static void pick(const columns *c, const uint8_t *row, int last, int width, uint8_t *out) {
    for (int x = 0; x < c->stepped; x++) memcpy(out + 2 * x, row + c->left[x], 2);
    for (int x = c->stepped; x < width; x++) {
        int at = c->left[x];
        out[2 * x] = row[at];
        out[2 * x + 1] = row[at < last ? at + 1 : last];
    }
}

static void end_of_row(const columns *c, const uint8_t *top, const uint8_t *bottom, double down, int grey, uint8_t *out,
                       int width) {
    double at = c->before;
    for (int x = c->stepped; x < width; x++) {
        at += c->scale;
        double along = at - c->left[x];
        if (grey) {
            float part = (float)along;
            float above = (1 - part) * top[2 * x] + part * top[2 * x + 1];
            float below = (1 - part) * bottom[2 * x] + part * bottom[2 * x + 1];
            out[x] = (uint8_t)(float)((1 - down) * above + down * below);
        } else {
            double above = (1 - along) * top[2 * x] + along * top[2 * x + 1];
            double below = (1 - along) * bottom[2 * x] + along * bottom[2 * x + 1];
            out[x] = (uint8_t)((1 - down) * above + down * below);
        }
    }
}

static void shrink_plane(const kernels *k, const uint8_t *from, int height, int width, const columns *c, int grey,
                         level *to, uint8_t *out, uint8_t *scratch) {
    uint8_t *rows[2] = {scratch, scratch + 2 * (size_t)to->width}; /* a lower row mostly is the next upper one */
    int held[2] = {-1, -1};
    double scale = scale_between(height, to->height), y = -scale;
    for (int r = 0; r < to->height; r++) {
        y += scale;
        int top = (int)floor(y), bottom = top + 1 < height ? top + 1 : height - 1;
        int both[2] = {top, bottom};
        for (int i = 0; i < 2; i++) {
            int slot = both[i] % 2;
            if (held[slot] == both[i]) continue;
            pick(c, from + (size_t)both[i] * (size_t)width, width - 1, to->width, rows[slot]);
            held[slot] = both[i];
        }
        const uint8_t *above = rows[top % 2], *below = rows[bottom % 2];
        uint8_t *row = out + (size_t)r * (size_t)to->width;
        k->interpolate(above, below, c->fraction, (float)(y - top), (float)(1 - (y - top)), grey ? .5f : 0, row,
                       c->stepped);
        end_of_row(c, above, below, y - top, grey, row, to->width);
    }
}

void next_level(const kernels *k, const level *from, level *to, void *scratch) {
    columns c = {scratch, (float *)((int32_t *)scratch + to->width), 0, 0, 0};
    uint8_t *rest = (uint8_t *)(c.fraction + to->width);
    locate(&c, from->width, to->width);
    for (int channel = 0; channel < from->channels; channel++) {
        const uint8_t *plane = from->pixels + (size_t)channel * (size_t)from->height * (size_t)from->width;
        uint8_t *out = to->pixels + (size_t)channel * (size_t)to->height * (size_t)to->width;
        shrink_plane(k, plane, from->height, from->width, &c, from->channels == 1, to, out, rest);
    }
}
