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

/* The vector widths that this library has code for and this processor can run, best first; their number. */
int usable_widths(int widths[4]);
