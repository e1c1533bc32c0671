import type { EventProof } from '../told-to-page.ts';

const EVENT_BYTES = 128;

export interface ProofCheck {
  readonly holds: boolean;
  /** What the events' bytes give, hex. */
  readonly digest: string;
  readonly firstNumber: number;
  readonly lastNumber: number;
}

const toHex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/**
 * Computes the hash chain over an event again, in this browser: h_k = SHA-256(h_(k-1), bytes of link
 * k), and holds it against the digest that the event's message in the log carries. Whether the event
 * stands among the bytes, at its number, is looked up too.
 */
export async function checkProof(proof: EventProof): Promise<ProofCheck> {
  const events = Uint8Array.from(atob(proof.events), (letter) => letter.charCodeAt(0));
  const linkBytes = proof.linkEvents * EVENT_BYTES;
  let digest = fromHex(proof.digestBefore);
  for (let at = 0; at < events.length; at += linkBytes) {
    const link = events.subarray(at, at + linkBytes);
    const hashed = new Uint8Array(digest.length + link.length);
    hashed.set(digest);
    hashed.set(link, digest.length);
    digest = new Uint8Array(await crypto.subtle.digest('SHA-256', hashed));
  }
  const at = (proof.eventNumber - proof.firstNumber) * EVENT_BYTES;
  const stands = toHex(events.subarray(at, at + EVENT_BYTES)) === proof.event;
  return {
    holds: stands && toHex(digest) === proof.digestAfter,
    digest: toHex(digest),
    firstNumber: proof.firstNumber,
    lastNumber: proof.firstNumber + events.length / EVENT_BYTES - 1,
  };
}
