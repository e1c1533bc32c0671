import { eventsOf, readEvents } from '../core/settlement/event-reader.ts';
import {
  EVENT_BYTES,
  EVENT_KINDS,
  EVENT_OFFSETS,
  type EventKind,
} from '../core/settlement/events.ts';
import { placedRecords } from '../live/input-records-by-position.ts';
import { NAMING_EVENTS, NamingRecords } from '../live/naming-records.ts';
import type { LogPort } from '../live/service-context.ts';
import type { Currencies } from '../protocol/messages/instruction.ts';
import type { StatusCode } from '../protocol/messages/status-report.ts';
import { asBuffer } from '../protocol/names/as-buffer.ts';
import { Directory } from '../protocol/names/handles-to-names.ts';
import type { AddressedMessage } from '../protocol/names/message.ts';
import type { StatementRules } from '../protocol/records/control-record.ts';
import { EVENT_STATUS, isOpen } from '../protocol/records/event-status.ts';
import { NoticeLimit } from '../protocol/records/notices-told-per-minute.ts';
import { AttestedChains } from './attested-chains.ts';
import { LastTold, TOLD_KINDS, takeTold } from './first-event-of-a-repeat.ts';
import type { NodeKeyName, NodeSecrets } from './node-signer.ts';
import { createNotifier, type Notifier, type NotifierStart } from './notifier.ts';
import { Statements } from './statements.ts';

// From which event on is told again: told-again-after-a-crash.ts.
const NOTHING: AddressedMessage[] = [];

const numbers = (...kinds: EventKind[]): ReadonlySet<number> =>
  new Set(kinds.map((kind) => EVENT_KINDS[kind]));
const kinds = Object.entries(EVENT_STATUS) as [EventKind, StatusCode][];
const WAITING = numbers(...kinds.filter(([, code]) => isOpen(code)).map(([kind]) => kind));
const ENDED = numbers(...kinds.filter(([, code]) => !isOpen(code)).map(([kind]) => kind));

export interface Resumed {
  readonly notifier: Notifier;
  /** Position of the record behind the last event: it may have more events to come. */
  readonly position: number;
}

export interface NotifiedPool {
  readonly network: string;
  readonly pool: string;
  /** Of the network's other pools too; absent: it has none. */
  readonly currencies?: Currencies;
  /** As of `createNotifier`; default: false. */
  readonly tellsInterim?: boolean;
}

/** With what the node signs. */
export interface NodeSigning {
  /** That the genesis names. */
  readonly nodeKey?: NodeKeyName | null;
  readonly secrets?: NodeSecrets | null;
}

/**
 * A notifier that tells what one without a break tells, behind events whose messages are written. They are
 * read twice: what the records of waiting payments say can be read when it is known which these are.
 * @param rules what banks are told of their accounts; null: nothing, or not known yet
 * @param written the events, by message of the log, up to a place that is not inside a record
 * @param usual as of NotifierOptions
 * @param signing default: it signs nothing
 */
export async function resumeNotifier(
  log: LogPort,
  { network, pool, currencies, tellsInterim }: NotifiedPool,
  rules: StatementRules | null,
  written: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  usual: StatementRules | null = null,
  { nodeKey = null, secrets = null }: NodeSigning = {},
): Promise<Resumed> {
  const open = new OpenPayments(log, pool, rules, nodeKey);
  for await (const events of written()) await open.take(events);
  const from = await open.start();
  const notifier = createNotifier(network, pool, {
    from,
    usual,
    secrets,
    currencies,
    tellsInterim,
  });
  for await (const events of written()) notifier.rebuild(readEvents(events));
  // What the last record left to tell had been written before the place was remembered.
  notifier.conclude();
  return { notifier, position: open.position };
}

/**
 * What a notifier must know to go on behind an event, from the events up to it: the names, and the
 * original messages of the payments that wait, the notices of the last minute, and the accounts. It reads the events once and of the input only what
 * it needs, so that a restart costs a fraction of what the messages cost.
 */
class OpenPayments {
  readonly #log: LogPort;
  readonly #pool: string;
  readonly #naming: NamingRecords;
  readonly #directory = new Directory();
  readonly #open = new Set<number>();
  /** Positions of the requests that re-ordered a payment that waits. */
  readonly #reordered = new Map<number, number[]>();
  readonly #attested = new AttestedChains();
  #genesis: number | null = null;
  readonly #notices = new NoticeLimit();
  readonly #lastTold = new LastTold();
  readonly #statements: Statements | null;
  #nodeKey: NodeKeyName | null;
  #position = 0;

  /**
   * @param rules what banks are told of their accounts; null: nothing, or not known yet
   * @param nodeKey that the genesis names
   */
  constructor(
    log: LogPort,
    pool: string,
    rules: StatementRules | null,
    nodeKey: NodeKeyName | null,
  ) {
    this.#nodeKey = nodeKey;
    this.#statements = rules && new Statements(pool, rules);
    this.#log = log;
    this.#pool = pool;
    this.#naming = new NamingRecords(log, pool);
  }

  /** Position of the input record behind the last event. */
  get position(): number {
    return this.#position;
  }

  /** @param events those of one message of the log */
  async take(events: Uint8Array): Promise<void> {
    const bytes = asBuffer(events);
    for (let at = 0; at < bytes.length; at += EVENT_BYTES) {
      const kind = bytes.readUInt16LE(at + EVENT_OFFSETS.kind);
      this.#notices.pass(Number(bytes.readBigInt64LE(at + EVENT_OFFSETS.timeMs)));
      if (kind === EVENT_KINDS.noticed)
        this.#notices.tells(bytes.readUInt32LE(at + EVENT_OFFSETS.debtorAgent));
      const payment = Number(bytes.readBigUInt64LE(at + EVENT_OFFSETS.paymentPosition));
      const position = Number(bytes.readBigUInt64LE(at + EVENT_OFFSETS.position));
      if (WAITING.has(kind)) this.#open.add(payment);
      else if (ENDED.has(kind)) {
        this.#open.delete(payment);
        this.#reordered.delete(payment);
      } else if (kind === EVENT_KINDS.reordered)
        this.#reordered.set(payment, [...(this.#reordered.get(payment) ?? []), position]);
      else if (kind === EVENT_KINDS.genesis) this.#genesis = position;
      this.#position = position;
    }
    for (const event of eventsOf(events, ...TOLD_KINDS, 'attested')) {
      takeTold(event, (position) => this.#lastTold.take(position, event.number));
      this.#attested.take(event);
    }
    if (this.#statements) {
      for (const event of readEvents(events)) this.#statements.take(event, null, NOTHING);
      this.#statements.tell(null, NOTHING);
    }
    const naming = eventsOf(events, ...NAMING_EVENTS);
    for (const record of await this.#naming.of(naming)) this.#directory.fold(record);
    // An operator gives a few commands a day: the record of each is read.
    for (const record of await this.#naming.commandsOf(eventsOf(events, 'commanded')))
      if (record.kind === 'nodeKey' && record.state === 'registered') this.#nodeKey = record;
  }

  async start(): Promise<NotifierStart> {
    const open = await placedRecords(this.#log, this.#pool, this.#open);
    const further = [...this.#reordered.values()].flat();
    const read = (positions: Iterable<number>) => placedRecords(this.#log, this.#pool, positions);
    further.push(...(await this.#attested.needed(open, read)));
    if (this.#genesis !== null) further.push(this.#genesis);
    return {
      directory: this.#directory,
      notices: this.#notices,
      lastTold: this.#lastTold,
      statements: this.#statements,
      open,
      records: await placedRecords(this.#log, this.#pool, further),
      nodeKey: this.#nodeKey,
    };
  }
}
