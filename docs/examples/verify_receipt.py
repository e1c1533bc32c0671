"""Checks a receipt of Corridor by docs/evidence.md alone: python3 verify_receipt.py FILE.tlog-proof POLICY

Needs the package cryptography. Of a policy it takes the lines `log` and `quorum none`: it counts no witnesses.
"""

import base64
import hashlib
import struct
import sys
import uuid

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def unbase64(text):
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError(f"{text}: not base64 in its one form")
    return data


def logs_of(policy):
    """The believed keys: by name and key id, the 32 bytes of an Ed25519 key."""
    logs = {}
    for words in (line.split() for line in policy.splitlines()):
        if words[:1] == ["log"]:
            name, key_id, key = words[1].split("+", 2)
            data = unbase64(key)
            if data[0] != 1 or sha256(name.encode(), b"\n", data)[:4].hex() != key_id:
                raise ValueError(f"{words[1]}: no Ed25519 key of a log")
            logs[name, bytes.fromhex(key_id)] = data[1:]
        elif words and words[0] not in ("#", "quorum") or words[:1] == ["quorum"] and words != ["quorum", "none"]:
            raise ValueError(f"{' '.join(words)}: this program counts no witnesses")
    return logs


def opened_checkpoint(note, logs):
    """Origin, size and root of a checkpoint that a believed log signed."""
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    origin, size, root = text.split("\n")[:3]
    for line in signatures.splitlines():
        dash, name, data = line.split(" ")
        signature = unbase64(data)
        key = logs.get((name, signature[:4]))
        if dash == "\u2014" and name == origin and key:
            Ed25519PublicKey.from_public_bytes(key).verify(signature[4:], text.encode())
            return origin, int(size), unbase64(root)
    raise ValueError(f"{origin}: signed by no log of the policy")


def entry_of(opening):
    """What the log holds of an event, and the event's first 96 bytes."""
    if opening[0] == 1:
        salt, shown, hidden = opening[1:17], opening[17:113], opening[113:145]
    elif opening[0] == 2:
        salt, shown = opening[1:17], opening[33:129]
        hidden = sha256(b"bal1", opening[17:33], opening[129:161])
    else:
        raise ValueError("the extra line has no opening of an event")
    return b"\x01" + sha256(b"corridor/event/1", salt, shown, hidden), shown


def root_of(leaf, index, size, path):
    """RFC 9162, section 2.1.3.2."""
    node, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ValueError("the proof is too long")
        if node % 2 == 1 or node == last:
            found = sha256(b"\x01", sibling, found)
            while node % 2 == 0 and node != 0:
                node, last = node // 2, last // 2
        else:
            found = sha256(b"\x01", found, sibling)
        node, last = node // 2, last // 2
    if last != 0:
        raise ValueError("the proof is too short")
    return found


def main(file, policy):
    with open(policy, encoding="utf-8") as f:
        logs = logs_of(f.read())
    with open(file, encoding="utf-8", newline="") as f:
        proof, _, note = f.read().partition("\n\n")
    magic, extra, index_line, *hashes = proof.split("\n")
    if magic != "c2sp.org/tlog-proof@v1" or not extra.startswith("extra ") or not index_line.startswith("index "):
        raise ValueError("it is no receipt")
    index = int(index_line[6:])
    origin, size, root = opened_checkpoint(note, logs)
    entry, event = entry_of(unbase64(extra[6:]))
    if not 0 <= index < size or root_of(sha256(b"\x00", entry), index, size, map(unbase64, hashes)) != root:
        raise ValueError("the event is not in the log")
    number, uetr = struct.unpack_from("<Q", event)[0], uuid.UUID(bytes=event[40:56])
    if number != index + 1:
        raise ValueError(f"event {number} stands at index {index}")
    print(f"payment {uetr} of event {number} is in {origin}, of {size} events")


if __name__ == "__main__":
    main(*sys.argv[1:])
