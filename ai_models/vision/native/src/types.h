#ifndef POSESMART_TYPES_H
#define POSESMART_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "native.h"

/* Pixels, row by row without gaps: channels is 1 (grey) or 3 (RGB). */
typedef struct {
    const uint8_t *pixels;
    int height, width, channels;
} picture;

#endif
