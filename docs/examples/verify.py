#!/usr/bin/env python3
"""Verifies what a bank got, by HTTP alone: each delivery under its sender's key, each report and statement of an
account under the key of the clearing node, and every key by `GET /participants`.

Needs Python 3.9 and the package "cryptography". KEY.pem is the bank's own (PKCS #8, Ed25519): it signs the requests.

    verify.py URL NETWORK BIC KEY.pem
"""
import base64
import sys
import urllib.error

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from corridor_client import Bank, signed_text


def read(bank, target):
    status, answer = bank.read(target)
    if status != 200:
        raise SystemExit(f"{target}: {status} {answer['title']}: {answer['detail']}")
    return answer


def keys_of(bank):
    """Keys by (who signs, key id). The node signs as its network."""
    answer = read(bank, "/participants")
    signers = [(one["bic"], one["keys"]) for one in answer["participants"]]
    signers.append((answer["node"]["name"], answer["node"]["keys"]))
    return {(name, key["keyId"]): key for name, keys in signers for key in keys}


def items(bank, kind):
    """All of them, page by page."""
    after = ""
    while True:
        page = read(bank, f"/banks/{bank.bic}/{kind}{after}")
        if not page["items"]:
            return
        yield from page["items"]
        after = f"?from={page['next']}"


def verify(bank, keys, topic, headers, payload):
    """Raises where the bytes are not what the signer signed for this topic, or his key was revoked before."""
    signer, key_id = headers["ce_source"], headers["ce_keyid"]
    key = keys.get((signer, key_id))
    if key is None:
        raise SystemExit(f"{headers['ce_id']}: {signer} has no key {key_id}")
    if key["state"] == "revoked" and key["pool"] == headers["ce_pool"] \
            and int(headers["ce_eventnumber"]) > key["eventNumber"]:
        raise SystemExit(f"{headers['ce_id']}: {signer} revoked the key {key_id} before")
    text = signed_text(bank.network, topic, headers["ce_type"], signer, key_id, headers["ce_id"],
                       headers["ce_issuedatms"], payload)
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key["publicKey"])).verify(
            base64.b64decode(headers["ce_signature"]), text)
    except InvalidSignature:
        raise SystemExit(f"{headers['ce_id']}: not signed by {signer} with {key_id}")
    print(headers["ce_type"], headers["ce_id"], "verified, from", signer, flush=True)


def main():
    if len(sys.argv) != 5:
        raise SystemExit(__doc__)
    url, network, bic, key_file = sys.argv[1:]
    with open(key_file, "rb") as file:
        bank = Bank(url, network, bic, load_pem_private_key(file.read(), password=None))
    try:
        keys = keys_of(bank)
        # A payment was signed for the topic `payments`; what the node signs, for the bank's own topic.
        for item in items(bank, "deliveries"):
            verify(bank, keys, "payments", item["headers"], base64.b64decode(item["payload"]))
        for kind in ("statements", "statuses"):
            for item in items(bank, kind):
                if "signed" in item:
                    verify(bank, keys, f"{kind}.{bic}", item["signed"]["headers"],
                           base64.b64decode(item["signed"]["payload"]))
    except urllib.error.URLError as error:
        raise SystemExit(f"{url}: no gateway answers: {error.reason}")


if __name__ == "__main__":
    main()
