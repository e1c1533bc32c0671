"""Checks a receipt of Corridor by docs/evidence.md alone: python3 verify_receipt.py FILE.tlog-proof POLICY

Needs the package cryptography. It counts the witnesses that the policy asks for and verifies the bank's signature; it does not
compare what the payment says with the event, but in its UETR.
"""

import base64
import hashlib
import json
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


def verifier_key(text, kind):
    """Name and key id, and the 32 bytes of an Ed25519 key of a log (1) or a witness (4)."""
    name, key_id, key = text.split("+", 2)
    data = unbase64(key)
    if len(data) != 33 or data[0] != kind or sha256(name.encode(), b"\n", data)[:4].hex() != key_id:
        raise ValueError(f"{text}: no Ed25519 key of type {kind}")
    return (name, bytes.fromhex(key_id)), data[1:]


def read_policy(policy):
    """The keys of the logs that are believed; and a function that says whether those who signed are enough."""
    logs, keys, parts, quorum = {}, set(), {"none": lambda signed: True}, None
    used = set()
    for words in (line.split() for line in policy.split("\n")):
        if not words or words[0].startswith("#"):
            continue
        word, *rest = words
        if word == "log":
            known, key = verifier_key(rest[0], 1)
            logs[known] = key
        elif word == "witness" and rest[0] not in parts:
            known, key = verifier_key(rest[1], 4)
            if key in keys:
                raise ValueError(f"{rest[1]}: a second witness with this key")
            keys.add(key)
            parts[rest[0]] = lambda signed, known=known, key=key: signed(known, key)
        elif word == "group" and rest[0] not in parts:
            name, least, *members = rest
            least = {"any": 1, "all": len(members)}.get(least) or int(least)
            if not 1 <= least <= len(members) or used & set(members) or len(set(members)) < len(members):
                raise ValueError(f"{' '.join(words)}: no such group")
            used |= set(members)
            found = [parts[member] for member in members if member != "none"]
            parts[name] = lambda signed, found=found, least=least: sum(part(signed) for part in found) >= least
        elif word == "quorum" and quorum is None and len(rest) == 1:
            quorum = parts[rest[0]]
        else:
            raise ValueError(f"{' '.join(words)}: no line of a policy")
    if quorum is None:
        raise ValueError("the policy has no quorum")
    return logs, quorum


def opened_checkpoint(note, logs, quorum):
    """Origin, size and root of a checkpoint that a believed log signed, and witnesses enough."""
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    origin, size, root = text.split("\n")[:3]
    found = {}
    for line in signatures.splitlines():
        dash, name, data = line.split(" ")
        if dash == "\u2014":
            found[name, unbase64(data)[:4]] = unbase64(data)[4:]

    def cosigned(known, key):
        if known not in found:
            return False
        time, signature = found[known][:8], found[known][8:]
        said = f"cosignature/v1\ntime {int.from_bytes(time, 'big')}\n{text}"
        Ed25519PublicKey.from_public_bytes(key).verify(signature, said.encode())
        return True

    by = [known for known in logs if known[0] == origin and known in found]
    if not by:
        raise ValueError(f"{origin}: signed by no log of the policy")
    Ed25519PublicKey.from_public_bytes(logs[by[0]]).verify(found[by[0]], text.encode())
    if not quorum(cosigned):
        raise ValueError(f"{origin}: fewer witnesses signed than the policy asks for")
    return origin, int(size), unbase64(root)


def signed_by(rest, uetr):
    """Who sent the payment behind the opening, and under which key: raises where the signature does not verify."""
    if not rest:
        return "no message"
    line, _, payload = rest.partition(b"\n")
    head = json.loads(line)
    of = head["headers"]
    if of["ce_id"] != str(uetr):
        raise ValueError("the message is of another payment")
    said = ["CORRIDOR-SIG-V1", head["network"], "payments", of["ce_type"], of["ce_source"], of["ce_keyid"], of["ce_id"]]
    said += [of["ce_issuedatms"], hashlib.sha256(payload).hexdigest(), ""]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head["publicKey"]))
    key.verify(unbase64(of["ce_signature"]), "\n".join(said).encode("latin1"))
    return f"signed by {of['ce_source']} with {head['publicKey']}: compare it with their key"


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
        logs, quorum = read_policy(f.read())
    with open(file, encoding="utf-8", newline="") as f:
        proof, _, note = f.read().partition("\n\n")
    magic, extra, index_line, *hashes = proof.split("\n")
    if magic != "c2sp.org/tlog-proof@v1" or not extra.startswith("extra ") or not index_line.startswith("index "):
        raise ValueError("it is no receipt")
    index = int(index_line[6:])
    origin, size, root = opened_checkpoint(note, logs, quorum)
    opening = unbase64(extra[6:])
    entry, event = entry_of(opening)
    if not 0 <= index < size or root_of(sha256(b"\x00", entry), index, size, map(unbase64, hashes)) != root:
        raise ValueError("the event is not in the log")
    number, uetr = struct.unpack_from("<Q", event)[0], uuid.UUID(bytes=event[40:56])
    if number != index + 1:
        raise ValueError(f"event {number} stands at index {index}")
    sender = signed_by(opening[145 if opening[0] == 1 else 161 :], uetr)
    print(f"payment {uetr} of event {number} is in {origin}, of {size} events ({sender})")


if __name__ == "__main__":
    main(*sys.argv[1:])
