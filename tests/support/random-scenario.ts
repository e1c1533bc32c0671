import { type LoadOptions, loadScenario } from '../../services/scenario/load-scenario.ts';
import { SeededStream } from '../../services/scenario/random-streams.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';

const HOURS = { opens: '08:00', closes: '16:00', zone: 'UTC' };
const SECURITY = 'XS0000000009';
const BANKS = ['ALFADE00', 'BETASG00', 'GAMMFR00', 'DELTDE00', 'EPSIDE00'];
/** The first finds something to do in few of these scenarios. */
const CYCLES = [
  ...Array(4).fill('gridlockResolution'),
  ...['off', 'allOrNothing', 'partial', 'multiple', 'bankClearing'],
];
const DEALERS = ['DELRSG00', 'DELRDE00'];

/** A scenario of a few hundred messages in which whatever a scenario can say is said with some chance. */
export function randomScenario(
  seed: number,
  options: Omit<LoadOptions, 'readFile'> = {},
): Scenario {
  return loadScenario(RANDOM_FILE, { readFile: randomFiles(seed), ...options });
}

export const RANDOM_FILE = 'random.yaml';

/** Its files, for who loads it. */
export function randomFiles(seed: number): LoadOptions['readFile'] {
  const document = JSON.stringify(randomDocument(seed));
  return (path) => (path === 'listed.csv' ? randomList(seed) : document);
}

/** From a stream of its own: on every second day some payments come back. */
function randomReturns(seed: number) {
  const stream = new SeededStream(seed, 'random returns');
  const upTo = (count: number) => Math.floor(stream.uniform() * count);
  if (seed % 2 === 1) return [];
  return BANKS.slice(0, 1 + upTo(BANKS.length)).map((participant) => ({
    ...{ participant, every: 1 + upTo(6), afterSeconds: upTo(12_000), percent: 1 + upTo(100) },
  }));
}

/**
 * From a stream of its own, what is set beside all else: keys that are revoked, some of banks whose backlog leaves
 * afterwards, and repeats of the same banks; messages of another are forged.
 */
export function randomRevocations(seed: number): string[] {
  const stream = new SeededStream(seed, 'random revocations');
  const upTo = (count: number) => Math.floor(stream.uniform() * count);
  const first = upTo(BANKS.length);
  const revoked = [BANKS[first], BANKS[(first + 1) % BANKS.length], DEALERS[upTo(2)]];
  const at = () => `${String(9 + upTo(4)).padStart(2, '0')}:${String(upTo(60)).padStart(2, '0')}`;
  const every = (participant: string | undefined) => ({ participant, every: 1 + upTo(4) });
  const lists = {
    revocations: revoked.slice(0, 1 + upTo(3)).map((participant) => ({ participant, at: at() })),
    outages:
      stream.uniform() < 0.6 ? [{ participant: revoked[0], from: '08:30', until: '13:00' }] : [],
    repeatMessages: revoked
      .slice(0, 2)
      .map((one) => ({ ...every(one), afterSeconds: upTo(9_000) })),
    corruptSignatures:
      stream.uniform() < 0.3 ? [{ participant: BANKS[(first + 2) % 5], every: 1 }] : [],
  };
  return Object.entries(lists).map(([name, list]) => `events.${name}=${JSON.stringify(list)}`);
}

/**
 * From a stream of their own: on every second day payments name accounts of customers, and on half of these there are
 * anomalies.
 */
function randomAnomalies(
  seed: number,
  traffic: readonly { readonly name: string; readonly kind?: unknown; readonly from?: unknown }[],
) {
  if (seed % 2 === 0) return {};
  const stream = new SeededStream(seed, 'random anomalies');
  const upTo = (count: number) => Math.floor(stream.uniform() * count);
  const customers = {
    ...{ perBank: 1 + upTo(60), activity: 2 * stream.uniform(), regulars: upTo(4) },
    ...{ toRegulars: stream.uniform(), ownAmounts: stream.uniform() },
  };
  if (seed % 4 === 1) return { customers };
  const bank = () => BANKS[upTo(BANKS.length)];
  const time = () => {
    const from = 8 + upTo(5);
    return {
      from: `${String(from).padStart(2, '0')}:${String(upTo(60)).padStart(2, '0')}`,
      until: `${from + 1 + upTo(2)}:59`.padStart(5, '0'),
    };
  };
  const amounts = { median: '40.00', sigma: 0.5, min: '10.00', max: '600.00' };
  const flow = 'fx-eur-sgd';
  const one = traffic.find(({ kind, from }) => kind === 'customer' && from !== 'KWD')?.name;
  const anomalies = [
    { kind: 'hijackedKey', bank: bank(), flow, payments: 1 + upTo(12), amounts },
    { kind: 'mistypedAmount', bank: bank(), flow, payments: 1 + upTo(3), factor: 2 + upTo(20) },
    { kind: 'run', bank: bank(), flow, payments: 1 + upTo(30) },
    { kind: 'stuckBatch', bank: bank(), flow, payments: 1 + upTo(5), times: 1 + upTo(3) },
    { kind: 'silentOutage', bank: bank() },
    ...(one === undefined
      ? []
      : [{ kind: 'ring', banks: BANKS.slice(0, 2 + upTo(3)), flow: one, rounds: 1 + upTo(4) }]),
  ];
  return {
    customers,
    anomalies: anomalies.map((kind, place) => ({ name: `anomaly-${place}`, ...time(), ...kind })),
  };
}

const ATTESTORS = { CARRDE00: 'carrier', ZOLLDE00: 'customs', ORKLDE00: 'oracle' };

/** From a stream of their own: on two days of three there are chains, with what they wait for and who answers. */
function randomChains(seed: number, codes: readonly string[]) {
  const stream = new SeededStream(seed, 'random chains');
  const chance = (share: number) => stream.uniform() < share;
  const upTo = (count: number) => Math.floor(stream.uniform() * count);
  const one = <T>(of: readonly T[]): T => of[upTo(of.length)] as T;
  if (seed % 3 === 0) return {};
  const time = (from: number, to: number) =>
    `${String(from + upTo(to - from)).padStart(2, '0')}:${String(upTo(60)).padStart(2, '0')}`;
  const attestors = Object.keys(ATTESTORS);
  const group = (of: readonly string[]) => ({
    attestors: of,
    ...(chance(0.5) && { threshold: 1 + upTo(of.length) }),
  });
  const groups = () =>
    one([
      [group(attestors)],
      [group(['CARRDE00']), group(['ZOLLDE00', 'BETASG00'])],
      [group(['CARRDE00', 'ORKLDE00']), group(['ZOLLDE00'])],
    ]);
  const condition = (deadline: object) => ({
    ...{ groups: groups(), ...deadline },
    ...(chance(0.3) && { threshold: 1 }),
    ...(Object.keys(deadline).length > 0 && chance(0.4) && { onSilence: 'settle' }),
  });
  const earmark = (expiry: object) => ({
    ...{ ...expiry, when: one(['acceptance', 'trigger']) },
    onExpiry: one(['release', 'continue']),
  });
  const leg = (legCount: number, place: number) => ({
    ...{ from: BANKS[place % 5], to: BANKS[(place + 1 + upTo(3)) % 5] },
    currency: one(codes),
    ...(chance(0.4) && { sendsAfterSeconds: upTo(3_000) }),
    ...(legCount > 1 && chance(0.05) && { sends: 'never' }),
  });
  const ids = Array.from({ length: 6 + upTo(6) }, (_, index) => `C-${index + 1}`);
  const chains = ids.map((id) => {
    const legCount = 1 + upTo(5);
    const at = time(8, 13);
    return {
      ...{ id, at, priority: one(['urgent', 'high', 'normal', 'normal']) },
      ...(chance(0.2) && { earliest: time(13, 14) }),
      ...(chance(0.2) && { latest: time(14, 15) }),
      legs: Array.from({ length: legCount }, (_, place) => ({
        ...leg(legCount, place),
        amount: `${1 + upTo(2_000)}.00`,
      })),
      ...((legCount === 1 || chance(0.7)) && {
        condition: condition(chance(0.6) ? { deadline: time(14, 16) } : {}),
      }),
      ...(chance(0.4) && { earmark: earmark({ expiry: time(14, 16) }) }),
    };
  });
  const said = (index: number) => ({
    ...{ attestor: one([...attestors, 'BETASG00', 'ALFADE00']), chain: one(ids) },
    ...{ at: time(8, 16), ...(chance(0.3) && { repeatAfterSeconds: 1 + upTo(600) }) },
    ...(chance(0.6)
      ? { ...(chance(0.3) && { validUntil: time(12, 16) }) }
      : { verdict: one(['refuse', 'hold', 'hold']) }),
    ...(chance(0.5) && { reason: `Fact ${index}` }),
  });
  return {
    chains,
    chainFlows: [
      {
        ...{ name: 'rings', chainsPerDate: 5 + upTo(20), profile: 'day' },
        amounts: { median: '400.00', sigma: 1, min: '5.00', max: '4000.00' },
        parties: {
          payer: { ALFADE00: 2, BETASG00: 1 },
          payee: { GAMMFR00: 1, DELTDE00: 1 },
          carrier: { CARRDE00: 1, ORKLDE00: 3 },
        },
        legs: [
          { from: 'payer', to: 'payee', currency: 'EUR', unsentEvery: 2 + upTo(9) },
          {
            ...{ from: 'payee', to: 'EPSIDE00', currency: one(codes), price: '0.37' },
            sendsWithinSeconds: upTo(2_000),
          },
          { from: 'EPSIDE00', to: 'payer', currency: 'SGD', sendsAfterSeconds: upTo(900) },
        ],
        condition: {
          groups: [{ attestors: ['carrier', 'payee'] }, { attestors: ['ZOLLDE00'] }],
          ...(chance(0.5) && { threshold: 1 }),
          ...(chance(0.8) && { deadlineAfterSeconds: 60 + upTo(9_000) }),
        },
        ...(chance(0.5) && { earmark: earmark({ expiryAfterSeconds: 60 + upTo(9_000) }) }),
      },
    ],
    attestations: Array.from({ length: upTo(20) }, (_, index) => said(index)),
    attestors: [...attestors, 'GAMMFR00']
      .filter(() => chance(0.8))
      .map((attestor) => ({
        attestor,
        delay: { medianSeconds: upTo(900), sigma: stream.uniform(), minSeconds: 0 },
        ...{ refuses: chance(0.5) ? 0.1 : 0, silent: chance(0.5) ? 0.1 : 0, holds: 0.2 },
        ...(chance(0.3) && { validSeconds: 1 + upTo(2_000) }),
      })),
    records: Array.from({ length: upTo(6) }, (_, index) => ({
      ...{ attestor: one(attestors), kind: 'bill of lading', at: time(8, 16) },
      ...(chance(0.5) ? { document: `Document ${index}` } : { digest: `${index}a`.repeat(32) }),
      ...(chance(0.4) && { id: 'DOC-1' }),
      ...(chance(0.3) && { repeatAfterSeconds: 60 }),
      ...(chance(0.3) && { currency: one(['EUR', 'SGD', 'KWD']) }),
    })),
  };
}

/** Payments of every kind that a table of them can have. */
function randomList(seed: number): string {
  const stream = new SeededStream(seed, 'random list');
  const upTo = (count: number) => Math.floor(stream.uniform() * count);
  const rows = Array.from({ length: upTo(40) }, (_, row) => {
    const [debtor, creditor] = [BANKS[row % 5], BANKS[(row + 1 + upTo(4)) % 5]];
    const time = `${String(8 + upTo(7)).padStart(2, '0')}:${String(upTo(60)).padStart(2, '0')}`;
    const priority = ['', 'urgent', 'high', 'normal'][upTo(4)];
    const latest = upTo(3) === 0 ? '15:30' : '';
    const withdrawn = upTo(5) === 0 ? upTo(3_000) : '';
    const leg = upTo(4) === 0 ? ['SGD', '1.47', `list-${row}`] : ['', '', ''];
    const kind = leg[0] === '' && upTo(2) === 0 ? 'bank' : '';
    return [
      ...['2026-03-16', time, debtor, creditor, 'EUR', `${1 + upTo(3_000)}.00`, priority],
      ...[kind, latest, withdrawn, ...leg],
    ].join(',');
  });
  const columns = 'date,time,debtor,creditor,currency,amount,priority';
  return [
    `${columns},kind,latest,cancelAfterSeconds,receives,receivesAmount,reference`,
    ...rows,
    '',
  ].join('\n');
}

function randomDocument(seed: number): object {
  const stream = new SeededStream(seed, 'random scenario');
  const chance = (share: number) => stream.uniform() < share;
  const upTo = (count: number) => Math.floor(stream.uniform() * count);
  const one = <T>(of: readonly T[]): T => of[upTo(of.length)] as T;
  const some = <T>(share: number, make: () => T): T[] =>
    Array.from({ length: 3 }, () => (chance(share) ? [make()] : [])).flat();
  const time = () => `${String(8 + upTo(8)).padStart(2, '0')}:${String(upTo(60)).padStart(2, '0')}`;
  const money = (most: number) => `${upTo(most)}.00`;
  const bank = () => one(BANKS);
  const other = (bic: string) => one(BANKS.filter((one) => one !== bic));
  const currency = () => one(['EUR', 'SGD', 'KWD']);
  const twoPools = chance(0.3);
  const withSecurity = chance(0.5);
  const decimals = (code: string) => (code === SECURITY ? 0 : code === 'KWD' ? 3 : 2);
  const of = (code: string, most: number) => (decimals(code) === 0 ? `${upTo(most)}` : money(most));
  const across = !twoPools && chance(0.2);
  const strained = chance(0.7) ? 4_000 : 400_000;
  // From a stream of its own: all else stays as it was drawn before there were reactions.
  const ofReaction = new SeededStream(seed, 'random reaction');
  const reaction = ofReaction.uniform() < 0.6 && {
    othersStopPayingAfterSeconds: Math.floor(ofReaction.uniform() * 7_000),
    ...(ofReaction.uniform() < 0.5 && { queuedToIt: 'cancelled' }),
  };
  const account = (code: string, owner: string) => ({
    balance: of(code, strained),
    ...(chance(0.3) && { creditLine: of(code, 2_000) }),
    ...(chance(0.3) && { netDebitCap: of(code, 20_000) }),
    ...(chance(0.2) && { limit: of(code, 20_000) }),
    ...(chance(0.2) && { bilateralCaps: { [other(owner)]: of(code, 9_000) } }),
    ...(chance(0.2) && { bilateralLimits: { [other(owner)]: of(code, 9_000) } }),
    ...(chance(0.2) && { reservations: { urgent: of(code, 2_000), high: of(code, 2_000) } }),
    ...(chance(0.2) && {
      collateral: { amount: of(code, 5_000), haircutBasisPoints: upTo(5_000) },
    }),
  });
  const participant = (bic: string, role: string) => ({
    ...{ bic, name: bic, role, size: 1 + upTo(4) },
    accounts: Object.fromEntries(
      ['EUR', 'SGD', 'KWD', ...(withSecurity ? [SECURITY] : [])].map((code) => [
        code,
        account(code, bic),
      ]),
    ),
    ...(across && {
      acrossCurrencies: {
        currency: 'EUR',
        ...(chance(0.5)
          ? { aggregateShortLimit: money(9_000) }
          : { pooledCollateral: money(9_000) }),
      },
    }),
  });
  const common = () => ({
    ...{ profile: 'day' },
    amounts: { median: '150.00', sigma: 1.5, min: '20.00', max: '6000.00' },
    priorities: { urgent: 1, high: 1, normal: 1 + upTo(8) },
    ...(chance(0.2) && { earliest: '09:00' }),
    ...(chance(0.2) && { latest: '14:00' }),
  });
  const tradable = twoPools ? ['EUR', 'SGD'] : ['EUR', 'SGD', 'KWD'];
  const every = () => ({ participant: bank(), every: 2 + upTo(20) });
  const at = () => ({ at: time(), currency: currency() });
  const mechanism = one(['rtgs', 'rtgs', 'rtgs', 'dns', 'hybrid']);
  const document = {
    ...{ name: 'random', seed, network: 'random-1', zone: 'UTC' },
    businessDates: chance(0.3) ? ['2026-03-16', '2026-03-17'] : ['2026-03-16'],
    ...(twoPools && {
      pools: { main: ['EUR', 'SGD', ...(withSecurity ? [SECURITY] : [])], other: ['KWD'] },
    }),
    currencies: {
      ...{ EUR: HOURS, SGD: { ...HOURS, closes: '15:00' }, KWD: HOURS },
    },
    ...(withSecurity && { securities: { [SECURITY]: { name: 'A bond', ...HOURS } } }),
    participants: [
      ...BANKS.map((bic) => participant(bic, 'bank')),
      ...DEALERS.map((bic) => participant(bic, 'dealer')),
      ...(seed % 3 === 0
        ? []
        : Object.entries(ATTESTORS).map(([bic, role]) => ({ bic, name: bic, role }))),
    ],
    ...randomChains(seed, tradable),
    rates: {
      ...{ source: 'drawn', date: '2026-03-16', base: 'EUR' },
      perBase: { SGD: '1.4676', KWD: '0.3567' },
    },
    quotes: DEALERS.map((dealer) => ({
      dealer,
      pairs: ['EUR/SGD', ...(twoPools ? [] : ['EUR/KWD'])],
      spreadBasisPoints: upTo(50),
      ...(chance(0.5) && { validMinutes: 30 + upTo(200) }),
      covers: Object.fromEntries(tradable.map((code) => [code, money(20_000)])),
    })),
    profiles: { day: { zone: 'UTC', parts: [{ from: '07:30', to: '16:30', weight: 1 }] } },
    traffic: [
      ...['EUR', 'SGD', 'KWD'].map((from) => ({
        ...{ name: `own-${from.toLowerCase()}`, from, paymentsPerDate: 30 + upTo(60) },
        ...{ kind: one(['customer', 'bank']), ...common() },
      })),
      ...tradable.slice(1).flatMap((to) =>
        [
          ['EUR', to],
          [to, 'EUR'],
        ].map(([a, b]) => ({
          ...{ name: `fx-${a}-${b}`.toLowerCase(), from: a, to: b, paymentsPerDate: upTo(40) },
          ...{ dealers: { DELRSG00: 1, DELRDE00: 1 }, ...common() },
        })),
      ),
    ],
    trades: [
      ...some(0.4, () => 'EUR/SGD').map((_, place) => ({
        ...{ name: `pvp-${place}`, delivers: 'EUR', receives: 'SGD', tradesPerDate: upTo(20) },
        ...{ ...common(), counterpartyAfterSeconds: upTo(3_000) },
        ...(chance(0.5) && { unmatchedEvery: 2 + upTo(5) }),
      })),
      ...(withSecurity
        ? [
            {
              ...{ name: 'bond', delivers: SECURITY, receives: 'EUR', tradesPerDate: 10 },
              ...{ profile: 'day', price: '98.75', counterpartyAfterSeconds: 60 },
              amounts: { median: '20', sigma: 0.5, min: '1', max: '300' },
            },
          ]
        : []),
    ],
    settlement: {
      mechanism,
      ...{ queue: one(['fifo', 'bypass-fifo']), atClose: one(['cancel', 'carry-over']) },
      cycle: one(CYCLES),
      ...(chance(0.2) && { certificates: true }),
      ...(chance(0.3) && { currencies: { SGD: { cycle: one(CYCLES), cyclesAt: ['11:30'] } } }),
      cycleEverySeconds: one([0, 600, 3_600]),
      ...(chance(0.5) && { cyclesAt: ['10:00', '12:00'] }),
      ...(chance(0.4) && { offsetting: { entry: chance(0.5), bilateral: chance(0.5) } }),
      ...(chance(0.3) && { onDefault: 'share-loss' }),
    },
    ...(chance(0.5) && { payments: { csv: 'listed.csv' } }),
    tickMs: 60_000,
    events: {
      outages: some(0.4, () => ({
        ...{ participant: bank(), from: '09:00' },
        ...(chance(0.7) && { until: '11:30' }),
        ...reaction,
      })).slice(0, 1),
      corruptSignatures: some(0.4, every),
      repeatMessages: some(0.5, () => ({ ...every(), afterSeconds: 1 + upTo(4_000) })),
      cancellations: some(0.4, () => ({ ...every(), afterSeconds: upTo(4_000) })),
      returns: randomReturns(seed),
      reorderings: some(0.4, () => ({
        ...every(),
        ...{ afterSeconds: upTo(2_000), priority: one(['high', 'normal']), first: chance(0.5) },
      })),
      creditLines: some(0.3, () => ({ participant: bank(), amount: money(3_000), ...at() })),
      issues: some(0.3, () => ({ participant: bank(), amount: money(3_000), ...at() })),
      redemptions: some(0.3, () => ({ participant: bank(), amount: money(3_000), ...at() })),
      limits: some(0.3, () => ({
        ...{ participant: BANKS[0], ...at() },
        ...(chance(0.5) && { counterparty: BANKS[1] }),
        ...(chance(0.7) && { amount: money(9_000) }),
      })),
      reservations: some(0.3, () => ({
        ...{ participant: bank(), priority: one(['urgent', 'high']), amount: money(900), ...at() },
      })),
      defaults: some(0.15, () => ({ participant: bank(), at: time() })).slice(0, 1),
      cycles: some(0.3, () => ({ at: time() })),
    },
  };
  return { ...document, ...randomAnomalies(seed, document.traffic) };
}
