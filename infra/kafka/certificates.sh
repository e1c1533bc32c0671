#!/bin/sh
# Makes an authority and a certificate for each name, unless they are there: sh certificates.sh FOLDER NAME...
# FOLDER/<name>/ gets ca.pem, certificate.pem, key.pem (PKCS #8) and both.pem (key and certificate,
# what a Kafka broker reads). The name is the certificate's CN: Kafka's principal User:CN=<name>.
# The authority's own key stays in FOLDER/authority, which no running container mounts. A certificate is
# made anew when it has less than CORRIDOR_RENEW_DAYS (30) left, or is another authority's;
# docs/operations.md says what then.
set -eu
if ! command -v openssl >/dev/null; then
  echo "there is no openssl, which makes certificates: install it" >&2
  exit 2
fi
folder=$1
shift
authority=$folder/authority
days=825
renewDays=${CORRIDOR_RENEW_DAYS:-30}
case $renewDays in
  *[!0-9]* | 0?* | ?????*)
    echo "CORRIDOR_RENEW_DAYS=$renewDays: expected days, a whole number from 0 to 9999" >&2
    exit 2
    ;;
esac
renew=$((renewDays * 86400))
umask 077
mkdir -p "$authority"
# What openssl says is told where it fails, and only there.
quiet() { "$@" 2>"$authority/said" || { cat "$authority/said" >&2; exit 1; }; }
# Also a certificate of an authority that was lost is made anew.
lasts() {
  openssl x509 -checkend "$renew" -noout -in "$1" >/dev/null 2>&1 &&
    openssl verify -CAfile "$authority/ca.pem" "$1" >/dev/null 2>&1
}

if [ ! -f "$authority/ca.pem" ]; then
  quiet openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days 3650 \
    -subj "/CN=Corridor authority" -keyout "$authority/ca.key" -out "$authority/ca.new"
  mv "$authority/ca.new" "$authority/ca.pem"
fi
for name in "$@"; do
  own=$folder/$name
  [ -f "$own/both.pem" ] && lasts "$own/certificate.pem" && continue
  mkdir -p "$own"
  quiet openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -subj "/CN=$name" \
    -keyout "$own/key.new" -out "$own/request.pem"
  # The broker is reached by these names; the others ask for none.
  printf 'subjectAltName=DNS:%s,DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n' \
    "$name" >"$own/extensions"
  quiet openssl x509 -req -sha256 -days $days -in "$own/request.pem" -CA "$authority/ca.pem" \
    -CAkey "$authority/ca.key" -CAcreateserial -extfile "$own/extensions" -out "$own/certificate.new"
  cp "$authority/ca.pem" "$own/ca.pem"
  cat "$own/key.new" "$own/certificate.new" >"$own/both.new"
  # The certificate, which is asked whether it lasts, last: what stops before it is done again.
  for file in key both certificate; do mv "$own/$file.new" "$own/$file.pem"; done
  rm "$own/request.pem" "$own/extensions"
done
