"""The digest of a pool's events by docs/evidence.md: python3 events_digest.py EVENTS [COUNT]

EVENTS is a file of events of 128 bytes, from the pool's first on; COUNT takes the first so many of them. It prints the digest at the
last of these, as certificates (`eventsDigest`) and runs of one pool (`eventsHash`) have it. Without a file it prints the vectors of
docs/evidence.md.
"""

import hashlib
import sys

EVENT_BYTES = 128
LINK_EVENTS = 1024


def events_digest(events):
    """Of all events so far, each of 128 bytes, from the first on."""
    digest = bytes(32)
    link = LINK_EVENTS * EVENT_BYTES
    for at in range(0, len(events), link):
        digest = hashlib.sha256(digest + events[at : at + link]).digest()
    return digest.hex()


def events_hash(digests):
    """Of a run: `digests` has that of each pool, in hex, by the pool's name."""
    if len(digests) == 1:
        return next(iter(digests.values()))
    lines = "".join(f"{pool} {digest}\n" for pool, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def event_of_vector(number):
    """The number as 8 bytes, low ones first, and 120 bytes of zero: no event of a network, but one that anybody can make."""
    return number.to_bytes(8, "little") + bytes(EVENT_BYTES - 8)


def vectors():
    for count in (0, 1, 1024, 1025):
        yield f"{count} {events_digest(b''.join(map(event_of_vector, range(1, count + 1))))}"
    pools = {"west": events_digest(event_of_vector(1)), "east": events_digest(b"")}
    yield f"east, west {events_hash(pools)}"


if __name__ == "__main__":
    if len(sys.argv) == 1:
        print("\n".join(vectors()))
    else:
        with open(sys.argv[1], "rb") as file:
            events = file.read()
        if len(events) % EVENT_BYTES:
            sys.exit(f"{sys.argv[1]}: {len(events)} bytes, expected events of {EVENT_BYTES} each")
        count = int(sys.argv[2]) if len(sys.argv) > 2 else len(events) // EVENT_BYTES
        print(events_digest(events[: count * EVENT_BYTES]))
