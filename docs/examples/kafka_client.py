#!/usr/bin/env python3
"""A bank's client of Corridor over Kafka: it pays, and it reads what it was paid.

Needs Python 3.9 and the packages "confluent-kafka" and "cryptography". BROKERS is the banks' listener. Keys are
PEM files (PKCS #8, Ed25519), as `corridor found` writes them. More settings of the client, such as certificates,
stand in the file that KAFKA_CONFIG names: NAME=VALUE lines, with the names of librdkafka.

    kafka_client.py BROKERS NETWORK pay BIC KEY.pem CREDITOR_BIC CURRENCY AMOUNT
    kafka_client.py BROKERS NETWORK receive BIC COUNT
"""
import base64
import hashlib
import json
import os
import sys
import time
import uuid

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from corridor_client import KEY_ID, credit_transfer, reason, signed_headers, signed_text

WAIT_S = 30


def settings(brokers):
    """The client's settings: those of the file that KAFKA_CONFIG names, and the brokers."""
    path = os.environ.get("KAFKA_CONFIG")
    lines = open(path, encoding="utf-8").read().splitlines() if path else []
    wrong = [line for line in lines if line and "=" not in line]
    if wrong:
        raise SystemExit(f"{path}: {wrong[0]}: expected NAME=VALUE")
    return {**dict(line.split("=", 1) for line in lines if line), "bootstrap.servers": brokers}


def reader(brokers, bic, topic):
    """All records of a topic of one partition, from the first on; in order. A bank's own program would keep
    its place in a group whose name begins with its BIC."""
    consumer = Consumer({**settings(brokers), "group.id": f"{bic}.example", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    return consumer


def records(consumer, seconds):
    """What comes within so many seconds; ends when nothing more is there for as long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        record = consumer.poll(0.2)
        if record is None:
            continue
        if record.error():
            raise SystemExit(f"{record.error().str()}: is {record.topic() or 'the topic'} of this network?")
        yield record
        end = time.monotonic() + seconds


def headers_of(record):
    return {name: value.decode("utf-8") for name, value in record.headers() or []}


def pay(brokers, network, bic, key_file, creditor, currency, amount):
    with open(key_file, "rb") as file:
        key = load_pem_private_key(file.read(), password=None)
    uetr = str(uuid.uuid4())
    payload = credit_transfer(uetr, bic, creditor, currency, amount)
    over_http = signed_headers(key, network, "payments", "pacs.008.001.08", bic, KEY_ID, uetr, payload)
    headers = {name.replace("ce-", "ce_", 1): value for name, value in over_http.items()}
    headers["content-type"] = "application/json"
    # What the broker has not acknowledged is sent again: a payment settles once.
    producer = Producer({**settings(brokers), "acks": "all", "enable.idempotence": True})
    faults = []
    producer.produce("payments", key=bic, value=payload, headers=headers,
                     on_delivery=lambda error, _: faults.append(error))
    producer.flush(WAIT_S)
    if not faults or faults[0] is not None:
        raise SystemExit(f"{brokers}: the broker did not take it: {faults[0] if faults else 'no answer'}")
    return final_status(brokers, bic, uetr, payload)


def final_status(brokers, bic, uetr, payload):
    """Waits until the payment is final: its state and the reason, if any."""
    # A message whose signature, key or time is refused has no status under its UETR: a notice names its digest.
    digest = f"payload sha256 {hashlib.sha256(payload).hexdigest()}"
    consumer = reader(brokers, bic, f"statuses.{bic}")
    try:
        for record in records(consumer, WAIT_S):
            if headers_of(record)["ce_type"] != "pacs.002.001.10":
                continue
            item = {"document": json.loads(record.value())}
            [status] = item["document"]["Document"]["FIToFIPmtStsRpt"]["TxInfAndSts"]
            if status.get("OrgnlUETR") == uetr or (
                    "OrgnlUETR" not in status and digest in reason(item)):
                print(uetr, status["TxSts"], *filter(None, [reason(item)]), flush=True)
                if status["TxSts"] in ("ACSC", "RJCT", "CANC"):
                    return status["TxSts"]
    finally:
        consumer.close()
    raise SystemExit(f"{uetr} has no final status, and nothing more came for {WAIT_S} s")


def keys_of(brokers, bic):
    """Public keys by (BIC, key id), revoked ones too: a delivery was verified when it was sent."""
    consumer = reader(brokers, bic, "participants")
    _, end = consumer.get_watermark_offsets(TopicPartition("participants", 0), timeout=WAIT_S)
    entries = []
    for record in records(consumer, WAIT_S):
        entry = json.loads(record.value())
        # The topic has the clearing node's keys too, which sign statements.
        if "bic" in entry:
            entries.append(entry)
        if record.offset() == end - 1:
            break
    consumer.close()
    return {(entry["bic"], entry["keyId"]): bytes.fromhex(entry["publicKey"]) for entry in entries}


def receive(brokers, network, bic, count):
    """Prints payments that settled in the bank's favour, each verified under its sender's key."""
    keys = keys_of(brokers, bic)
    consumer = reader(brokers, bic, f"deliveries.{bic}")
    seen = set()
    for record in records(consumer, WAIT_S):
        headers = headers_of(record)
        # After a crash of the operator's side a delivery may come twice; a bank's own program keeps what it has seen.
        told = headers["ce_pool"], headers["ce_eventnumber"], headers["ce_id"]
        if told in seen:
            continue
        seen.add(told)
        sender, key_id = headers["ce_source"], headers["ce_keyid"]
        text = signed_text(network, "payments", headers["ce_type"], sender, key_id, headers["ce_id"],
                           headers["ce_issuedatms"], record.value())
        try:
            Ed25519PublicKey.from_public_bytes(keys[sender, key_id]).verify(
                base64.b64decode(headers["ce_signature"]), text)
        except (InvalidSignature, KeyError):
            raise SystemExit(f"{headers['ce_id']}: not signed by {sender} with {key_id}")
        print(headers["ce_id"], "verified, from", sender, what_of(headers["ce_type"], record.value()), flush=True)
        count -= 1
        if count == 0:
            consumer.close()
            return
    raise SystemExit(f"{count} more did not come: nothing did for {WAIT_S} s")


def what_of(message_type, payload):
    """Currency and amount of a customer's payment; of another message its type."""
    if message_type != "pacs.008.001.08":
        return message_type
    [transfer] = json.loads(payload)["Document"]["FIToFICstmrCdtTrf"]["CdtTrfTxInf"]
    return " ".join(transfer["IntrBkSttlmAmt"][name] for name in ("Ccy", "Amt"))


def main():
    if len(sys.argv) < 6:
        raise SystemExit(__doc__)
    brokers, network, action, bic, *rest = sys.argv[1:]
    if action == "pay" and len(rest) == 4:
        sys.exit(0 if pay(brokers, network, bic, *rest) == "ACSC" else 1)
    elif action == "receive" and len(rest) == 1:
        receive(brokers, network, bic, int(rest[0]))
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
