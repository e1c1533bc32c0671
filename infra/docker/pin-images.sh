#!/bin/sh
# Writes the digest behind the version of every image of docker-compose.yml and the Dockerfile, as the
# registry has it now: sh infra/docker/pin-images.sh [FOLDER]
# Needs docker with buildx. What has a digest already is asked for again, by its version.
set -eu
cd "${1:-$(dirname "$0")/../..}"
files="docker-compose.yml infra/docker/Dockerfile"
# shellcheck disable=SC2086
images=$(sed -n -E 's/^ *(image:|FROM) ([a-z0-9/-]+:[0-9][^@ ]*).*/\2/p' $files | sort -u)
for image in $images; do
  digest=$(docker buildx imagetools inspect "$image" --format '{{.Manifest.Digest}}')
  case $digest in
    sha256:????????????????????????????????????????????????????????????????) ;;
    *) echo "$image: expected a digest, not '$digest'" >&2; exit 1 ;;
  esac
  for file in $files; do
    sed -E "s|((image:\|FROM) $image)(@sha256:[0-9a-f]{64})?( \|\$)|\1@$digest\4|" "$file" >"$file.new"
    cat "$file.new" >"$file" && rm "$file.new"
  done
  echo "$image@$digest"
done
