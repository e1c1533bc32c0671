"""Checks a receipt of Corridor by docs/evidence.md alone: python3 verify_receipt.py FILE.tlog-proof POLICY [NAMES]

Needs the package cryptography. It counts the witnesses that the policy asks for and verifies the bank's signature. NAMES is
evidence/names.json of the run: by it banks, currencies and amounts of a message in JSON are compared with the event. Without
it the UETR, the network and the message type are, and of what was refused the whole message. It ends with 0 where the receipt
holds, with 1 where it does not, and with 2 where a file cannot be read or the policy is none.
"""

import base64
import hashlib
import json
import struct
import sys
import uuid
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# What a payment becomes, by the number in its event.
KINDS = {14: "settled", 15: "rejected", 16: "cancelled", 33: "unwound"}

CREDIT_TRANSFER, BANK_TRANSFER, LEG, CHAIN = "pacs.008.001.08", "pacs.009.001.08", "corridor.pvp.1", "corridor.chain.1"
TYPES = {1: CREDIT_TRANSFER, 3: BANK_TRANSFER, 4: LEG, 17: CHAIN}
UNBOUND = "all else in the message, such as payee, remittance, rate and dates, is its sender\u2019s word alone"


class Refused(Exception):
    """Why a receipt or a policy is not taken."""


@contextmanager
def reading(what):
    """Whatever goes wrong within is the fault of what is read."""
    try:
        yield
    except InvalidSignature:
        raise Refused(f"{what}: the signature does not verify") from None
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, struct.error) as error:
        raise Refused(f"{what}: it cannot be read ({error})") from None


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def unbase64(text):
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise Refused(f"{text[:40]!r}: not base64 in its one form")
    return data


def verifier_key(text, kind):
    """Name and key id, and the 32 bytes of an Ed25519 key of a log (1) or a witness (4)."""
    name, key_id, key = text.split("+", 2)
    data = unbase64(key)
    if len(data) != 33 or data[0] != kind or sha256(name.encode(), b"\n", data)[:4].hex() != key_id:
        raise Refused(f"{text}: no Ed25519 key of type {kind}")
    return (name, bytes.fromhex(key_id)), data[1:]


def read_policy(policy):
    """The keys of the logs that are believed; and a function that says whether those who signed are enough."""
    logs, keys, parts, quorum = {}, set(), {"none": lambda signed: True}, None
    used = set()
    for at, line in enumerate(policy.split("\n"), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        word, *rest = words
        with reading(f"line {at}"):
            if word == "log":
                known, key = verifier_key(rest[0], 1)
                logs[known] = key
            elif word == "witness" and rest[0] not in parts:
                known, key = verifier_key(rest[1], 4)
                if key in keys:
                    raise Refused(f"{rest[1]}: a second witness with this key")
                keys.add(key)
                parts[rest[0]] = lambda signed, known=known, key=key: signed(known, key)
            elif word == "group" and rest[0] not in parts:
                name, least, *members = rest
                least = {"any": 1, "all": len(members)}.get(least) or int(least)
                is_wrong = used & set(members) or len(set(members)) < len(members) or "none" in members
                if is_wrong or not 1 <= least <= len(members):
                    raise Refused(f"{' '.join(words)}: no such group")
                used |= set(members)
                found = [parts[member] for member in members]
                parts[name] = lambda signed, found=found, least=least: sum(part(signed) for part in found) >= least
            elif word == "quorum" and quorum is None and len(rest) == 1:
                quorum = parts[rest[0]]
            else:
                raise Refused(f"{' '.join(words)}: no line of a policy")
    if quorum is None:
        raise Refused("the policy has no quorum")
    return logs, quorum


def opened_checkpoint(note, logs, quorum):
    """Origin, size and root of a checkpoint that a believed log signed, and witnesses enough."""
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    found = {}
    with reading("the checkpoint"):
        origin, size, root = text.split("\n")[:3]
        size, root = int(size), unbase64(root)
        for line in signatures.splitlines():
            dash, name, data = line.split(" ")
            if dash == "\u2014":
                found[name, unbase64(data)[:4]] = unbase64(data)[4:]

    def cosigned(known, key):
        if known not in found:
            return False
        time, signature = found[known][:8], found[known][8:]
        said = f"cosignature/v1\ntime {int.from_bytes(time, 'big')}\n{text}"
        with reading(f"the witness {known[0]}"):
            Ed25519PublicKey.from_public_bytes(key).verify(signature, said.encode())
        return True

    by = [known for known in logs if known[0] == origin and known in found]
    if not by:
        raise Refused(f"{origin}: signed by no log of the policy")
    with reading(f"the checkpoint of {origin}"):
        Ed25519PublicKey.from_public_bytes(logs[by[0]]).verify(found[by[0]], text.encode())
    if not quorum(cosigned):
        raise Refused(f"{origin}: fewer witnesses signed than the policy asks for")
    return origin, size, root


def terms_of(kind, payload):
    """What a message asks for: its two banks, the dealer, what is debited and what a dealer credits in another currency."""
    if kind == LEG:
        leg = payload["Leg"]
        return leg["InstgAgt"], leg["CtrPty"], None, leg["Dlvr"], None
    if kind == CHAIN:
        leg = payload["Chn"]["Legs"][int(payload["Chn"]["InstdLeg"]) - 1]
        return leg["DbtrAgt"], leg["CdtrAgt"], None, leg["Dlvr"], None
    (one,) = payload["Document"]["FIToFICstmrCdtTrf" if kind == CREDIT_TRANSFER else "FICdtTrf"]["CdtTrfTxInf"]
    settled = one["IntrBkSttlmAmt"]
    if kind == BANK_TRANSFER:
        return one.get("DbtrAgt", one["Dbtr"]), one.get("CdtrAgt", one["Cdtr"]), None, settled, None
    banks = one["DbtrAgt"], one["CdtrAgt"]
    if one.get("InstdAmt", settled)["Ccy"] == settled["Ccy"]:
        return *banks, None, settled, None
    return *banks, one["IntrmyAgt1"], one["InstdAmt"], settled


def compare_terms(event, kind, payload, names, pool):
    """Holds what a message says against its event, by the names of the event's numbers."""
    with reading("its message, of which this program compares those in JSON,"):
        debtor, creditor, dealer, debited, credited = terms_of(kind, json.loads(payload))
        banks = [one["FinInstnId"]["BICFI"] if one else "none" for one in (debtor, creditor, dealer)]
        monies = [(one.get("Ccy") or one["ISIN"], one.get("Amt") or one["Qty"]) if one else ("none", "0") for one in (debited, credited)]
    with reading("the names"):
        bics = [one["bic"] for one in names[pool]["participants"]]
        codes = [one["currency"] for one in names[pool]["currencies"]]
        decimals = {one["currency"]: one["minorUnits"] for one in names[pool]["currencies"]}

    def held(what, said, has):
        if said != has:
            raise Refused(f"its message says {said} as {what}, the event {has}")

    numbers = struct.unpack_from("<IIIHHqq", event, 56)
    for what, said, number in zip(("debtor's agent", "creditor's agent", "dealer"), banks, numbers):
        held(what, said, "none" if number == 0xFFFFFFFF else dict(enumerate(bics)).get(number))
    for what, (code, amount), number, minor in zip(("", " credited"), monies, numbers[3:5], numbers[5:]):
        held(f"currency{what}", code, "none" if number == 0xFFFF else dict(enumerate(codes)).get(number))
        whole, _, cents = amount.partition(".")
        if not (whole + cents).isascii() or not (whole + cents).isdigit() or len(cents) > decimals.get(code, 0):
            raise Refused(f"{amount}: no amount")
        held(f"amount{what}", int(whole + cents.ljust(decimals.get(code, 0), "0")), minor)


def compared(event, opening, head, payload, names, origin):
    """What of a message was held against its event, in words."""
    network, pool = origin.split("/")[1], origin.split("/")[-1]
    (kind,), (number,) = struct.unpack_from("<H", event, 24), struct.unpack_from("<H", event, 30)
    if head["network"] != network:
        raise Refused(f"its message is of network {head['network']}, its log of {network}")
    if head["headers"]["ce_type"] != TYPES.get(number):
        raise Refused(f"its message is of type {head['headers']['ce_type']}, its event of {TYPES.get(number)}")
    if KINDS.get(kind) == "rejected" and len(opening) == 161:
        if sha256(payload) != opening[129:]:
            raise Refused("its message is not what was refused")
        return "its whole message was compared, by its digest"
    if names is None or KINDS.get(kind, "rejected") == "rejected":
        return "what else the message says was not compared"
    compare_terms(event, TYPES[number], payload, names, pool)
    return f"its type, amounts, currencies, banks and dealer were compared; {UNBOUND}"


def signed_by(event, opening, rest, names, origin):
    """Who sent the payment behind the opening, and under which key: raises where the signature does not verify."""
    uetr = uuid.UUID(bytes=event[40:56])
    if not rest:
        return "no message"
    line, _, payload = rest.partition(b"\n")
    with reading("the message of the bank"):
        head = json.loads(line)
        of = head["headers"]
        if of["ce_id"] != str(uetr):
            raise Refused("the message is of another payment")
        said = ["CORRIDOR-SIG-V1", head["network"], "payments", of["ce_type"], of["ce_source"], of["ce_keyid"], of["ce_id"]]
        said += [of["ce_issuedatms"], hashlib.sha256(payload).hexdigest(), ""]
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head["publicKey"]))
        key.verify(unbase64(of["ce_signature"]), "\n".join(said).encode("latin1"))
        said = compared(event, opening, head, payload, names, origin)
    return f"signed by {of['ce_source']} with {head['publicKey']}: compare it with their key; {said}"


def entry_of(opening):
    """What the log holds of an event, and the event's first 96 bytes."""
    if opening[0] == 1:
        salt, shown, hidden = opening[1:17], opening[17:113], opening[113:145]
    elif opening[0] == 2:
        salt, shown = opening[1:17], opening[33:129]
        hidden = sha256(b"bal1", opening[17:33], opening[129:161])
    else:
        raise Refused("the extra line has no opening of an event")
    return b"\x01" + sha256(b"corridor/event/1", salt, shown, hidden), shown


def root_of(leaf, index, size, path):
    """RFC 9162, section 2.1.3.2."""
    node, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Refused("the proof is too long")
        if node % 2 == 1 or node == last:
            found = sha256(b"\x01", sibling, found)
            while node % 2 == 0 and node != 0:
                node, last = node // 2, last // 2
        else:
            found = sha256(b"\x01", found, sibling)
        node, last = node // 2, last // 2
    if last != 0:
        raise Refused("the proof is too short")
    return found


def proven(receipt, logs, quorum, names):
    """What the receipt proves, in words."""
    proof, _, note = receipt.partition("\n\n")
    magic, *lines = proof.split("\n")
    if magic != "c2sp.org/tlog-proof@v1":
        raise Refused(f"its first line is {magic[:40]!r}, expected c2sp.org/tlog-proof@v1")
    with reading("the proof"):
        (extra, opening), (word, index) = (line.split(" ") for line in lines[:2])
        if (extra, word) != ("extra", "index"):
            raise Refused(f"lines 2 and 3 begin with {extra[:40]!r} and {word[:40]!r}, expected extra and index")
        opening, index, path = unbase64(opening), int(index), [unbase64(line) for line in lines[2:]]
    origin, size, root = opened_checkpoint(note, logs, quorum)
    with reading("the opening"):
        entry, event = entry_of(opening)
        number, _, time, kind = struct.unpack_from("<QQqH", event)
        (amount,), uetr = struct.unpack_from("<q", event, 72), uuid.UUID(bytes=event[40:56])
    if not 0 <= index < size or root_of(sha256(b"\x00", entry), index, size, path) != root:
        raise Refused("the event is not in the log")
    if number != index + 1:
        raise Refused(f"event {number} stands at index {index}")
    end = 145 if opening[0] == 1 else 161
    sender = signed_by(event, opening[:end], opening[end:], names, origin)
    with reading("the event"):
        at = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=time)
    became = f"{KINDS.get(kind, f'an event of kind {kind}')} at {at.isoformat(timespec='milliseconds')}"
    return f"payment {uetr} of event {number} is in {origin}, of {size} events: {became}, {amount} minor units ({sender})"


def text_of(file):
    try:
        with open(file, encoding="utf-8", errors="replace", newline="") as f:
            return f.read()
    except OSError as error:
        raise Refused(f"it cannot be read: {error.strerror}") from None


def main(arguments):
    if len(arguments) not in (2, 3):
        return "python3 verify_receipt.py FILE.tlog-proof POLICY [NAMES]: expected two or three files", 2
    file, policy, *more = arguments
    try:
        logs, quorum = read_policy(text_of(policy))
    except Refused as error:
        return f"policy {policy}: {error}", 2
    try:
        with reading("names"):
            names = json.loads(text_of(more[0])) if more else None
        receipt = text_of(file)
    except Refused as error:
        return f"{file}: {error}", 2
    try:
        return proven(receipt, logs, quorum, names), 0
    except Refused as error:
        return f"{file}: IT DOES NOT HOLD: {error}", 1


if __name__ == "__main__":
    said, code = main(sys.argv[1:])
    # Names in it are whoever's: none of them steers the terminal.
    said = "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in said)
    print(said, file=sys.stderr if code else sys.stdout)
    sys.exit(code)
