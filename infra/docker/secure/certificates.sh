#!/bin/sh
# Makes an authority and a certificate for each name, unless they are there: sh certificates.sh FOLDER NAME...
# FOLDER/<name>/ gets ca.pem, certificate.pem, key.pem (PKCS #8) and both.pem (key and certificate,
# what a Kafka broker reads). The name is the certificate's CN: Kafka's principal User:CN=<name>.
# The authority's own key stays in FOLDER/authority, which no other container mounts.
set -eu
if [ "${CORRIDOR_ACLS:-on}" != on ]; then
  echo "CORRIDOR_ACLS=$CORRIDOR_ACLS: expected on, with the profile's other variables:" \
    "docker compose --env-file infra/docker/secure/secure.env up --wait" >&2
  exit 2
fi
folder=$1
shift
authority=$folder/authority
days=825
umask 077
mkdir -p "$authority"
if [ ! -f "$authority/ca.pem" ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days 3650 -subj "/CN=Corridor authority" \
    -keyout "$authority/ca.key" -out "$authority/ca.pem" 2>/dev/null
fi
for name in "$@"; do
  own=$folder/$name
  [ -f "$own/both.pem" ] && continue
  mkdir -p "$own"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -subj "/CN=$name" \
    -keyout "$own/key.pem" -out "$own/request.pem" 2>/dev/null
  # The broker is reached by these names; the others ask for none.
  printf 'subjectAltName=DNS:%s,DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n' \
    "$name" >"$own/extensions"
  openssl x509 -req -sha256 -days $days -in "$own/request.pem" -CA "$authority/ca.pem" \
    -CAkey "$authority/ca.key" -CAcreateserial -extfile "$own/extensions" \
    -out "$own/certificate.pem" 2>/dev/null
  cp "$authority/ca.pem" "$own/ca.pem"
  cat "$own/key.pem" "$own/certificate.pem" >"$own/both.pem"
  rm "$own/request.pem" "$own/extensions"
done
