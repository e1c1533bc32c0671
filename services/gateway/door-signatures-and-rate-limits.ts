import { RateLimiterMemory, RateLimiterQueue, type RateLimiterRes } from 'rate-limiter-flexible';
import { network64 } from '../live/http-server-bounds.ts';
import { ProblemError, type ProblemName, passingProblem } from '../protocol/names/http-problems.ts';
import type { Envelope } from '../protocol/names/message-headers.ts';
import { isWithinQueryWindow } from '../protocol/names/signed-query.ts';
import { payloadDigestHex, signingText } from '../protocol/names/signing-text.ts';
import { PAYMENTS } from '../protocol/names/topic-plan.ts';
import type { KeyBook } from './key-book.ts';
import { refuseOutsideWindow, signatureProblem } from './reader-signature.ts';

/**
 * What comes in through `POST /payments`, and how much of it. What a message is worth is decided behind the log;
 * the door keeps out what nobody has signed, and one from taking the room of all. Room for what waits for the log:
 * intake-back-pressure.ts.
 *
 * - Messages that do not verify under an active key of the bank that they name are refused, whatever of the
 *   two is wrong, and are bounded in bytes, from one address and under one BIC. A refusal is certain: before
 *   it, what the log has of keys is read up to its end, so that no verifier knew more when the message came.
 * - A message that the log has already counts as one that does not verify: whoever it was delivered to
 *   can send it again, and its sender is not to pay for that.
 * - Of one address under one BIC a few are judged at a time: whoever comes over many connections at once does not have the
 *   processors for as long as all of it takes. BICs that are no participant's are one here, and of one address there is a bound
 *   over all BICs. What waits to be judged is bounded in bytes, and refused beyond that.
 * - Messages that do verify are bounded a bank, while others send. What is beyond this share waits in the bank's own line
 *   and is let in evenly; what finds the line full is refused. Where all lines together are full, a bank has its
 *   equal part of them. A bank that sends alone has it all. A forger uses up nothing of this share.
 * - A refusal is held back, since each costs reading and answering: who sends again when it is answered
 *   sends no faster than that. Refusals of one address are answered one after the other, so that what
 *   follows them does not come at once. Who does not wait for answers is refused before his bodies are read.
 */
export interface DoorLimits {
  /** From one address, and under one BIC. */
  readonly unverifiedBytesPerMinute: number;
  /** Of one bank, while others send. */
  readonly shareMessagesPerSecond: number;
  /**
   * A refusal is held back so long, or until there is room again where that is sooner, and 10 ms longer for each
   * other of its address that is held: by 2 seconds at most. Beyond as many as are held it is answered at once.
   */
  readonly refusalHeldMs: number;
}

/**
 * A share is a twentieth of what one process takes over HTTP on two cores (docs/live.md, "How much one bank may bring"). One
 * MiB is 16 of the largest messages, or 256 short ones.
 */
export const DOOR_LIMITS: DoorLimits = {
  unverifiedBytesPerMinute: 1_048_576,
  shareMessagesPerSecond: 100,
  refusalHeldMs: 1_000,
};

/** A short message leaves as many records as a long one: it counts as so many bytes. */
const MESSAGE_BYTES_MIN = 4_096;
/**
 * So much of a bank's share is let in at once: the others wait for as long as that takes. Less at a time
 * costs more: the log, verifier, clearing and notifier each work for a batch.
 */
const SHARE_LET_IN_MS = 20;
/** Of one bank, waiting for its share, each with a body. */
const LINE_MAX = 100;
/**
 * Of all banks. Beyond it a bank is let in that has less than its equal part of it, as where the intake is full
 * (intake-back-pressure.ts). So a hundred banks have 1,998 in line at most.
 */
const LINES_MAX = 500;
/**
 * Messages of which digest and signature are checked at a time, of one address under one BIC, and that begin to be read in a
 * turn of the event loop: who opens many connections has no more of the processors than this at once.
 */
const JUDGED_AT_ONCE = 4;
/** Of one address under all BICs that it claims. */
const JUDGED_OF_ADDRESS = 16;
/**
 * Of what waits to be judged or is judged: 1,024 short messages, or 64 of the largest, of one address under one BIC. What
 * comes beyond it is refused, before its body is read where it is full by then.
 */
const BYTES_UNDER_BIC_MAX = 4 * 1_048_576;
/** Of one address. */
const BYTES_OF_ADDRESS_MAX = 16 * 1_048_576;
/** Of all. Beyond it an address is let in that has less than its equal part of it. */
const BYTES_MAX = 64 * 1_048_576;
/** Who has sent within this time is one of those who send. */
const SENDING_MS = 1_000;
/** Refusals that are held back at a time; more are answered at once. */
const HELD_MAX = 500;
/** Of one address; while so many are, all else from it is refused unread, or at once where it was read before. */
const HELD_OF_ADDRESS_MAX = 100;
/** Between two answers to refusals of one address. */
const HELD_APART_MS = 10;
/** How many of the newest messages are known again, at least: 16 bytes and a place in a set of each. */
const KNOWN_AGAIN = 100_000;
/** Counts all who are no participants as one. */
const STRANGERS = 'strangers';
const underOf = (bic: string) => (bic === STRANGERS ? 'under unknown BICs' : `under ${bic}`);
const countedBytes = (payload: Uint8Array) => Math.max(payload.length, MESSAGE_BYTES_MIN);

export interface ArrivingMessage {
  /** Of the connection, or as a trusted proxy tells it. */
  readonly address: string;
  readonly envelope: Envelope;
  /** Empty once it is refused. */
  payload: Uint8Array;
}

/** Of a message that is refused: whence it came, and what it still has of its body. */
type Refused = Pick<ArrivingMessage, 'address' | 'payload'>;
const NO_BYTES = new Uint8Array(0);

export interface DoorPorts {
  readonly network: string;
  readonly keys: KeyBook;
  /** Takes in all keys that the log has now. */
  readonly readKeys: () => Promise<void>;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

export class Door {
  readonly #ports: DoorPorts;
  readonly #byAddress: RateLimiterMemory;
  readonly #byBank: RateLimiterMemory;
  readonly #shares: RateLimiterMemory;
  /** By bank, what waits for its share, in its order. */
  readonly #lines: RateLimiterQueue;
  readonly #lineMax: number;
  /** How many wait there. */
  readonly #inLine = new Map<string, number>();
  #inLines = 0;
  readonly #limits: DoorLimits;
  readonly #senders = new Senders();
  readonly #taken = new Recent(KNOWN_AGAIN);
  readonly #arriving = new Arriving();
  readonly #judging = new Judging();
  /** Refusals that are held back, by address. */
  readonly #heldOf = new Map<string, number>();
  #held = 0;

  constructor(ports: DoorPorts, limits: Partial<DoorLimits> = {}) {
    this.#ports = ports;
    this.#limits = { ...DOOR_LIMITS, ...limits };
    const unverified = { points: this.#limits.unverifiedBytesPerMinute, duration: 60 };
    this.#byAddress = new RateLimiterMemory(unverified);
    this.#byBank = new RateLimiterMemory(unverified);
    const { shareMessagesPerSecond } = this.#limits;
    const points = Math.max(1, Math.round((shareMessagesPerSecond * SHARE_LET_IN_MS) / 1000));
    this.#shares = new RateLimiterMemory({ points, duration: points / shareMessagesPerSecond });
    this.#lines = new RateLimiterQueue(this.#shares);
    this.#lineMax = Math.min(shareMessagesPerSecond, LINE_MAX);
  }

  /**
   * Before the body is read; resolves when it is its turn to be, and throws a ProblemError where no more of the bank may wait in line, too much of the address waits to
   * be judged, or too many refusals of it are held back.
   */
  async refuseUnread(address: string, bic: string): Promise<void> {
    await this.#arriving.pass(this.#whose(address, bic));
    if ((this.#heldOf.get(network64(address)) ?? 0) >= HELD_OF_ADDRESS_MAX)
      throw passingProblem(
        'refusedOften',
        `${HELD_OF_ADDRESS_MAX} messages from this address are being refused: send fewer at a time, and what was refused more slowly`,
      );
    const unread = { address, payload: NO_BYTES };
    const unjudged = this.#judging.whyFull(this.#whose(address, bic));
    if (unjudged !== null) await this.#refuseUnjudged(unread, unjudged);
    const full = this.#whyFull(bic);
    if (full !== null && !this.#senders.isAlone(bic, this.#ports.now()))
      await this.#refuseShare(unread, bic, full);
  }

  /**
   * Resolves when it is its turn, with the payload's digest, hex; throws a ProblemError that says when to try
   * again.
   */
  async admit(message: ArrivingMessage): Promise<string> {
    const { sender } = message.envelope;
    const { digest, isVerified } = await this.#judge(message);
    if (!isVerified) {
      await this.#countUnverified(message);
      await this.#ports.readKeys();
      const again = await this.#judge(message, digest);
      if (!again.isVerified) throw this.#notVerified(message, digest);
    }
    if (!isWithinQueryWindow(message.envelope.issuedAtMs, this.#ports.now()))
      await this.#countUnverified(message);
    refuseOutsideWindow(message.envelope, this.#ports.now());
    if (this.#taken.has(nameOf(message.envelope))) {
      await this.#countUnverified(message);
      return digest;
    }
    this.#senders.note(sender, this.#ports.now());
    // What it sends alone counts too: it may not be alone in a moment.
    if (this.#senders.isAlone(sender, this.#ports.now())) await consume(this.#shares, sender, 1);
    else await this.#awaitShare(message);
    return digest;
  }

  /** The log has the message. */
  noteTaken(envelope: Envelope): void {
    this.#taken.add(nameOf(envelope));
  }

  async #judge(message: ArrivingMessage, known?: string) {
    const { address, envelope } = message;
    const { sender } = envelope;
    const whose = this.#whose(address, sender);
    const full = this.#judging.whyFull(whose);
    // Nothing is awaited between the question and the place: others would be let in on the same answer.
    if (full !== null) await this.#refuseUnjudged(message, full);
    return this.#judging.within(whose, countedBytes(message.payload), async () => {
      const digest = known ?? payloadDigestHex(message.payload);
      return { digest, isVerified: await this.#verifies(envelope, digest) };
    });
  }

  #whose(address: string, sender: string) {
    return { address: network64(address), bic: this.#knownAs(sender) };
  }

  async #refuseUnjudged(message: Refused, full: string): Promise<void> {
    await this.#holdBack(message, LINE_IS_ANOTHER);
    throw limited(
      'unverifiedLimited',
      `${full} wait to be judged: send it again, with fewer at a time`,
      LINE_IS_ANOTHER,
    );
  }

  #knownAs(bic: string): string {
    return this.#ports.keys.participants().has(bic) ? bic : STRANGERS;
  }

  async #verifies(envelope: Envelope, digest: string): Promise<boolean> {
    const { network, keys } = this.#ports;
    const { messageType, sender, keyId, id, issuedAtMs, signature } = envelope;
    const text = signingText({
      ...{ network, topic: PAYMENTS, messageType, sender, keyId, id, payloadDigest: digest },
      issuedAtMs: String(issuedAtMs),
    });
    return (await keys.verifiesApart(sender, keyId, text, signature)) !== null;
  }

  /** The same for an unknown bank or key, a revoked one and a wrong signature, as for who reads. */
  #notVerified({ envelope }: ArrivingMessage, digest: string): ProblemError {
    return signatureProblem(
      envelope,
      `the signature does not verify under an active key of ${envelope.sender}: check network, topic "${PAYMENTS}", key id, issue time and the payload's digest in the signed text. The log does not have the message`,
      { network: this.#ports.network, topic: PAYMENTS, payloadDigest: digest },
    );
  }

  async #countUnverified(message: ArrivingMessage): Promise<void> {
    const { address } = message;
    const bic = this.#knownAs(message.envelope.sender);
    const counted = countedBytes(message.payload);
    const from = await consume(this.#byAddress, network64(address), counted);
    // What its address has refused uses up nothing of the bank's.
    const used = from ?? (await consume(this.#byBank, bic, counted));
    if (!used) return;
    const whose = from ? 'from this address' : underOf(bic);
    await this.#holdBack(message, used);
    throw limited(
      'unverifiedLimited',
      `messages ${whose} that do not verify, or that the log has already, may have ${this.#limits.unverifiedBytesPerMinute} bytes a minute: check network, topic "payments", key id, issue time and the payload's digest in the signed text, then send it again`,
      used,
    );
  }

  async #awaitShare(message: ArrivingMessage): Promise<void> {
    const { sender: bic } = message.envelope;
    // Nobody passes those who wait.
    if (!this.#inLine.has(bic) && !(await consume(this.#shares, bic, 1))) return;
    const full = this.#whyFull(bic);
    if (full !== null) await this.#refuseShare(message, bic, full);
    this.#countInLine(bic, 1);
    try {
      await this.#lines.removeTokens(1, bic);
    } finally {
      this.#countInLine(bic, -1);
    }
  }

  /** Why no more of the bank may wait, as its refusal tells it; null where more may. */
  #whyFull(bic: string): string | null {
    const own = this.#inLine.get(bic) ?? 0;
    if (own >= this.#lineMax) return `${own} more are waiting`;
    if (this.#inLines < LINES_MAX || own < LINES_MAX / this.#inLine.size) return null;
    return `${own} more are waiting, which is its part of the places of all banks`;
  }

  #countInLine(bic: string, more: number): void {
    this.#inLines += more;
    count(this.#inLine, bic, more);
  }

  async #refuseShare(message: Refused, bic: string, full: string): Promise<void> {
    await this.#holdBack(message, LINE_IS_ANOTHER);
    throw limited(
      'shareExceeded',
      `${bic} may send ${this.#limits.shareMessagesPerSecond} messages a second while others send, and ${full}: send it again, more slowly`,
      LINE_IS_ANOTHER,
    );
  }

  async #holdBack(message: Refused, { msBeforeNext }: Passing): Promise<void> {
    // A body that waits with its refusal outlives the young objects: the collector would have to go through all the old ones for it.
    message.payload = NO_BYTES;
    const key = network64(message.address);
    const held = this.#heldOf.get(key) ?? 0;
    // Those of an address that were let in while none was held are all refused here.
    if (this.#held >= HELD_MAX || held >= HELD_OF_ADDRESS_MAX) return;
    this.#count(key, 1);
    const heldMs = Math.min(msBeforeNext, this.#limits.refusalHeldMs);
    await this.#ports.pause(heldMs + held * HELD_APART_MS);
    this.#count(key, -1);
  }

  #count(key: string, more: number): void {
    this.#held += more;
    count(this.#heldOf, key, more);
  }
}

/** What there is none of has no entry. */
function count(counts: Map<string, number>, key: string, more: number): void {
  const now = (counts.get(key) ?? 0) + more;
  if (now === 0) counts.delete(key);
  else counts.set(key, now);
}

/** When there is room again. */
type Passing = Pick<RateLimiterRes, 'msBeforeNext'>;
/** No line is longer than what is let in of it within a second. */
const LINE_IS_ANOTHER: Passing = { msBeforeNext: 1_000 };

/** Half of the signature: nobody but the signer makes another one of the same message. */
const nameOf = ({ signature }: Envelope): string =>
  Buffer.from(signature.subarray(0, 16)).toString('latin1');

/** Whose message is read or judged. */
interface Judged {
  readonly address: string;
  /** Or strangers together. */
  readonly bic: string;
}
const nameIn = ({ address, bic }: Judged) => `${address} ${bic}`;
const othersFirst = () => new Promise<void>((go) => setImmediate(go));

/**
 * Whoever comes beyond the places waits, behind what came before under the same BIC; the BICs of an address have a place
 * in turn.
 */
class Places {
  /** By address and by name. */
  readonly #taken = new Map<string, number>();
  /** By address, by name. */
  readonly #lines = new Map<string, Map<string, (() => void)[]>>();

  /** Resolves when one is taken. */
  take(whose: Judged): Promise<void> {
    return new Promise((go) => {
      const { address } = whose;
      const name = nameIn(whose);
      const lines = this.#lines.get(address) ?? new Map<string, (() => void)[]>();
      const line = lines.get(name) ?? [];
      line.push(go);
      lines.set(name, line);
      this.#lines.set(address, lines);
      this.#letIn(address);
    });
  }

  isAwaited({ address }: Judged): boolean {
    return this.#lines.has(address);
  }

  handOn(whose: Judged): void {
    this.#count(whose.address, nameIn(whose), -1);
    this.#letIn(whose.address);
  }

  #count(address: string, name: string, more: number): void {
    count(this.#taken, address, more);
    count(this.#taken, name, more);
  }

  #has(key: string, max: number): boolean {
    return (this.#taken.get(key) ?? 0) < max;
  }

  /** As many as have places. So those who wait behind it have none, and who comes next passes nobody. */
  #letIn(address: string): void {
    const lines = this.#lines.get(address);
    for (const [name, line] of lines ?? []) {
      if (!this.#has(address, JUDGED_OF_ADDRESS)) break;
      if (!this.#has(name, JUDGED_AT_ONCE)) continue;
      this.#count(address, name, 1);
      line.shift()?.();
      lines?.delete(name);
      // Behind the other BICs.
      if (line.length > 0) lines?.set(name, line);
    }
    if (lines?.size === 0) this.#lines.delete(address);
  }
}

/**
 * Who comes over many connections at once is looked at and read as it is judged, a few messages between what others send. A place
 * is one of this turn of the event loop, so that nobody holds it: not who sends no body either.
 */
class Arriving {
  readonly #places = new Places();

  async pass(whose: Judged): Promise<void> {
    await this.#places.take(whose);
    void othersFirst().then(() => this.#places.handOn(whose));
  }
}

/** What waits to be judged, and what is. All under one BIC leave in the order in which they came. */
class Judging {
  readonly #places = new Places();
  /** By name, when the last that came has left. Nothing of what has left is held by it. */
  readonly #last = new Map<string, Promise<void>>();
  readonly #bytesOf = new Map<string, number>();
  readonly #bytesUnder = new Map<string, number>();
  #bytes = 0;

  /** Why no more may come, as its refusal tells it; null where more may. */
  whyFull(whose: Judged): string | null {
    const { address, bic } = whose;
    const under = this.#bytesUnder.get(nameIn(whose)) ?? 0;
    if (under >= BYTES_UNDER_BIC_MAX) return `${under} bytes from this address ${underOf(bic)}`;
    const own = this.#bytesOf.get(address) ?? 0;
    if (own >= BYTES_OF_ADDRESS_MAX) return `${own} bytes from this address`;
    if (this.#bytes < BYTES_MAX || own < BYTES_MAX / this.#bytesOf.size) return null;
    return `${own} bytes from this address, which is its part of the room of all,`;
  }

  async within<T>(whose: Judged, bytes: number, work: () => Promise<T>): Promise<T> {
    const { address } = whose;
    const name = nameIn(whose);
    this.#count(address, name, bytes);
    const outcome = this.#places.take(whose).then(work);
    const before = this.#last.get(name);
    const left = Promise.allSettled([before, outcome]).then(() => {});
    this.#last.set(name, left);
    try {
      await before;
      return await outcome;
    } finally {
      if (this.#last.get(name) === left) this.#last.delete(name);
      this.#count(address, name, -bytes);
      void this.#handOn(whose);
    }
  }

  #count(address: string, name: string, bytes: number): void {
    this.#bytes += bytes;
    count(this.#bytesOf, address, bytes);
    count(this.#bytesUnder, name, bytes);
  }

  async #handOn(whose: Judged): Promise<void> {
    // What others have sent meanwhile is looked at before.
    if (this.#places.isAwaited(whose)) await othersFirst();
    this.#places.handOn(whose);
  }
}

/** The newest names: so many at least, twice as many at most. */
class Recent {
  readonly #count: number;
  #newest = new Set<string>();
  #before = new Set<string>();

  constructor(count: number) {
    this.#count = count;
  }

  has(name: string): boolean {
    return this.#newest.has(name) || this.#before.has(name);
  }

  add(name: string): void {
    this.#newest.add(name);
    if (this.#newest.size < this.#count) return;
    this.#before = this.#newest;
    this.#newest = new Set();
  }
}

/** What is used where that is too much; null else. */
async function consume(
  limiter: RateLimiterMemory,
  key: string,
  points: number,
): Promise<RateLimiterRes | null> {
  try {
    await limiter.consume(key, points);
    return null;
  } catch (refusal) {
    if (refusal instanceof Error) throw refusal;
    return refusal as RateLimiterRes;
  }
}

const limited = (name: ProblemName, detail: string, { msBeforeNext }: Passing) =>
  new ProblemError(name, {
    detail,
    retryAfterSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)),
  });

/** What an address has verified of notes that bring nothing, as bytes of messages that do not verify. */
export class UnverifiedNotes {
  readonly #byAddress = new RateLimiterMemory({
    points: DOOR_LIMITS.unverifiedBytesPerMinute,
    duration: 60,
  });

  /** Before anything is verified. @throws ProblemError where there is no more room */
  async refuseFull(address: string): Promise<void> {
    const used = await this.#byAddress.get(network64(address));
    if (used && used.remainingPoints <= 0)
      throw limited(
        'unverifiedLimited',
        `notes from this address that do not verify, or bring nothing new, may have ${DOOR_LIMITS.unverifiedBytesPerMinute} bytes a minute`,
        used,
      );
  }

  async count(address: string, bytes: number): Promise<void> {
    await consume(this.#byAddress, network64(address), Math.max(bytes, MESSAGE_BYTES_MIN));
  }
}

/** Tells whether a bank sends alone, from the newest two senders. */
class Senders {
  #newest = { bic: '', atMs: Number.NEGATIVE_INFINITY };
  #before = this.#newest;

  note(bic: string, atMs: number): void {
    if (bic !== this.#newest.bic) this.#before = this.#newest;
    this.#newest = { bic, atMs };
  }

  isAlone(bic: string, nowMs: number): boolean {
    const other = bic === this.#newest.bic ? this.#before : this.#newest;
    return nowMs - other.atMs >= SENDING_MS;
  }
}
