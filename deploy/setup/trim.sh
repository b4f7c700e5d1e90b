#!/bin/sh
# Deletes what the service does not need of the packages in a site-packages folder, 85 MB: trim.sh FOLDER
# These are NumPy's and SciPy's own tests, and the copy of ONNX Runtime that is for programs in C: Python's is linked into
# its module. pip does not mind files that are gone.
set -eu

for package in numpy scipy; do
    [ ! -d "$1/$package" ] || find "$1/$package" -type d -name tests -prune -exec rm -rf {} +
done
rm -f "$1"/onnxruntime/capi/libonnxruntime.so.*
