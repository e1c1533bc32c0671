"""Signs what schemathesis sends, so that it comes behind the door; told by the environment whose keys and network."""

import base64
import hashlib
import json
import os
import re
import time
import uuid

import requests
import schemathesis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NETWORK = os.environ["NETWORK"]
BANK = os.environ["BANK"]
UETR = os.environ["UETR"]
SEED = os.environ["SEED"]
KEYS = {
    name: Ed25519PrivateKey.from_private_bytes(bytes.fromhex(os.environ[f"{name}_KEY"]))
    for name in ("BANK", "OPERATOR")
}
THERE = {
    "bic": BANK,
    "uetr": UETR,
    "type": "pacs.008.001.08",
    "file": "pacs.008.001.08.json",
    "pool": "main",
}
# A page may be held open for half a minute.
WAIT_MS_MAX = 50


class Signature(requests.auth.AuthBase):
    """The nine lines over what is sent: the target of a GET, else the body."""

    def __call__(self, request):
        headers = request.headers
        is_operator = request.path_url.startswith("/operator")
        body = request.body or b""
        body = body if isinstance(body, bytes) else body.encode()
        if request.method == "GET":
            topic, kind = "http", "corridor.query.1"
            body = f"GET {request.path_url}".encode("latin-1")
        elif request.path_url.startswith("/payments"):
            topic, kind = "payments", text(headers.get("ce-type")) or "pacs.008.001.08"
        else:
            topic, kind = "pool.main.input", "corridor.operator.1"
        signed = {
            "ce-type": kind,
            "ce-source": "operator" if is_operator else BANK,
            "ce-keyid": "genesis" if is_operator else os.environ["KEY_ID"],
            "ce-id": UETR if request.path_url == "/payments" else request_id(body),
            "ce-issuedatms": str(int(time.time() * 1000)),
        }
        digest = hashlib.sha256(body).hexdigest()
        lines = ["CORRIDOR-SIG-V1", NETWORK, topic, *signed.values(), digest, ""]
        key = KEYS["OPERATOR" if is_operator else "BANK"]
        signed["ce-specversion"] = "1.0"
        signed["ce-signature"] = base64.b64encode(key.sign("\n".join(lines).encode())).decode()
        # What is left out on purpose stays away.
        headers.update({name: value for name, value in signed.items() if name in headers})
        return request


REQUESTS = {}


def request_id(body):
    """Another one each time, and in each run the same."""
    digest = hashlib.sha256(body).hexdigest()
    REQUESTS[digest] = REQUESTS.get(digest, 0) + 1
    return str(uuid.UUID(hashlib.sha256(f"{SEED} {digest} {REQUESTS[digest]}".encode()).hexdigest()[:32]))


def is_drawn(values):
    """Of every second set of values, by the seed: the same values are always drawn alike."""
    said = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(f"{SEED} {said}".encode()).digest()[0] % 2 == 0


def text(header):
    """What of a generated header can be signed."""
    decoded = header.decode("latin-1") if isinstance(header, bytes) else header
    return decoded if decoded and re.fullmatch(r"[A-Za-z0-9._:-]{1,64}", decoded) else None


schemathesis.auth.set_from_requests(Signature())


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Half of what is asked for is there."""
    if path_parameters and is_drawn(path_parameters):
        path_parameters.update({name: THERE[name] for name in path_parameters if name in THERE})
    return path_parameters


@schemathesis.hook
def map_query(context, query):
    """Half of what a query names is there too: one of a payment's parts that is not is a payment that is not."""
    if query and is_drawn(query):
        query.update({name: THERE[name] for name in ("type", "pool") if name in query})
        query.pop("message", None)
    if query and isinstance(query.get("wait"), int):
        query["wait"] = min(query["wait"], WAIT_MS_MAX)
    return query
