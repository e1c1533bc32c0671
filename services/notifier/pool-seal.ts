import {
  type HashedEvents,
  OPENING_TEXT,
  type TreeHashing,
} from '../core/evidence/tree-hashing.ts';
import { EVENT_BYTES, EVENT_OFFSETS } from '../core/settlement/events.ts';
import { type Signer, signersIn } from '../core/verification/signing.ts';
import { type Checkpoint, checkpointText } from '../evidence/checkpoint.ts';
import { signedCheckpoint, type TrustedCheckpoint } from '../evidence/cosigner-policy.ts';
import { byDay, dayName, daysIn, EventLog } from '../evidence/event-transparency-log.ts';
import { GrowingTree, type TileFile } from '../evidence/growing-tree.ts';
import { HAND_OVER_FILE, handOverNote, nextKeyIn } from '../evidence/key-hand-over.ts';
import { rootHash } from '../evidence/merkle-tree.ts';
import {
  eventInTopic,
  isEntryOf,
  otherEventText,
  type SealedEnd,
  shortLogText,
} from '../evidence/sealed-end-in-topic.ts';
import {
  EvidenceFault,
  formatNote,
  isSignedBy,
  KEY_TYPE,
  type NoteKey,
  noteKey,
  parseNote,
  parseVerifierKey,
  signNote,
  verifierKey,
} from '../evidence/signed-note.ts';
import {
  CHECKPOINT_FILE,
  lastEntryIn,
  subtreesOf,
  TileFault,
  type TileFiles,
  tileFilesOf,
} from '../evidence/tiles.ts';
import type { LoggedMessage, LogPort, ServiceContext } from '../live/service-context.ts';
import { recordsOf } from '../live/topic-reader.ts';
import { asBuffer } from '../protocol/names/as-buffer.ts';
import { BLOCKS } from '../protocol/names/topic-plan.ts';
import { type DayKeyFiles, DayKeys } from './day-keys.ts';
import { SealFault } from './seal-fault.ts';
import type { Openings } from './told-commitment-openings.ts';

/** Where the files of a pool's log lie, by the paths of tlog-tiles. */
export interface SealFiles {
  /** Of their folder. */
  readonly path: string;
  /** Null: it is not there. */
  read(path: string): Uint8Array | null;
  /** Resolves when all of them are on the disk, each whole under its name. */
  write(files: readonly TileFile[]): Promise<void>;
  /** With all that is in them. */
  removeFolders(paths: readonly string[]): Promise<void>;
}

export interface PoolSealOptions {
  readonly pool: string;
  /** What its log is called in what is said of it: where its topics are. */
  readonly logName: string;
  /** The log's verifier key: the network's file has it. */
  readonly logKey: string;
  /** Its secret key, in PEM or as the address of one in a token. Of a key that is handed over the next stands behind it. */
  readonly secretPem: string;
  /** The key at a `pkcs11:` address. */
  readonly openToken?: (address: string) => Signer;
  readonly hashing: TreeHashing;
  readonly files: SealFiles;
  readonly dayKeys: DayKeyFiles;
  /** 32 random bytes. */
  readonly newDayKey: () => Uint8Array;
}

/** So many tiles are held before they are written without a checkpoint: 65,536 events. */
const HELD_TILES = 512;
/** From the end of `blocks` backwards, for the last checkpoint of a log. */
const LOOK_RECORDS = 256;

/**
 * The transparency log of a pool's events, as its notifier writes it: entries as events come, a checkpoint when it is
 * asked for. Never are there two checkpoints that contradict each other, wherever it is stopped and whoever writes
 * beside it:
 *
 * - The tree follows from the events, of which the topic has one history, and from the days' keys (day-keys.ts).
 * - What the topic `blocks` and the folder say was signed is held against the tree before anything else is signed.
 * - A seal is: tiles on the disk, checkpoint in `blocks`, checkpoint in the folder. So the topic has each that was shown,
 *   and who sees one finds its tiles.
 *
 * Without its folder the log is made from the events again. Tiles of days whose key was deleted are in the folder alone.
 */
export class PoolSeal {
  readonly #log: LogPort;
  readonly #reached: ServiceContext['reached'];
  readonly #key: NoteKey;
  /** All that this process has. */
  readonly #own: readonly OwnKey[];
  #signer: OwnKey;
  readonly #options: PoolSealOptions;
  readonly #dayKeys: DayKeys;
  readonly #events: EventLog;
  /** What was signed before and the tree has not come to yet, by size. */
  readonly #signed: Checkpoint[];
  /** The folder's last entry, until its event is seen. */
  #lastEntry: Uint8Array | null;
  /** Whether events came to the last that the folder had. */
  #isSeen: boolean;
  /** Tiles that are full and not written. */
  #pending: TileFile[] = [];
  /** Written, of which partial tiles may be left. */
  #full: string[] = [];
  /** Partial tiles of the last seal. */
  #partial: ReadonlySet<string> = new Set();
  #sealed: number;
  /** What was opened last, of each day: by the object that its bytes are in, which nobody writes to. */
  #hashed: { readonly events: Uint8Array; readonly days: readonly HashedEvents[] } | null = null;
  /** Number of the last event of which all tiles are in the folder. */
  #tiled: number;
  /** Of the next record of `blocks` that was not looked at. */
  #nextBlock: number;
  /** The largest size that `blocks` was seen to have of this log. */
  #published: number;
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    { log, reached }: ServiceContext,
    options: PoolSealOptions,
    key: NoteKey,
    own: readonly OwnKey[],
    signer: OwnKey,
    dayKeys: DayKeys,
    tree: GrowingTree | undefined,
    signed: readonly Checkpoint[],
    { published, end }: Published,
  ) {
    this.#log = log;
    this.#reached = reached;
    this.#options = options;
    this.#key = key;
    this.#own = own;
    this.#signer = signer;
    this.#dayKeys = dayKeys;
    this.#events = new EventLog(options.hashing, (day) => dayKeys.of(day), tree);
    const { size } = this.#tree;
    this.#lastEntry = size === 0 ? null : lastEntryIn(tilesIn(options.files), size);
    this.#isSeen = size === 0;
    this.#signed = signed
      .filter((one) => one.size > size)
      .sort((one, other) => one.size - other.size);
    this.#sealed = size;
    this.#tiled = size;
    this.#nextBlock = end;
    this.#published = published?.size ?? 0;
  }

  /**
   * Goes on where the folder and the topic `blocks` end.
   * @throws SealFault
   */
  static async open(context: ServiceContext, options: PoolSealOptions): Promise<PoolSeal> {
    const { log, logger } = context;
    const key = parseVerifierKey(options.logKey);
    const own = ownKeys(options, key);
    const last = await lastCheckpoint(log, key.name, own);
    const { published } = last;
    const signer = signerFor(options, key, own, published);
    const found = checkpointIn(options, own);
    const dayKeys = new DayKeys(log, key.name, options.dayKeys, options.newDayKey);
    const signed = [published, found].filter((one) => one !== null);
    const tree = found && published ? treeOf(options, found, published) : null;
    if (!tree && (found || published))
      logger.warn(
        { log: key.name, published: published?.size ?? 0, folder: found?.size ?? 0 },
        'the folder of the log is not that of its last checkpoint: it is made from the events again',
      );
    return new PoolSeal(
      context,
      options,
      key,
      own,
      signer,
      dayKeys,
      tree ?? undefined,
      signed,
      last,
    );
  }

  /** To whom the next checkpoint hands the key over; null: to nobody. */
  get #next(): OwnKey | null {
    return nextOf(this.#own, this.#signer);
  }

  get #tree(): GrowingTree {
    return this.#events.tree;
  }

  /** Number of the last event that a checkpoint covers. */
  get sealed(): number {
    return this.#sealed;
  }

  /** Number of the last event taken. */
  get taken(): number {
    return this.#tree.size;
  }

  /** Whether the events came to all that is known to have been signed before: until then they may be others. */
  get isProven(): boolean {
    return this.#signed.length === 0 && this.#isSeen;
  }

  /** The keys that sign, from here on. */
  get signing(): readonly NoteKey[] {
    return [this.#signer, ...(this.#next ? [this.#next] : [])];
  }

  /**
   * Whether a checkpoint is of this log's events; false where that is not known yet.
   * @throws SealFault where it is of others
   */
  isOfEvents({ size, root }: Checkpoint): boolean {
    if (!this.isProven || size > this.#tiled) return false;
    const { hashing, files } = this.#options;
    try {
      this.#compareRoot({ size, root }, rootHash(subtreesOf(tilesIn(files), size, hashing), size));
      return true;
    } catch (error) {
      // Of a size that another notifier sealed this folder may have no partial tile.
      if (error instanceof TileFault) return false;
      throw error;
    }
  }

  /**
   * Takes the next events. Numbers that it has are skipped.
   * @throws SealFault where they are not those that were sealed
   */
  async take(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    const events = asBuffer(bytes);
    const first = Number(events.readBigUInt64LE(EVENT_OFFSETS.number));
    const ahead = this.taken + 1 - first;
    if (ahead < 0) throw new Error(`event ${first} came behind ${this.taken}`);
    const count = events.length / EVENT_BYTES;
    if (ahead > 0 && ahead <= count)
      await this.#compareLast(events.subarray((ahead - 1) * EVENT_BYTES, ahead * EVENT_BYTES));
    this.#isSeen ||= ahead <= count;
    if (ahead < count) {
      const rest = events.subarray(ahead * EVENT_BYTES);
      await this.#dayKeys.need(daysIn(rest));
      const isHashed = ahead === 0 && this.#hashed?.events === bytes;
      this.#append(rest, isHashed ? (this.#hashed?.days ?? null) : null);
    }
    this.#hashed = null;
    if (this.#pending.length >= HELD_TILES) await this.#alone(() => this.#writeTiles([]));
  }

  /**
   * Before events are told that may not be taken yet: from here on they can be opened.
   * @throws SealFault
   */
  async needKeys(events: Uint8Array): Promise<void> {
    if (events.length === 0) return;
    const bytes = asBuffer(events);
    const first = Number(bytes.readBigUInt64LE(EVENT_OFFSETS.number));
    const known = Math.max(0, this.taken + 1 - first) * EVENT_BYTES;
    // What is told once more may be of a day whose key was deleted since.
    const left = daysIn(bytes.subarray(0, known)).filter(
      (day) => this.#options.dayKeys.read(day) !== null,
    );
    await this.#dayKeys.need([...new Set([...left, ...daysIn(bytes.subarray(known))])]);
  }

  /**
   * What shows consecutive events to a bank that they name, without balances; none of those of a day whose key was
   * deleted. Where the same bytes are taken next they are not hashed once more.
   */
  openings(events: Uint8Array): Openings {
    const days = byDay(events).map(({ day, events: ofDay }) => {
      const key = this.#dayKeys.known(day);
      const first = Number(asBuffer(ofDay).readBigUInt64LE(EVENT_OFFSETS.number));
      return { first, hashed: key ? this.#options.hashing.opened(ofDay, first, key) : null };
    });
    const hashed = days.map((day) => day.hashed).filter((one) => one !== null);
    this.#hashed = hashed.length === days.length ? { events, days: hashed } : null;
    const textOf = (index: number): string | null => {
      const number = (days[0]?.first ?? 0) + index;
      const day = days.findLast(({ first }) => first <= number);
      if (!day?.hashed) return null;
      // Each a text of its own: a piece of one text of all keeps that for as long as a header is kept.
      const from = (number - day.first) * OPENING_TEXT;
      // Behind the last event there is no text.
      return day.hashed.openings.toString('latin1', from, from + OPENING_TEXT) || null;
    };
    // Two banks are told of most events, one behind the other.
    let last = { index: -1, text: null as string | null };
    return {
      of(index) {
        if (last.index !== index) last = { index, text: textOf(index) };
        return last.text;
      },
    };
  }

  #append(events: Uint8Array, hashed: readonly HashedEvents[] | null): void {
    // What was signed before lies between events: it is looked at one checkpoint after the other.
    if (hashed && this.#signed.length === 0) {
      for (const day of hashed) this.#pending.push(...this.#events.appendHashed(day));
      return;
    }
    for (let from = 0; from < events.length; ) {
      const next = this.#signed[0];
      const room = next ? (next.size - this.taken) * EVENT_BYTES : Number.POSITIVE_INFINITY;
      const to = Math.min(events.length, from + room);
      this.#pending.push(...this.#events.append(events.subarray(from, to)));
      from = to;
      while (this.#signed[0]?.size === this.taken) {
        this.#compareRoot(this.#signed[0]);
        this.#signed.shift();
      }
    }
  }

  /** With a checkpoint of as many events as were taken, or as the root is of. */
  #compareRoot({ size, root }: Pick<Checkpoint, 'size' | 'root'>, own = this.#tree.root()): void {
    if (Buffer.compare(root, own) !== 0)
      throw new SealFault(
        `log ${this.#key.name} has a signed checkpoint of ${size} events, and the pool's events are others: the topics are of an earlier time than the checkpoint, or of another network`,
      );
  }

  /** The events that the folder has were not hashed again: that its last is the topic's tells most mistakes. */
  async #compareLast(event: Uint8Array): Promise<void> {
    const entry = this.#lastEntry;
    this.#lastEntry = null;
    const day = dayName(event);
    if (entry === null || this.#options.dayKeys.read(day) === null) return;
    await this.#dayKeys.need([day]);
    if (!isEntryOf(event, this.#dayKeys.of(day), entry))
      throw new SealFault(otherEventText(this.#endOf(this.taken, this.#options.files.path)));
  }

  #endOf(size: number, where: string): SealedEnd {
    const { pool, logName } = this.#options;
    return { origin: this.#key.name, pool, size, where, logName };
  }

  /**
   * Before anything is told: holds what was signed against where the topic ends, and that the key of the last day is there.
   * @throws SealFault
   */
  async compareWithTopic(): Promise<void> {
    const size = Math.max(this.taken, ...this.#signed.map((one) => one.size));
    const { pool, files } = this.#options;
    const { count, event } = await eventInTopic(this.#log, pool, this.taken, size);
    const where = size > this.#published ? files.path : `topic ${BLOCKS}`;
    if (count < size) throw new SealFault(shortLogText(this.#endOf(size, where), count));
    if (event) await this.#compareLast(event);
    await this.#dayKeys.needLast();
  }

  /** Signs what was taken, where that is more than was signed before. */
  seal(): Promise<void> {
    return this.#alone(async () => {
      if (this.#signed.length > 0 || this.taken === 0) return;
      if (this.taken === this.#sealed && !this.#next) return;
      await this.#lookAtBlocks();
      // Another notifier of this pool is ahead: sizes never fall.
      if (this.#published > this.taken) return;
      const { size } = this.#tree;
      const checkpoint = { origin: this.#key.name, size, root: this.#tree.root() };
      const reached = this.#reached;
      reached('seal.beforeTiles');
      const partial = this.#tree.partialTiles();
      // One of the same name has the same hashes.
      await this.#writeTiles(partial.filter(({ path }) => !this.#partial.has(path)));
      this.#partial = new Set(partial.map(({ path }) => path));
      this.#tiled = size;
      reached('seal.afterTiles');
      const next = this.#next;
      const note = Buffer.from(
        next ? handOverNote(checkpoint, this.#signer.signer, next.signer) : this.#note(checkpoint),
      );
      // Before the topic has it: whoever is stopped here hands over once more, by a checkpoint that is newer.
      if (next) await this.#options.files.write([{ path: HAND_OVER_FILE, bytes: note }]);
      const placed = await this.#log.produce(BLOCKS, [
        {
          key: this.#key.name,
          value: note,
          headers: { 'content-type': 'text/plain; charset=utf-8' },
        },
      ]);
      if (next) this.#signer = next;
      this.#published = size;
      // Nobody else wrote since the last look, and this one need not be read.
      if (placed[0]?.logOffset === this.#nextBlock) this.#nextBlock += 1;
      reached('seal.afterBlock');
      await this.#removePartial();
      await this.#options.files.write([{ path: CHECKPOINT_FILE, bytes: note }]);
      reached('seal.afterCheckpoint');
      this.#sealed = size;
    });
  }

  /**
   * What was signed since: by another notifier, or by this one where it was not told that its note was written. A key
   * that was handed over then is not handed over again, and signs nothing more.
   */
  async #lookAtBlocks(): Promise<void> {
    for await (const record of recordsOf(this.#log, BLOCKS, 0, { from: this.#nextBlock })) {
      if (record.key === this.#key.name) {
        const shown = publishedIn(record, this.#own);
        if (shown.handsTo) this.#signer = shown.handsTo;
        if (shown.size === this.taken) this.#compareRoot(shown);
        if (shown.size > this.taken && shown.size > this.#published) this.#signed.push(shown);
        this.#published = Math.max(this.#published, shown.size);
      }
      this.#nextBlock = record.logOffset + 1;
    }
  }

  #note(checkpoint: Checkpoint): string {
    const text = checkpointText(checkpoint);
    return formatNote({ text, signatures: [signNote(text, this.#key.name, this.#signer.signer)] });
  }

  /** One after the other: no checkpoint is signed before the tiles that it needs are written. */
  #alone(action: () => Promise<void>): Promise<void> {
    this.#writing = this.#writing.catch(() => {}).then(action);
    return this.#writing;
  }

  async #writeTiles(partial: readonly TileFile[]): Promise<void> {
    const full = this.#pending;
    this.#pending = [];
    try {
      await this.#options.files.write([...full, ...partial]);
    } catch (error) {
      this.#pending = [...full, ...this.#pending];
      throw error;
    }
    this.#full.push(...full.map(({ path }) => path));
  }

  /**
   * Partial tiles are kept until the whole one is there. Before the folder's checkpoint: who is stopped here fills the
   * same tiles again, so that none stays for ever.
   */
  async #removePartial(): Promise<void> {
    await this.#options.files.removeFolders(this.#full.map((path) => `${path}.p`));
    this.#full = [];
  }
}

/** A key of the log whose secret this process has. */
interface OwnKey extends NoteKey {
  readonly signer: Signer;
}

const isKey =
  ({ publicKey }: NoteKey) =>
  (other: NoteKey): boolean =>
    Buffer.compare(publicKey, other.publicKey) === 0;

/** In the file's order. @throws SealFault where it is none, or has not the key that the network names */
function ownKeys({ logKey, secretPem, openToken }: PoolSealOptions, key: NoteKey): OwnKey[] {
  const noToken = (address: string): never => {
    throw new SealFault(`${address}: this process opens no tokens`);
  };
  let signers: Signer[];
  try {
    signers = [...signersIn(secretPem, openToken ?? noToken)];
  } catch (error) {
    // A token that does not answer says so itself.
    if ('kind' in (error as Error)) throw error;
    throw new SealFault(
      `log.pem in CORRIDOR_EVIDENCE_KEYS_FOLDER: expected Ed25519 keys in PEM, or their pkcs11: addresses (${(error as Error).message})`,
    );
  }
  const own = signers.map((signer) => ({
    ...noteKey(key.name, KEY_TYPE.log, signer.publicKey),
    signer,
  }));
  if (own.some(isKey(key))) return own;
  throw new SealFault(
    `log.pem in CORRIDOR_EVIDENCE_KEYS_FOLDER is not the secret key of ${logKey}, which the network file names`,
  );
}

/** Whom the one that signs has to hand over to: the last of the file; null: that is the one. */
function nextOf(own: readonly OwnKey[], signer: OwnKey): OwnKey | null {
  const last = own.at(-1) as OwnKey;
  return isKey(last)(signer) ? null : last;
}

/**
 * Who signs the next checkpoint: who signed the last one, or to whom it handed over.
 * @throws SealFault where it would hand over to a key that handed over before, or the network names one to which what was
 *   signed before was not handed over
 */
function signerFor(
  options: PoolSealOptions,
  key: NoteKey,
  own: readonly OwnKey[],
  published: Published['published'],
): OwnKey {
  const at = own.findIndex(isKey(published ? (published.handsTo ?? published.log) : key));
  const signer = own[at] as OwnKey;
  const next = nextOf(own, signer);
  if (next && hasHandedOver(next, options.files, published))
    throw new SealFault(
      `log.pem in CORRIDOR_EVIDENCE_KEYS_FOLDER ends with ${verifierKey(next)}, which handed the log over before: let the key stand last to which it did`,
    );
  if (own.findIndex(isKey(key)) > at)
    throw new SealFault(
      `the network file names ${options.logKey}, to which the log's key was not handed over: name the key before it until it is`,
    );
  return signer;
}

/** As far as the last checkpoint and the folder say. */
function hasHandedOver(key: NoteKey, files: SealFiles, published: Published['published']): boolean {
  const kept = files.read(HAND_OVER_FILE);
  const notes = [
    ...(published ? [formatNote(published.note)] : []),
    ...(kept ? [Buffer.from(kept).toString()] : []),
  ];
  return notes.some((text) => {
    try {
      const to = nextKeyIn(text);
      return to !== null && !isKey(to)(key) && isSignedBy(parseNote(text), key);
    } catch (error) {
      if (!(error instanceof EvidenceFault)) throw error;
      return false;
    }
  });
}

interface PublishedCheckpoint extends TrustedCheckpoint {
  /** The key to which it hands the log over; null: to none. */
  readonly handsTo: OwnKey | null;
}

interface Published {
  readonly published: PublishedCheckpoint | null;
  /** Of the topic, as of then. */
  readonly end: number;
}

/** The last that the topic has of a log; null: none. @throws SealFault where it is not signed by a key of the log */
async function lastCheckpoint(
  log: LogPort,
  origin: string,
  own: readonly OwnKey[],
): Promise<Published> {
  const start = await log.startOffset(BLOCKS, 0);
  const ended = await log.endOffset(BLOCKS, 0);
  for (let end = ended; end > start; end -= LOOK_RECORDS) {
    const from = Math.max(start, end - LOOK_RECORDS);
    const records = await log.read(BLOCKS, 0, from, end - from);
    const last = records.filter((one) => one.key === origin && one.logOffset < end).at(-1);
    if (last) return { published: publishedIn(last, own), end: ended };
  }
  return { published: null, end: ended };
}

/** @throws SealFault where no own key signed it, or it hands the log over to a key that is not here */
function publishedIn(
  { value, logOffset }: LoggedMessage,
  own: readonly OwnKey[],
): PublishedCheckpoint {
  const fail = (message: string): never => {
    throw new SealFault(`topic ${BLOCKS}, offset ${logOffset}: ${message}`);
  };
  try {
    const shown = signedBy(value, own);
    const to = nextKeyIn(Buffer.from(value).toString());
    const handsTo = to && (own.find(isKey(to)) ?? null);
    if (to && !handsTo)
      fail(
        `log ${shown.origin} is handed over to ${verifierKey(to)}, whose secret key is not in log.pem in CORRIDOR_EVIDENCE_KEYS_FOLDER: put it there, behind the key before it`,
      );
    return { ...shown, handsTo };
  } catch (error) {
    if (error instanceof EvidenceFault) return fail(error.message);
    throw error;
  }
}

/** @throws EvidenceFault */
const signedBy = (note: Uint8Array, logs: readonly NoteKey[]): TrustedCheckpoint =>
  signedCheckpoint(Buffer.from(note).toString(), { logs });

/** The folder's checkpoint; null: there is none, or it was changed. */
function checkpointIn(
  { files }: PoolSealOptions,
  own: readonly OwnKey[],
): TrustedCheckpoint | null {
  const note = files.read(CHECKPOINT_FILE);
  try {
    return note && signedBy(note, own);
  } catch (error) {
    if (!(error instanceof EvidenceFault)) throw error;
    return null;
  }
}

/**
 * The tree of the folder's tiles. It may be ahead of the topic's last checkpoint, of another notifier that was behind:
 * then it goes on from that. Null: one of them is of another time.
 */
function treeOf(options: PoolSealOptions, found: Checkpoint, published: Checkpoint) {
  if (found.size > published.size && !treeIn(options, published)) return null;
  return treeIn(options, found);
}

/** What is missing throws TileFault. */
const tilesIn = (files: SealFiles): TileFiles => tileFilesOf((path) => files.read(path));

/** The tree of the folder's tiles; null: they are not those of the checkpoint. */
function treeIn({ files, hashing }: PoolSealOptions, { size, root }: Checkpoint) {
  try {
    const tree = GrowingTree.from(hashing, tilesIn(files), size);
    return Buffer.compare(tree.root(), root) === 0 ? tree : null;
  } catch (error) {
    if (!(error instanceof TileFault) && !(error instanceof RangeError)) throw error;
    return null;
  }
}
