"""The ranges of the values that resnet_int8.py rounds to 8 bits, in the order in which it does so.

The least and largest value over 1,486 faces: photographs of 147 people (LFW) and two webcam recordings (EyeBlink8), as
`manage.py evaluate_precision --ranges` prints them. Nobody can be recognized by them. What lies outside is cut off.
"""

from typing import Final

RANGES: Final = (
    (0.0, 11.1),
    (0.0, 9.67),
    (-9.55, 7.83),
    (0.0, 12.9),
    (0.0, 7.67),
    (-10.6, 12.0),
    (0.0, 16.1),
    (0.0, 8.12),
    (-10.9, 14.5),
    (0.0, 23.6),
    (0.0, 9.02),
    (-6.76, 9.0),
    (0.0, 14.9),
    (0.0, 7.48),
    (-6.09, 8.52),
    (0.0, 15.8),
    (0.0, 5.78),
    (-6.71, 9.37),
    (0.0, 19.7),
    (0.0, 6.11),
    (-6.49, 7.77),
    (0.0, 20.5),
    (0.0, 6.86),
    (-4.4, 8.04),
    (0.0, 12.8),
    (0.0, 4.38),
    (-4.84, 5.0),
    (0.0, 10.5),
    (0.0, 5.61),
    (-6.0, 5.87),
    (0.0, 9.78),
    (0.0, 6.99),
    (0.0, 15.6),
    (0.0, 4.65),
    (0.0, 12.8),
    (0.0, 3.45),
    (0.0, 11.4),
    (0.0, 7.49),
)
