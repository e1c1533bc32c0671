#!/usr/bin/env bash
# Sends a payment to the Corridor gateway and reads its status, with curl and OpenSSL 3 alone.
#   pay.sh URL NETWORK BIC KEY.pem CREDITOR_BIC CURRENCY AMOUNT [json|xml]
set -euo pipefail
url=$1 network=$2 bic=$3 key=$4 creditor=$5 currency=$6 amount=$7 syntax=${8:-json}
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

# Writes the headers of a signed message into $work/headers.
#   sign TOPIC TYPE ID FILE: FILE holds the bytes that are signed
sign() {
  local issued digest
  issued=$(date +%s)000
  digest=$(openssl dgst -sha256 -r "$4" | cut -d' ' -f1)
  printf '%s\n' CORRIDOR-SIG-V1 "$network" "$1" "$2" "$bic" key-1 "$3" "$issued" "$digest" >"$work/text"
  openssl pkeyutl -sign -rawin -inkey "$key" -in "$work/text" -out "$work/signature"
  {
    echo "ce-specversion: 1.0"
    echo "ce-id: $3"
    echo "ce-source: $bic"
    echo "ce-type: $2"
    echo "ce-keyid: key-1"
    echo "ce-issuedatms: $issued"
    echo "ce-signature: $(openssl base64 -A -in "$work/signature")"
  } >"$work/headers"
}

uuid=$(openssl rand -hex 16)
uetr="${uuid:0:8}-${uuid:8:4}-4${uuid:13:3}-a${uuid:17:3}-${uuid:20:12}"
now=$(date -u +%FT%TZ)
cat >"$work/payment.xml" <<XML
<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="urn:swift:xsd:envelope">
  <AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02">
    <Fr><FIId><FinInstnId><BICFI>$bic</BICFI></FinInstnId></FIId></Fr>
    <To><FIId><FinInstnId><BICFI>$creditor</BICFI></FinInstnId></FIId></To>
    <BizMsgIdr>M-1</BizMsgIdr>
    <MsgDefIdr>pacs.008.001.08</MsgDefIdr>
    <CreDt>$now</CreDt>
  </AppHdr>
  <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08">
    <FIToFICstmrCdtTrf>
      <GrpHdr>
        <MsgId>M-1</MsgId>
        <CreDtTm>$now</CreDtTm>
        <NbOfTxs>1</NbOfTxs>
        <SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf>
      </GrpHdr>
      <CdtTrfTxInf>
        <PmtId><EndToEndId>E-1</EndToEndId><UETR>$uetr</UETR></PmtId>
        <IntrBkSttlmAmt Ccy="$currency">$amount</IntrBkSttlmAmt>
        <IntrBkSttlmDt>$(date -u +%F)</IntrBkSttlmDt>
        <ChrgBr>SHAR</ChrgBr>
        <InstgAgt><FinInstnId><BICFI>$bic</BICFI></FinInstnId></InstgAgt>
        <Dbtr><Nm>A. Payer</Nm></Dbtr>
        <DbtrAgt><FinInstnId><BICFI>$bic</BICFI></FinInstnId></DbtrAgt>
        <CdtrAgt><FinInstnId><BICFI>$creditor</BICFI></FinInstnId></CdtrAgt>
        <Cdtr><Nm>B. Payee</Nm></Cdtr>
      </CdtTrfTxInf>
    </FIToFICstmrCdtTrf>
  </Document>
</Envelope>
XML
cat >"$work/payment.json" <<JSON
{"Document": {"FIToFICstmrCdtTrf": {
  "GrpHdr": {"MsgId": "M-1", "CreDtTm": "$now", "NbOfTxs": "1",
             "SttlmInf": {"SttlmMtd": "CLRG"}},
  "CdtTrfTxInf": [{
    "PmtId": {"EndToEndId": "E-1", "UETR": "$uetr"},
    "IntrBkSttlmAmt": {"Ccy": "$currency", "Amt": "$amount"},
    "IntrBkSttlmDt": "$(date -u +%F)",
    "ChrgBr": "SHAR",
    "InstgAgt": {"FinInstnId": {"BICFI": "$bic"}},
    "Dbtr": {"Nm": "A. Payer"},
    "DbtrAgt": {"FinInstnId": {"BICFI": "$bic"}},
    "CdtrAgt": {"FinInstnId": {"BICFI": "$creditor"}},
    "Cdtr": {"Nm": "B. Payee"}
  }]
}}}
JSON

sign payments pacs.008.001.08 "$uetr" "$work/payment.$syntax"
curl --silent --show-error --fail-with-body -H @"$work/headers" -H "content-type: application/$syntax" \
  --data-binary @"$work/payment.$syntax" "$url/payments" || { echo; exit 1; }
echo

# A request to read is signed like a message whose payload is "GET <path and query>".
#   read_signed TARGET: its answer goes into $work/answer, its status into $code
read_signed() {
  printf 'GET %s' "$1" >"$work/request"
  sign http corridor.query.1 read-1 "$work/request"
  code=$(curl --silent --show-error -o "$work/answer" -w '%{http_code}' -H @"$work/headers" "$url$1")
}

for _ in $(seq 50); do
  read_signed "/payments/$uetr"
  if [ "$code" = 200 ] && grep -q '"final":true' "$work/answer"; then
    cat "$work/answer"
    echo
    ! grep -q '"state":"RJCT"' "$work/answer"
    exit
  fi
  case $code in 200 | 404 | 429 | 503) sleep 0.2 ;; *) cat "$work/answer" >&2; exit 1 ;; esac
done

# A message whose signature, key or time is refused has no status under its UETR: a notice among the
# bank's statuses names its payload's digest.
digest=$(openssl dgst -sha256 -r "$work/payment.$syntax" | cut -d' ' -f1)
from=''
while read_signed "/banks/$bic/statuses$from" && [ "$code" = 200 ]; do
  if sed 's/{"position"/\n&/g' "$work/answer" | grep "payload sha256 $digest"; then exit 1; fi
  next=$(sed -n 's/.*"next":"\([^"]*\)".*/\1/p' "$work/answer")
  [ -n "$next" ] && [ "?from=$next" != "$from" ] || break
  from="?from=$next"
done
echo "no final status came" >&2
exit 1
