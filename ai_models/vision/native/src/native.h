/* What Python calls. cffi reads this file as well, so it holds declarations only, without preprocessor lines.
 *
 * No function keeps anything between calls or writes to anything but its arguments, so threads may call them at the
 * same time. All check sizes before they read: a picture may have any size, an array may be shorter than it says. */

/* dlib's 68-point regression trees, flat; landmarks.h has the layout. */
typedef struct trees trees;

size_t trees_size(void);

/* Read dlib's weight file into `out`, trees_size() bytes. 0 if it is not such a file, otherwise 1. */
int trees_read(const uint8_t *file, size_t length, trees *out);

/* 1 if every index in the trees lies within its range, which find_landmarks takes for granted. */
int trees_valid(const trees *t);

/* The 68 landmarks (x, y) of the face in a box (left, top, right, bottom), as dlib's shape_predictor finds them. The
 * picture is height x width RGB pixels without gaps. 0 if the box is far beyond any picture, otherwise 1. */
int find_landmarks(const trees *t, const uint8_t *pixels, int height, int width, const int32_t box[4], int vector_bits,
                   int64_t points[136]);

/* dlib's five face filters as sums of separable ones; search.h has the layout. */
typedef struct filterbank filterbank;

/* 1 if a filterbank has `length` bytes, and all its indices lie within their ranges. */
int filterbank_valid(const filterbank *bank, size_t length);

/* A face: its box (left, top, right, bottom), by how much its score exceeds the filter's threshold, and the filter. */
typedef struct {
    double score;
    int32_t box[4], filter;
} detection;

/* The faces that dlib's detector finds with its first filters at the finest levels of a picture, highest score first:
 * those that exceed the threshold, and overlap none with a higher score by half. The picture is height x width pixels
 * of one channel (grey) or three (RGB), without gaps. Their number, at most `capacity`; or one of these. */
enum { NO_PICTURE = -1, NO_MEMORY = -2 };
int search_faces(const filterbank *bank, const uint8_t *pixels, int height, int width, int channels, int filters,
                 int levels, double threshold, int vector_bits, detection *found, int capacity);

/* The vector widths that this library has code for and this processor can run, best first; their number. */
int usable_widths(int widths[4]);
