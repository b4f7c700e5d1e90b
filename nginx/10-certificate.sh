#!/bin/sh
# Makes a certificate where none is there yet, so that nginx can start; browsers warn of it until a real one takes its
# place. nginx's image runs this before nginx; openssl is in it.
set -eu

[ ! -e "$TLS_CERTIFICATE" ] || exit 0

for name in $SERVER_NAME; do
    names="${names:+$names,}DNS:$name"
done
echo "There is no $TLS_CERTIFICATE: making one for $SERVER_NAME."
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 397 \
    -subj "/CN=${SERVER_NAME%% *}" -addext "subjectAltName=$names" \
    -keyout "$TLS_CERTIFICATE_KEY" -out "$TLS_CERTIFICATE"
