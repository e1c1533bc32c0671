import { readFileSync } from 'node:fs';
import {
  NONE16,
  NONE32,
  RECORD_BYTES,
  RECORD_KINDS,
} from '../../services/core/settlement/records.ts';
import { encodeRecord } from '../../tests/settlement/flat-records.ts';
import { seeded } from '../../tests/settlement/random-draft.ts';

export const wasmModule = (): WebAssembly.Module =>
  new WebAssembly.Module(
    readFileSync(
      new URL('../../assembly/corridor.wasm', import.meta.url),
    ) as Uint8Array<ArrayBuffer>,
  );

/** Noon UTC of the business date. */
export const BUSINESS_DATE = 20_000;
export const START_MS = BUSINESS_DATE * 86_400_000 + 43_200_000;

type Kind = Parameters<typeof encodeRecord>[0];
type Fields = Parameters<typeof encodeRecord>[1];

export interface Setting {
  readonly participants: number;
  readonly currencies: number;
  readonly livePayments: number;
  readonly identities: number;
  /** Opening balance and credit line of each account. */
  readonly balance: bigint;
  readonly line: bigint;
  /** Fields of the genesis besides. */
  readonly genesis?: Fields;
}

/** Records one after another, with rising positions. */
export class Log {
  readonly #pieces: Uint8Array[] = [];
  position = 0;

  add(kind: Kind, fields: Fields): void {
    this.position += 1;
    this.#pieces.push(encodeRecord(kind, { position: this.position, timeMs: START_MS, ...fields }));
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#pieces);
  }
}

/** Genesis, participants, currencies, accounts; all currencies are open. */
export function beginning(setting: Setting): Log {
  const { participants, currencies, livePayments, identities, balance, line } = setting;
  const log = new Log();
  log.add('genesis', {
    participantsMax: participants,
    currenciesMax: currencies,
    livePaymentsMax: livePayments,
    identitiesMax: identities,
    quotesMax: 4096,
    identityDays: 5,
    hashKey: Uint8Array.from({ length: 16 }, (_, i) => i * 11),
    ...setting.genesis,
  });
  for (let p = 0; p < participants; p++) log.add('participant', { participant: p });
  for (let c = 0; c < currencies; c++) log.add('currency', { currency1: c, currency2: 2 });
  for (let p = 0; p < participants; p++)
    for (let c = 0; c < currencies; c++)
      log.add('account', { participant: p, currency1: c, amount1: balance, amount2: line });
  for (let c = 0; c < currencies; c++)
    log.add('open', { currency1: c, date: BUSINESS_DATE, amount1: START_MS + 36_000_000 });
  return log;
}

/** Bilateral limits against the participants that follow, and a multilateral one, for every account. */
export function addLimits(
  log: Log,
  sizes: {
    readonly participants: number;
    readonly currencies: number;
    readonly bilateral: number;
    readonly limit: bigint;
    readonly multilateral: bigint;
  },
): void {
  const { participants, currencies, bilateral, limit, multilateral } = sizes;
  const add = (fields: Fields): void => {
    const id = new Uint8Array(16);
    new DataView(id.buffer).setUint32(12, log.position);
    log.add('limit', { id, messageType: 10, ...fields });
  };
  for (let participant = 0; participant < participants; participant++)
    for (let currency1 = 0; currency1 < currencies; currency1++) {
      for (let i = 1; i <= bilateral; i++) {
        const creditorAgent = (participant + i * 7) % participants;
        add({ participant, currency1, creditorAgent, amount1: limit });
      }
      add({ participant, currency1, creditorAgent: NONE32, amount1: multilateral });
    }
}

/** A payment in one currency: what the record says beside its identity. */
export interface Payment {
  readonly debtor: number;
  readonly creditor: number;
  readonly currency: number;
  readonly amount: bigint;
  readonly priority: number;
}

/** Writes payment records fast: a template whose few changing fields are set in place. */
export class PaymentLog {
  readonly bytes: Buffer;
  count = 0;
  #position: number;
  readonly #pick = seeded(7);

  constructor(countMax: number, position: number) {
    this.bytes = Buffer.alloc(countMax * RECORD_BYTES);
    this.#position = position;
  }

  #begin(): number {
    const at = this.count * RECORD_BYTES;
    this.count += 1;
    this.#position += 1;
    this.bytes.writeBigUInt64LE(BigInt(this.#position), at + 8);
    return at;
  }

  pay({ debtor, creditor, currency, amount, priority }: Payment): void {
    const { bytes } = this;
    const at = this.#begin();
    bytes.writeUInt16LE(12, at);
    bytes.writeUInt32LE(debtor, at + 4);
    bytes.writeBigInt64LE(BigInt(START_MS), at + 16);
    for (let i = 24; i < 72; i += 4) bytes.writeUInt32LE(this.#pick(2 ** 32), at + i);
    bytes.writeUInt16LE(8, at + 72);
    bytes.writeUInt16LE(currency, at + 76);
    bytes.writeUInt16LE(NONE16, at + 78);
    bytes.writeUInt32LE(debtor, at + 80);
    bytes.writeUInt32LE(creditor, at + 84);
    bytes.writeUInt32LE(NONE32, at + 88);
    bytes.writeUInt32LE(BUSINESS_DATE, at + 92);
    bytes.writeBigInt64LE(amount, at + 96);
    bytes[at + 121] = priority;
  }

  /** A payment through a dealer at par. */
  payLinked(payment: Payment, dealer: number, currency2: number): void {
    const at = this.count * RECORD_BYTES;
    this.pay(payment);
    this.bytes.writeUInt16LE(currency2, at + 78);
    this.bytes.writeUInt32LE(dealer, at + 88);
    this.bytes.writeBigInt64LE(payment.amount, at + 104);
    this.bytes.writeBigInt64LE(1n, at + 112);
  }

  /** A chain: each leg by the bank that it debits, one record behind the other. */
  payChain(legs: readonly Payment[]): void {
    const { bytes } = this;
    const chain = this.count;
    for (const [index, leg] of legs.entries()) {
      const at = this.count * RECORD_BYTES;
      this.pay(leg);
      bytes.writeUInt16LE(RECORD_KINDS.chainLeg, at);
      bytes.writeUInt16LE(17, at + 72);
      bytes[at + 78] = index + 1;
      bytes[at + 79] = legs.length;
      bytes.writeUInt32LE(0, at + 88);
      bytes.writeUInt32LE(chain, at + 104);
    }
  }

  /** The message of an earlier record once more. */
  repeat(index: number): void {
    const at = this.#begin();
    const from = index * RECORD_BYTES;
    this.bytes.copy(this.bytes, at, from, from + 8);
    this.bytes.copy(this.bytes, at + 16, from + 16, from + RECORD_BYTES);
  }
}

/** Amounts from about 1 to 1,000 units, small ones more often: three digits times a scale. */
export function amountOf(pick: (below: number) => number): bigint {
  const scale = [100, 100, 1000, 1000, 10_000][pick(5)] as number;
  return BigInt((1 + pick(999)) * scale);
}
