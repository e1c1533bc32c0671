import { readFileSync } from 'node:fs';
import { type Case, testCases } from './cases.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

const CHAINS = { chainLegsMax: 16, conditions: true } as const;
/** EUR from A to B, USD from B to C: one minor unit of USD is missing. */
const SHORT = { 'A EUR': 100, 'B EUR': 0, 'C EUR': 0, 'B USD': 109, 'C USD': 0 } as const;
const OPEN = [
  ['open EUR 1', 'EUR opened'],
  ['open USD 1', 'USD opened'],
] as const;
const rowsOf = (terms: string) =>
  [
    [`link c1 A>B 100 EUR as 1/2 of x ${terms}`, 'c1 queued'],
    [`link c2 B>C 110 USD as 2/2 of x ${terms}`, 'c1 matched', 'c2 matched', 'c1 earmarked'],
  ] as const;
/** A's EUR is set aside, B's USD is to come. */
const PART = [...OPEN, ...rowsOf('earmark acceptance')] as const;
const PAIRS = ['A', 'B', 'C', 'D', 'E'].flatMap((from) =>
  ['A', 'B', 'C', 'D', 'E'].flatMap((to) => (from === to ? [] : [[from, to] as const])),
);
const ENDS = (leg: string): string => `${leg} cancelled earmarkCapReached`;
const WITHOUT = (leg: string): string => `${leg} notEarmarked earmarkCapReached`;
const EXPIRED = (leg: string): string => `${leg} cancelled earmarkExpired`;
const ENDED = (leg: string, other: string): string[] => [
  `${leg} cancelled cancelledByDebtorAgent`,
  `${other} cancelled matchCancelled`,
];
const FREED = ['pay p1 A>C 100 EUR', 'p1 settled entry'] as const;
const SETTLED = ['c1 settled earmark', 'c2 settled earmark'] as const;

type EarmarkCase = Omit<Case, 'accounts'> & Partial<Pick<Case, 'accounts'>>;

const CASES: readonly EarmarkCase[] = [
  {
    name: 'money is set aside leg by leg, nothing else can take it, and all settles with the last leg',
    rows: [
      ...PART,
      ['pay p1 A>C 1 EUR', 'p1 queued'],
      ['redeem A EUR 1', 'refused fundsInsufficient'],
      ['link c3 A>B 100 EUR as 1/2 of x earmark acceptance', 'c3 rejected legInstructed'],
      ['link c4 B>C 110 USD as 2/2 of x earmark acceptance', 'c4 rejected legInstructed'],
      ['issue B USD 1', 'issued', 'c2 earmarked', ...SETTLED],
      ['again c1', 'c1 repeated: settled'],
    ],
    after: { 'A EUR': 0, 'B EUR': 100, 'B USD': 0, 'C USD': 110 },
  },
  {
    name: 'all of it is there as the last leg comes in: earmarked and settled at once',
    accounts: { ...SHORT, 'B USD': 110 },
    rows: [
      ...OPEN,
      ['link c1 A>B 100 EUR as 1/2 of x earmark acceptance', 'c1 queued'],
      [
        'link c2 B>C 110 USD as 2/2 of x earmark acceptance',
        ...['c1 matched', 'c2 matched', 'c1 earmarked', 'c2 earmarked', ...SETTLED],
      ],
    ],
    after: { 'A EUR': 0, 'C USD': 110 },
  },
  {
    name: 'gross: what a chain brings in does not fund what it takes',
    accounts: { 'A EUR': 10, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['link c1 A>B 10 EUR as 1/2 of x earmark acceptance', 'c1 queued'],
      [
        'link c2 B>A 10 EUR as 2/2 of x earmark acceptance',
        ...['c1 matched', 'c2 matched', 'c1 earmarked'],
      ],
      ['issue B EUR 10', 'issued', 'c2 earmarked', ...SETTLED],
    ],
    after: { 'A EUR': 10, 'B EUR': 10 },
  },
  {
    name: 'expiry before the money: all is released and all legs end; money a moment later finds none',
    rows: [
      ...OPEN,
      ...rowsOf('earmark acceptance until 5000'),
      ['pay p1 A>C 100 EUR', 'p1 queued'],
      [
        'at 5000',
        ...['c1 released earmarkExpired', 'c1 cancelled earmarkExpired'],
        ...['c2 cancelled earmarkExpired', 'p1 settled queue'],
      ],
      ['issue B USD 1', 'issued'],
    ],
    after: { 'A EUR': 0, 'C EUR': 100, 'B USD': 110 },
  },
  {
    name: 'money before the expiry, in the order of the log: the chain has settled, nothing expires',
    rows: [
      ...OPEN,
      ...rowsOf('earmark acceptance until 5000'),
      ['at 4999'],
      ['issue B USD 1', 'issued', 'c2 earmarked', ...SETTLED],
      ['at 5000'],
    ],
    after: { 'C USD': 110 },
  },
  {
    name: 'after the expiry the chain goes on without: it queues as any chain, and only the net is needed',
    rows: [
      ...OPEN,
      ...rowsOf('earmark acceptance until 5000 continue'),
      ['at 5000', 'c1 released earmarkExpired'],
      ['issue B USD 1', 'issued', 'c1 settled queue', 'c2 settled queue'],
    ],
    after: { 'A EUR': 0, 'C USD': 110 },
  },
  {
    name: 'cancelled while part of it is earmarked, by the bank of either leg',
    rows: [
      ...PART,
      [
        'cancel k1 c2',
        ...['c1 released cancelledByDebtorAgent', 'c2 cancelled cancelledByDebtorAgent'],
        'c1 cancelled matchCancelled',
      ],
      [...FREED],
      ['issue B USD 1', 'issued'],
      ['cancel k2 c1', 'k2 rejected paymentFinal'],
    ],
    after: { 'C EUR': 100, 'B USD': 110 },
  },
  {
    name: 'the latest time of one leg ends all, the expiry after it finds nothing',
    rows: [
      ...OPEN,
      ...rowsOf('earmark acceptance until 5000 till 4000'),
      [
        'at 4000',
        ...['c1 released latestTimePassed', 'c1 cancelled latestTimePassed'],
        'c2 cancelled matchCancelled',
      ],
      ['at 5000'],
      [...FREED],
    ],
  },
  {
    name: 'a default of a debited bank while earmarked',
    rows: [
      ...PART,
      [
        'default B USD',
        ...['B USD defaulted, 0 short', 'c1 released participantDefaulted'],
        ...['c1 cancelled matchCancelled', 'c2 cancelled participantDefaulted'],
      ],
      [...FREED],
    ],
  },
  {
    name: 'a close of one of the currencies while earmarked',
    rows: [
      ...PART,
      [
        'close USD 1',
        ...['c1 released cancelledAtClose', 'c1 cancelled cancelledAtClose'],
        ...['c2 cancelled cancelledAtClose', 'USD closed, 2 unsettled'],
      ],
      [...FREED],
    ],
  },
  {
    name: 'carried over at a close: released, and funded anew after the next opening',
    rules: { atClose: 'carryOver' },
    rows: [
      ...PART,
      ['close USD 1', 'c1 released', 'c1 carriedOver', 'c2 carriedOver', 'USD closed, 2 unsettled'],
      ['issue B USD 1', 'issued'],
      ['open USD 2', 'USD opened', 'c1 earmarked', 'c2 earmarked', ...SETTLED],
    ],
    after: { 'A EUR': 0, 'C USD': 110 },
  },
  {
    name: 'a leg that waits holds what stands behind it, under FIFO, and is funded in its turn',
    rows: [
      ...OPEN,
      ['pay p0 B>C 120 USD', 'p0 queued'],
      ['link c1 A>B 100 EUR as 1/2 of x earmark acceptance', 'c1 queued'],
      [
        'link c2 B>C 100 USD as 2/2 of x earmark acceptance',
        ...['c1 matched', 'c2 matched', 'c1 earmarked'],
      ],
      ['pay p1 B>C 1 USD', 'p1 queued'],
      ['issue B USD 111', 'issued', 'p0 settled queue', 'c2 earmarked', ...SETTLED],
      ['issue B USD 1', 'issued', 'p1 settled queue'],
    ],
  },
  {
    name: 'two legs of one bank stand one behind the other, each for itself',
    accounts: { 'A EUR': 50, 'B EUR': 0, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['link c1 A>B 60 EUR as 1/2 of x earmark acceptance', 'c1 queued'],
      ['link c2 A>C 40 EUR as 2/2 of x earmark acceptance', 'c1 matched', 'c2 matched'],
      ['issue A EUR 10', 'issued', 'c1 earmarked'],
      ['issue A EUR 40', 'issued', 'c2 earmarked', ...SETTLED],
    ],
    after: { 'A EUR': 0, 'B EUR': 60, 'C EUR': 40 },
  },
  {
    name: 'under bypass FIFO the second leg passes the first and what does not fit, and both end together',
    rules: { queueRule: 'bypassFifo' },
    accounts: { 'A EUR': 50, 'B EUR': 0, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['link c1 A>B 60 EUR as 1/2 of x earmark acceptance', 'c1 queued'],
      [
        'link c2 A>C 40 EUR as 2/2 of x earmark acceptance',
        ...['c1 matched', 'c2 matched', 'c2 earmarked'],
      ],
      ['pay p1 A>B 20 EUR', 'p1 queued'],
      [
        'cancel k1 c1',
        ...['c2 released cancelledByDebtorAgent', 'c1 cancelled cancelledByDebtorAgent'],
        ...['c2 cancelled matchCancelled', 'p1 settled queue'],
      ],
    ],
  },
  {
    name: 'a lowered line undoes no earmark: what is set aside settles, and free money stays what it was',
    accounts: { 'A EUR': [0, 100] as const, 'B EUR': 0, 'B USD': 109, 'C USD': 0 },
    rows: [
      ...PART,
      ['line A EUR 0', 'creditLineSet'],
      ['issue B USD 1', 'issued', 'c2 earmarked', ...SETTLED],
      ['issue A EUR 100', 'issued'],
      ['pay p1 A>B 1 EUR', 'p1 queued'],
    ],
    after: { 'A EUR': 0, 'B EUR': 100 },
  },
  {
    name: 'a limit counts out at the earmark and back at the release',
    rows: [
      ...OPEN,
      ['limit l1 A>B EUR 100', 'l1 limitSet, 0 counted'],
      ['issue A EUR 100', 'issued'],
      ...rowsOf('earmark acceptance'),
      ['limit l2 A>B EUR 120', 'l2 limitSet, 100 counted'],
      ['pay p1 A>B 21 EUR', 'p1 queued'],
      [
        'cancel k1 c1',
        ...['c1 released cancelledByDebtorAgent', 'c1 cancelled cancelledByDebtorAgent'],
        ...['c2 cancelled matchCancelled', 'p1 settled queue'],
      ],
      ['limit l3 A>B EUR 120', 'l3 limitSet, 21 counted'],
    ],
  },
  {
    name: 'a limit set anew over an earmark does not count its release back',
    rows: [
      ...OPEN,
      ['limit l1 A>B EUR 100', 'l1 limitSet, 0 counted'],
      ...rowsOf('earmark acceptance'),
      ['limit l2 A>B EUR -1', 'l2 limitSet, 0 counted'],
      ['limit l3 A>B EUR 50', 'l3 limitSet, 0 counted'],
      [
        'cancel k1 c1',
        ...['c1 released cancelledByDebtorAgent', 'c1 cancelled cancelledByDebtorAgent'],
        'c2 cancelled matchCancelled',
      ],
      ['limit l4 A>B EUR 50', 'l4 limitSet, 0 counted'],
    ],
  },
  {
    name: 'gridlock resolution holds a leg that waits, what stands behind it, and sees free money only',
    rules: { gridlockResolution: true },
    accounts: { 'A EUR': 100, 'B EUR': 0, 'C EUR': 0, 'B USD': 0, 'C USD': 0 },
    rows: [
      ...PART,
      ['pay p1 A>B 50 EUR', 'p1 queued'],
      ['pay p2 B>A 50 EUR', 'p2 queued'],
      ['pay p3 B>C 10 USD', 'p3 queued'],
      ['pay p4 C>B 10 USD', 'p4 queued'],
      [
        'cycle',
        'cycle 1 resolved: 2 settled, 3 left',
        'p1 settled gridlockResolution',
        'p2 settled gridlockResolution',
      ],
    ],
  },
  {
    name: 're-ordered while it is funded: the leg that waits moves, the earmark stays',
    rows: [
      ...PART,
      ['pay p1 B>C 110 USD', 'p1 queued'],
      ['reorder r1 c2 normal', 'r1 reordered'],
      ['issue B USD 1', 'issued', 'p1 settled queue'],
      ['issue B USD 110', 'issued', 'c2 earmarked', ...SETTLED],
    ],
  },
  ...[1n, 10n ** 16n].map(
    (times): EarmarkCase => ({
      name: `a cap on amount x time: what is unused is given back, and the next day begins anew (100 x ${times})`,
      rules: { earmarkCap: Number(500n * times) },
      accounts: { 'A EUR': 100n * times, 'B EUR': 0, 'B USD': 0, 'A USD': 0 },
      rows: [
        ...OPEN,
        // 100 for 5 s are the cap; 100 for 4 s then are beyond it, until all but 2 s of the first are given back.
        [`link c1 A>B ${100n * times} EUR as 1/2 of x earmark acceptance until 5000`, 'c1 queued'],
        [
          'link c2 B>A 1 USD as 2/2 of x earmark acceptance until 5000',
          ...['c1 matched', 'c2 matched', 'c1 earmarked'],
        ],
        ['at 2000'],
        ['cancel k1 c1', 'c1 released cancelledByDebtorAgent', ...ENDED('c1', 'c2')],
        [`link d1 A>B ${100n * times} EUR as 1/2 of y earmark acceptance until 6000`, 'd1 queued'],
        [
          'link d2 B>A 1 USD as 2/2 of y earmark acceptance until 6000',
          ...['d1 matched', 'd2 matched'],
          ...['d1 cancelled earmarkCapReached', 'd2 cancelled earmarkCapReached'],
        ],
        [`link e1 A>B ${100n * times} EUR as 1/2 of z earmark acceptance until 5000`, 'e1 queued'],
        [
          'link e2 B>A 1 USD as 2/2 of z earmark acceptance until 5000',
          ...['e1 matched', 'e2 matched', 'e1 earmarked'],
        ],
        ['at 5000', 'e1 released earmarkExpired', ...['e1', 'e2'].map(EXPIRED)],
        ['link f1 A>B 1 EUR as 1/2 of u earmark acceptance until 6000', 'f1 queued'],
        [
          'link f2 B>A 1 USD as 2/2 of u earmark acceptance until 6000',
          ...['f1 matched', 'f2 matched'],
          ...['f1 cancelled earmarkCapReached', 'f2 cancelled earmarkCapReached'],
        ],
        ['close EUR 1', 'EUR closed, 0 unsettled'],
        ['open EUR 2', 'EUR opened'],
        [`link g1 A>B ${100n * times} EUR as 1/2 of v earmark acceptance until 9000`, 'g1 queued'],
        [
          'link g2 B>A 1 USD as 2/2 of v earmark acceptance until 9000',
          ...['g1 matched', 'g2 matched', 'g1 earmarked'],
        ],
        ['issue B USD 1', 'issued', 'g2 earmarked', 'g1 settled earmark', 'g2 settled earmark'],
      ],
    }),
  ),
  {
    name: 'what waits to be set aside counts until the expiry, and from when it was only then',
    rules: { earmarkCap: 400 },
    accounts: { 'A EUR': 0, 'B EUR': 100, 'B USD': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['link c1 A>B 100 EUR as 1/2 of x earmark acceptance until 4000', 'c1 queued'],
      [
        'link c2 B>A 1 EUR as 2/2 of x earmark acceptance until 4000',
        ...['c1 matched', 'c2 matched', 'c2 earmarked'],
      ],
      // A's leg has used nothing, but could.
      ['link d1 A>B 1 EUR as 1/2 of y earmark acceptance until 1000', 'd1 queued'],
      [
        'link d2 B>A 1 EUR as 2/2 of y earmark acceptance until 1000',
        ...['d1 matched', 'd2 matched'],
        ...['d1 cancelled earmarkCapReached', 'd2 cancelled earmarkCapReached'],
      ],
      ['at 3000'],
      ['issue A EUR 100', 'issued', 'c1 earmarked', 'c1 settled earmark', 'c2 settled earmark'],
      // B's 1 was set aside for 3 s, A's 100 for none: 400 and 397 are left.
      [
        'link e1 A>B 1 EUR as 1/1 of z if 1(B) earmark acceptance until 402000',
        'e1 matched',
        'e1 earmarked',
      ],
      [
        'link f1 B>A 1 EUR as 1/1 of u if 1(B) earmark acceptance until 401000',
        'f1 matched',
        ENDS('f1'),
      ],
      [
        'link g1 B>A 1 EUR as 1/1 of v if 1(B) earmark acceptance until 400000',
        'g1 matched',
        'g1 earmarked',
      ],
    ],
  },
  {
    name: 'beyond the cap a chain goes on without earmarks where its terms say so; one without an expiry is beyond any',
    rules: { earmarkCap: 1 },
    accounts: { ...SHORT, 'B USD': 110 },
    rows: [
      ...OPEN,
      ['link c1 A>B 100 EUR as 1/2 of x earmark acceptance', 'c1 rejected earmarkCapReached'],
      ['link c2 A>B 100 EUR as 1/2 of x earmark acceptance until 5000 continue', 'c2 queued'],
      [
        'link c3 B>C 110 USD as 2/2 of x earmark acceptance until 5000 continue',
        ...['c2 matched', 'c3 matched', WITHOUT('c2'), WITHOUT('c3')],
        ...['c2 settled entry', 'c3 settled entry'],
      ],
    ],
    after: { 'A EUR': 0, 'C USD': 110 },
  },
  {
    name: 'a leg beyond the cap takes the others of its chain along, which have used nothing then',
    rules: { earmarkCap: 5 },
    accounts: { 'A EUR': 9, 'B EUR': 9, 'C EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['link c1 A>B 1 EUR as 1/2 of x if 1(C) earmark acceptance until 5000', 'c1 queued'],
      [
        'link c2 A>B 1 EUR as 2/2 of x if 1(C) earmark acceptance until 5000',
        ...['c1 matched', 'c2 matched', ENDS('c1'), ENDS('c2')],
      ],
      [
        'link d1 A>B 1 EUR as 1/1 of y if 1(C) earmark acceptance until 5000',
        'd1 matched',
        'd1 earmarked',
      ],
    ],
  },
  {
    name: 'a quarter of the live payments, and 16, pairs can have a use in a date',
    rules: { earmarkCap: 1000, livePaymentsMax: 8 },
    accounts: { 'A EUR': 50, 'B EUR': 50, 'C EUR': 50, 'D EUR': 50, 'E EUR': 50 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ...PAIRS.slice(0, 18).flatMap(([from, to], at): [string, ...string[]][] => [
        [
          `link c${at} ${from}>${to} 1 EUR as 1/1 of x${at} if 1(A) earmark acceptance until 5000`,
          `c${at} matched`,
          `c${at} earmarked`,
        ],
        [
          `attest a${at} A accepts x${at}`,
          `a${at} attested`,
          `c${at} triggered`,
          `c${at} settled earmark`,
        ],
      ]),
      [
        'link d E>C 1 EUR as 1/1 of y if 1(A) earmark acceptance until 5000',
        'd matched',
        ENDS('d'),
      ],
      [
        'link e A>B 1 EUR as 1/1 of z if 1(A) earmark acceptance until 5000',
        'e matched',
        'e earmarked',
      ],
    ],
  },
  {
    name: 'limits across currencies count what is set aside as owed, before it settles',
    accounts: { 'A EUR': [0, 100], 'A USD': [0, 100], 'B EUR': 0, 'B USD': 0 },
    rows: [
      ...OPEN,
      ['value EUR 2', 'valuationSet'],
      ['value USD 1', 'valuationSet'],
      ['across A EUR short 30 pooled none', 'crossLimitSet'],
      ['link c1 A>B 31 EUR as 1/1 of x if 1(B) earmark acceptance', 'c1 matched'],
      ['across A EUR short 31 pooled none', 'crossLimitSet', 'c1 earmarked'],
      ['pay p1 A>B 1 USD', 'p1 queued'],
      [
        'cancel k1 c1',
        ...['c1 released cancelledByDebtorAgent', 'c1 cancelled cancelledByDebtorAgent'],
        'p1 settled queue',
      ],
    ],
    after: { 'A EUR': 0, 'A USD': -1 },
  },
  {
    name: 'a net is paid out of free money: who has set it aside for a chain fails, and the chain ends',
    rules: { cycle: 'deferredNet' },
    accounts: { 'A EUR': 100, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['link c1 A>B 95 EUR as 1/1 of x if 1(B) earmark acceptance', 'c1 matched', 'c1 earmarked'],
      ['pay p1 A>B 5 EUR', 'p1 accepted'],
      [
        'cycle EUR',
        ...['cycle 1 netted: 1 settled, 0 unwound', 'A EUR netted -5', 'B EUR netted 5'],
        'p1 settled deferredNet',
      ],
      ['pay p2 A>B 1 EUR', 'p2 accepted'],
      [
        'cycle EUR',
        ...['cycle 2 all unwound: 0 settled, 1 unwound', 'A EUR defaulted, 1 short'],
        ...['p2 unwound participantDefaulted', 'c1 released participantDefaulted'],
        'c1 cancelled participantDefaulted',
      ],
    ],
    after: { 'A EUR': 95, 'B EUR': 5 },
  },
  {
    name: 'offsetting counts free money, and a leg that waits to be set aside is no payment back',
    rules: { entryOffsetting: true },
    accounts: { 'A EUR': 100, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['link c1 A>B 100 EUR as 1/1 of x if 1(B) earmark acceptance', 'c1 matched', 'c1 earmarked'],
      ['pay p1 B>A 50 EUR', 'p1 queued'],
      ['pay p2 A>B 51 EUR', 'p2 queued'],
      ['cancel k2 p2', 'p2 cancelled cancelledByDebtorAgent'],
      ['pay p3 A>B 50 EUR', 'p3 settled entryOffsetting', 'p1 settled entryOffsetting'],
      ['link c2 B>A 50 EUR as 1/1 of y if 1(B) earmark acceptance', 'c2 matched'],
      ['pay p4 A>B 50 EUR', 'p4 queued'],
    ],
    after: { 'A EUR': 100, 'B EUR': 0 },
  },
  {
    name: 'a leg that waits to be set aside is in no proposed set; what stands behind it can be',
    rules: { cycle: 'proposed' },
    accounts: { 'A EUR': 0, 'B EUR': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      ['link c1 A>B 5 EUR as 1/1 of x if 1(B) earmark acceptance', 'c1 matched'],
      ['pay p1 A>B 5 EUR', 'p1 queued'],
      ['pay p2 B>A 5 EUR', 'p2 queued'],
      [
        'propose c1 p2 / p1 p2',
        'cycle 1 resolved: 2 settled, 1 left',
        ...['set 1 refused paymentUnknown: 8', 'p1 settled proposed', 'p2 settled proposed'],
      ],
    ],
  },
  {
    name: 'terms that there cannot be',
    rows: [
      ...OPEN,
      ['link c1 A>B 1 EUR as 1/2 of x earmark settlement until 5000', 'c1 rejected formatInvalid'],
      ['link c2 A>B 1 EUR as 1/2 of x earmark acceptance continue', 'c2 rejected formatInvalid'],
      ['link c3 A>B 1 EUR as 1/2 of x earmark acceptance until 0', 'c3 rejected timesInvalid'],
      [
        'link c4 A>B 1 EUR as 1/2 of x earmark acceptance until 5000 from 5000',
        'c4 rejected timesInvalid',
      ],
    ],
  },
  {
    name: 'a network without conditions has no earmarks',
    rules: { conditions: false },
    rows: [
      ...OPEN,
      [
        'link c1 A>B 1 EUR as 1/2 of x earmark acceptance',
        'refused recordInvalid',
        'c1 rejected formatInvalid',
      ],
    ],
  },
];

testCases(
  wasm,
  CASES.map((one) => ({ accounts: SHORT, ...one, rules: { ...CHAINS, ...one.rules } })),
  { restarts: true },
);
