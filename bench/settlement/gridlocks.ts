import { NONE16, RECORD_BYTES } from '../../services/core/settlement/records.ts';
import { type CoreExports, instantiate } from '../../services/core/wasm-module.ts';
import { encodeRecord } from '../../tests/settlement/flat-records.ts';
import { seeded } from '../../tests/settlement/random-draft.ts';
import { nowNs } from '../measure.ts';
import { addLimits, amountOf, beginning, type Payment, PaymentLog, START_MS } from './traffic.ts';

export interface Gridlock {
  readonly payments: number;
  readonly participants: number;
  readonly currencies: number;
  /** Of a hundred payments, how many have a second leg. */
  readonly linkedPercent: number;
  /** Legs of each chain, from bank to bank; 0: payments of one leg or two. */
  readonly chainLegs?: number;
  /** Of each account at the start: it decides how much can settle. */
  readonly balance: bigint;
}

const DEALERS = 20;

/** More than any account has: the urgent payments that hold everything up, in a ring. */
const HEAD = 10n ** 12n;
/** Bilateral limits of each account; most bind nothing, as in a day's ordinary course. */
const LIMITS_EACH = 8;

/** The log of a day on which nothing can settle alone, since all wait behind a ring of urgent payments. */
export function gridlockLog({
  payments,
  participants,
  currencies,
  linkedPercent,
  chainLegs = 0,
  balance,
}: Gridlock) {
  const heads = participants * currencies;
  const records = chainLegs === 0 ? payments : heads + payments * chainLegs;
  const log = beginning({
    participants,
    currencies,
    livePayments: records,
    identities: records + 100_000,
    balance,
    line: 0n,
    genesis: {
      cycleMechanism: 1,
      chainLegsMax: chainLegs,
      limitsMax: heads * (LIMITS_EACH + 1),
    },
  });
  addLimits(log, {
    ...{ participants, currencies, bilateral: LIMITS_EACH },
    ...{ limit: 2_000_000_000_000n, multilateral: 2_000_000_000_000n },
  });
  const pick = seeded(3);
  for (let dealer = 0; dealer < DEALERS && linkedPercent > 0; dealer++)
    for (let base = 0; base < currencies; base++)
      for (let quoted = 0; quoted < currencies; quoted++) {
        if (base === quoted) continue;
        const id = new Uint8Array(16);
        new DataView(id.buffer).setUint32(0, 1 + quoted + 16 * (base + 16 * dealer));
        log.add('quote', {
          id,
          participant: dealer,
          dealer,
          messageType: 9,
          currency1: base,
          currency2: quoted,
          amount1: START_MS + 3_600_000,
          amount2: 10n ** 17n,
          rateMantissa: 1,
        });
      }
  const orders = new PaymentLog(records, log.position);
  for (let currency = 0; currency < currencies; currency++)
    for (let debtor = 0; debtor < participants; debtor++) {
      const creditor = (debtor + 1) % participants;
      orders.pay({ debtor, creditor, currency, amount: HEAD, priority: 0 });
    }
  while (chainLegs > 0 && orders.count < records)
    orders.payChain(chainOf(pick, { participants, currencies, chainLegs }));
  while (orders.count < records) {
    const debtor = DEALERS + pick(participants - DEALERS);
    const rest = participants - DEALERS;
    const creditor = DEALERS + ((debtor - DEALERS + 1 + pick(rest - 1)) % rest);
    const currency = pick(currencies);
    const payment = { debtor, creditor, currency, amount: amountOf(pick), priority: 2 };
    if (pick(100) < linkedPercent) {
      const second = (currency + 1 + pick(currencies - 1)) % currencies;
      orders.payLinked(payment, pick(DEALERS), second);
    } else orders.pay(payment);
  }
  return { setting: log.bytes(), payments: orders.bytes };
}

/** From bank to bank, each leg in a currency of its own and about as much as the one before. */
function chainOf(
  pick: (below: number) => number,
  {
    participants,
    currencies,
    chainLegs,
  }: Required<Pick<Gridlock, 'participants' | 'currencies' | 'chainLegs'>>,
): Payment[] {
  const amount = amountOf(pick);
  let debtor = pick(participants);
  return Array.from({ length: chainLegs }, () => {
    const creditor = (debtor + 1 + pick(participants - 1)) % participants;
    const leg = { debtor, creditor, currency: pick(currencies), amount, priority: 2 };
    debtor = creditor;
    return leg;
  });
}

export interface CycleTime {
  readonly ms: number;
  readonly settled: number;
  readonly left: number;
}

/** Feeds records to a bare core; events stay in its buffer, which is drained without a copy. */
function feed(core: CoreExports, input: number, records: Uint8Array): number {
  const inputMax = core.settlementInputMax() * RECORD_BYTES;
  let events = 0;
  for (let at = 0; at < records.length; at += inputMax) {
    const piece = records.subarray(at, at + inputMax);
    new Uint8Array(core.memory.buffer).set(piece, input);
    core.settlementPut(piece.length / RECORD_BYTES);
    do events += core.settlementStep();
    while (core.settlementDone() === 0);
  }
  return events;
}

/** One cycle over the whole queue, from its record to its last event. */
export function timeCycle(
  module: WebAssembly.Module,
  { setting, payments }: ReturnType<typeof gridlockLog>,
): CycleTime {
  const core = instantiate(module);
  const input = core.settlementStart(4096);
  feed(core, input, setting);
  feed(core, input, payments);
  const queued = core.settlementLive();
  if (queued !== payments.length / RECORD_BYTES) throw new Error(`only ${queued} are queued`);
  const position = (setting.length + payments.length) / RECORD_BYTES + 1;
  const record = encodeRecord('cycle', { position, timeMs: START_MS, currency1: NONE16 });
  new Uint8Array(core.memory.buffer).set(record, input);
  const start = nowNs();
  core.settlementPut(1);
  do core.settlementStep();
  while (core.settlementDone() === 0);
  const ms = (nowNs() - start) / 1e6;
  if (core.settlementConserved() === 0) throw new Error('money is not conserved');
  const left = core.settlementLive();
  return { ms, settled: queued - left, left };
}
