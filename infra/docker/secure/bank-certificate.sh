#!/bin/sh
# The sample bank's certificate for Kafka, in the profile `secure`: sh bank-certificate.sh FOLDER BIC
# The profile's name alone would leave the banks' listener without certificates: it is refused.
set -eu
if [ "${CORRIDOR_ACLS:-}" != certificates ]; then
  echo "CORRIDOR_ACLS=${CORRIDOR_ACLS:-}: expected certificates, with the profile's other variables:" \
    "docker compose --env-file infra/docker/secure/secure.env up --wait" >&2
  exit 2
fi
exec sh infra/kafka/certificates.sh "$1" "$2"
