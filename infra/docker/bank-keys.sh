#!/bin/sh
# Gives the sample bank, or the synchronisation operator, what is its own, and no other's:
#   sh bank-keys.sh BIC DEFAULT KEYS CERTIFICATES FOLDER
# Without a BIC it is DEFAULT, or where the network has no such bank the first that it has. FOLDER gets
# secret.pem, with which it signs, bank.env, which says who it is, witness.pem, by which it witnesses the
# network's logs, and its certificate for Kafka; the last two where there are any. CORRIDOR_KEYS_OF is the variable in which the caller names it (CORRIDOR_BANK).
set -eu
bic=$1 default=$2 keys=$3 certificates=$4 folder=$5
banks=$(cd "$keys" && ls | sed -n 's/^\([A-Z0-9]\{8,11\}\)\.pem$/\1/p')
if [ -z "$bic" ]; then
  bic=$default
  [ -f "$keys/$bic.pem" ] || bic=$(echo "$banks" | head -n 1)
fi
if [ ! -f "$keys/$bic.pem" ]; then
  echo "${CORRIDOR_KEYS_OF:-CORRIDOR_BANK}=$bic: expected a participant of this network:" $banks >&2
  exit 2
fi
umask 077
cp "$keys/$bic.pem" "$folder/secret.pem"
echo "CORRIDOR_BIC=$bic" >"$folder/bank.env"
if [ -f "$keys/$bic.witness.pem" ]; then
  cp "$keys/$bic.witness.pem" "$folder/witness.pem"
  echo "CORRIDOR_WITNESS_KEY_FILE=$folder/witness.pem" >>"$folder/bank.env"
fi
if [ -d "$certificates/$bic" ]; then
  for file in ca certificate key; do cp "$certificates/$bic/$file.pem" "$folder/$file.pem"; done
fi
