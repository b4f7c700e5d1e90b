#!/bin/sh
# Makes a self-signed certificate if there is none yet, so that nginx can start; browsers warn about it until it is
# replaced by a real one. nginx's image runs this script before nginx, and contains openssl.
set -eu

[ ! -e "$TLS_CERTIFICATE" ] || exit 0

for name in $SERVER_NAME; do
    names="${names:+$names,}DNS:$name"
done
echo "$TLS_CERTIFICATE does not exist: making a self-signed one for $SERVER_NAME."
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 397 \
    -subj "/CN=${SERVER_NAME%% *}" -addext "subjectAltName=$names" \
    -keyout "$TLS_CERTIFICATE_KEY" -out "$TLS_CERTIFICATE"
