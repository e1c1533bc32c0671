import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createBank } from '../../services/bank/bank.ts';
import { type Clearing, createClearing } from '../../services/clearing/clearing.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { RECORD_BYTES, RECORD_KINDS } from '../../services/core/settlement/records.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import type { SettlementEvent } from '../../services/core/settlement/settlement-event.ts';
import { createVerification } from '../../services/core/verification/verification.ts';
import type { Currencies } from '../../services/protocol/messages/instruction.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import type { BankSignature } from '../../services/protocol/names/signed-message.ts';
import type {
  ControlRecord,
  PreValidation,
} from '../../services/protocol/records/control-record.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { RULES_VERSION } from '../../services/protocol/records/rules-version.ts';
import {
  type DueAttestation,
  orderMessage,
} from '../../services/synchronisation/two-pool-chains.ts';
import { createVerifier } from '../../services/verifier/verifier.ts';
import { keyOf } from '../support/message-path.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
/** Its verdicts are those of a new one, which takes 17 ms. */
const verification = createVerification(wasm);
export const NETWORK = 'test-1';
export const DATE = '2026-03-16';
export const NEXT_DATE = '2026-03-17';
export const START_MS = Date.UTC(2026, 2, 16, 9);
export const OPERATOR = 'SYNCDE00' as Bic;
export const BANKS = ['ALFADE00', 'BETAFR00', 'GAMMUS00'] as [Bic, Bic, Bic];
export const POOLS = ['west', 'east'] as const;
export type PoolName = (typeof POOLS)[number];
export const CURRENCY_OF = { west: 'EUR', east: 'CNY' } as const;
export const CURRENCIES: Currencies = new Map([
  ['EUR', { minorUnits: 2, pool: 'west' }],
  ['CNY', { minorUnits: 2, pool: 'east' }],
]);
/** Minor units that each bank has in each pool. */
export const OPENING = 400n;

const SIGNERS = new Map([...BANKS, OPERATOR].map((bic) => [bic, keyOf(bic)]));
const signerOf = (bic: Bic) => SIGNERS.get(bic) as ReturnType<typeof keyOf>;
const publicKeyOf = (bic: Bic) => Buffer.from(signerOf(bic).publicKey).toString('hex');

/** What a pool has of its own. */
export interface OwnPool {
  /** Where it is set the core never learns that terms promise. */
  readonly forgetsPromises?: boolean | undefined;
  /** Minor units that each bank has; default: OPENING. */
  readonly opening?: bigint | undefined;
  readonly preValidation?: readonly PreValidation[] | undefined;
  /** Ids that it remembers; default: 2000. */
  readonly identities?: number | undefined;
}

function founding(pool: PoolName, carriesOver: boolean, own: OwnPool): ControlRecord[] {
  const { opening = OPENING, preValidation = [], identities = 2000 } = own;
  const timeMs = START_MS - 3_600_000;
  const currency = CURRENCY_OF[pool];
  const parties = [...BANKS, OPERATOR];
  return [
    {
      ...{ kind: 'genesis', timeMs, network: NETWORK, pool, rulesVersion: RULES_VERSION },
      ...{ queueRule: 'fifo', cycleMechanism: 'gridlockResolution', cycleIntervalMs: 60_000 },
      ...{ atClose: carriesOver ? 'carry-over' : 'cancel', identityDays: 5, countsFromEnd: true },
      ...{ entryOffsetting: false, bilateralOffsetting: false, offsettingMinimumMs: 0 },
      ...{ deferredNetClasses: 'all', defaultRule: 'unwind', pvpTimeoutMs: 3_600_000 },
      ...{ certificates: false, chainLegsMax: 16, conditions: true, twoPools: true },
      ...(preValidation.length > 0 && { preValidation: [...preValidation] }),
      limits: {
        ...{ participants: 8, currencies: 2, livePayments: 200 },
        ...{ identities, quotes: 4, limits: 8 },
      },
      hashKey: '00'.repeat(16),
    },
    { ...{ kind: 'currency', timeMs, currency, minorUnits: 2 } },
    ...parties.flatMap((bic): ControlRecord[] => [
      {
        ...{ kind: 'participant', timeMs, bic, name: bic },
        role: bic === OPERATOR ? 'synchronisationOperator' : 'bank',
      },
      {
        kind: 'key',
        timeMs,
        bic,
        keyId: 'key-1',
        publicKey: publicKeyOf(bic),
        state: 'registered',
      },
    ]),
    ...BANKS.map(
      (bic): ControlRecord => ({
        ...{ kind: 'account', timeMs, bic, currency },
        ...{ balanceMinor: String(opening), creditLineMinor: '0' },
      }),
    ),
    { kind: 'open', timeMs, currency, date: DATE, closesAtMs: START_MS + 10 * 3_600_000 },
  ];
}

/** A pool: its log, and the real core behind real clearing, which may crash after any record. */
export class SimulatedPool {
  readonly inputs: Uint8Array[] = [];
  readonly events: SettlementEvent[] = [];
  /** The same as clearing writes them, record by record. */
  readonly eventBytes: Uint8Array[] = [];
  readonly name: PoolName;
  readonly #forgetsPromises: boolean;
  #clearing: Clearing;
  #core: ReturnType<typeof createSettlement>;
  #issued: bigint;

  constructor(name: PoolName, carriesOver: boolean, own: OwnPool = {}) {
    this.name = name;
    this.#forgetsPromises = own.forgetsPromises === true;
    this.#issued = (own.opening ?? OPENING) * BigInt(BANKS.length);
    [this.#core, this.#clearing] = this.#start();
    for (const record of founding(name, carriesOver, own)) this.control(record);
  }

  #start(): [ReturnType<typeof createSettlement>, Clearing] {
    const core = createSettlement(wasm);
    const apply = (records: Uint8Array, count: number) => {
      for (let at = 0; this.#forgetsPromises && at < count; at += 1)
        if (records[at * RECORD_BYTES] === RECORD_KINDS.chainTerms)
          records[at * RECORD_BYTES + 120] = (records[at * RECORD_BYTES + 120] as number) & ~16;
      return core.apply(records, count);
    };
    const driven = { apply, hasAccount: (p: number, c: number) => core.hasAccount(p, c) };
    return [core, createClearing(driven)];
  }

  append(value: Uint8Array): void {
    const position = this.inputs.length;
    this.inputs.push(value);
    const { events } = this.#clearing.apply([{ position, value }]);
    this.eventBytes.push(Buffer.from(events));
    for (const event of readEvents(events)) {
      if (event.kind === 'issued') this.#issued += event.amount;
      this.events.push(event);
    }
  }

  control(record: ControlRecord): void {
    this.append(writeControl(record));
  }

  /** Another process goes on from the log alone. */
  crash(): void {
    const digest = this.#clearing.digest();
    [this.#core, this.#clearing] = this.#start();
    this.#clearing.apply(this.inputs.map((value, position) => ({ position, value })));
    assert.deepEqual(this.#clearing.digest(), digest, `pool ${this.name} after a crash`);
  }

  checkConserved(): void {
    assert.ok(this.#core.conserved(), `pool ${this.name} does not conserve`);
    const held = BANKS.reduce((sum, _, at) => sum + this.#core.balance(at, 0), 0n);
    assert.equal(held, this.#issued, `pool ${this.name} holds other money than was issued`);
  }
}

/** Signed messages become records of the pools' inputs, as verifiers make them. */
export function createPath() {
  const verifier = createVerifier(
    { network: NETWORK, currencies: CURRENCIES, defaultPool: 'west' },
    verification,
  );
  for (const bic of [...BANKS, OPERATOR])
    verifier.learn({
      ...{ bic, name: bic, keyId: 'key-1', publicKey: publicKeyOf(bic), state: 'registered' },
      role: bic === OPERATOR ? 'synchronisationOperator' : 'bank',
    });
  let logOffset = 0;
  return async ({ value, headers, key }: Message, timestampMs: number) => {
    const place = { partition: 0, logOffset: logOffset++, timestampMs };
    const { inputs, rejected } = await verifier.verify([{ ...place, value, headers, key }]);
    assert.equal(rejected.length, 0);
    return inputs[0] as { readonly pool: string; readonly value: Uint8Array };
  };
}

export const bankOf = (bic: Bic) =>
  createBank({
    ...{ bic, keyId: 'key-1', network: NETWORK, decimals: () => 2 },
    sign: (text) => signerOf(bic).sign(text),
  });

/** The operator's. */
export const OPERATOR_SIGNATURE: Required<BankSignature> = {
  ...{ bic: OPERATOR, keyId: 'key-1', network: NETWORK },
  sign: (text) => signerOf(OPERATOR).sign(text),
};
export const messageOf = (order: DueAttestation, atMs: number): Message =>
  orderMessage(OPERATOR_SIGNATURE, order, atMs);

const [ALFA, BETA, GAMMA] = BANKS;
/** ALFA pays EUR at home, BETA pays CNY in the other pool. */
export const twoPoolTerms = (chainId: string, operator: Bic = OPERATOR) => ({
  ...{ chainId, settlementDate: DATE, priority: 'normal' as const },
  legs: [
    { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 10n },
    { debtorAgent: BETA, creditorAgent: GAMMA, code: 'CNY', minor: 20n },
  ],
  earmark: { when: 'acceptance', expiry: '15:00:00Z', onExpiry: 'release' } as const,
  synchronised: { operator, homeLegs: 1 },
});
