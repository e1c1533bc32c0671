import { readFileSync } from 'node:fs';
import { type Case, testCases } from './cases.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

/** O decides; P is of a group before. One leg debits A, which has just enough. */
const ACCOUNTS = { 'A EUR': 100, 'B EUR': 0, 'C EUR': 0, 'O EUR': 0, 'P EUR': 0 } as const;
const CHAINS = { chainLegsMax: 16, conditions: true } as const;
const OPEN = ['open EUR 1', 'EUR opened'] as const;
const OF_ONE = 'link c1 A>B 100 EUR as 1/1 of x';
const ALONE = 'if 1(O) mandatory 1 promise';
const BEHIND_P = 'if 1(P)+1(O) mandatory 2 promise';
/** The chain is promised as it comes in. */
const PROMISED = [
  OPEN,
  [
    `${OF_ONE} ${ALONE} deadline 5000 earmark acceptance until 6000 till 7000`,
    ...['c1 matched', 'c1 earmarked', 'c1 promised'],
  ],
] as const;
/** P has said nothing yet. */
const UNPROMISED = [
  OPEN,
  [`${OF_ONE} ${BEHIND_P} earmark acceptance`, 'c1 matched', 'c1 earmarked'],
] as const;
const SETTLED = ['c1 triggered', 'c1 settled earmark'] as const;
const RELEASED = ['c1 released conditionRefused', 'c1 cancelled conditionRefused'] as const;
const paid = { 'A EUR': 0, 'B EUR': 100 } as const;
const kept = { 'A EUR': 100, 'B EUR': 0 } as const;

const ended = (reason: string): string[] => [`c1 released ${reason}`, `c1 cancelled ${reason}`];

type PromiseCase = Omit<Case, 'accounts'> & Partial<Pick<Case, 'accounts'>>;

const CASES: readonly PromiseCase[] = [
  {
    name: 'promised: the decision settles it, once',
    rows: [
      ...PROMISED,
      ['attest a1 O accepts x', 'a1 attested', ...SETTLED],
      ['attest a2 O accepts x', 'a2 rejected chainUnknown'],
    ],
    after: paid,
  },
  {
    name: 'promised: the decision releases it',
    rows: [
      ...PROMISED,
      ['attest a1 O refuses x', 'a1 attested', ...RELEASED],
      ['attest a2 O accepts x', 'a2 rejected chainUnknown'],
      ['pay p1 A>C 100 EUR', 'p1 settled entry'],
    ],
    after: { 'A EUR': 0, 'C EUR': 100 },
  },
  {
    name: 'deadline, expiry and latest time end nothing that is promised, and its money is nobody else’s',
    rows: [
      ...PROMISED,
      ['at 8000'],
      ['pay p1 A>C 1 EUR', 'p1 queued'],
      ['redeem A EUR 1', 'refused fundsInsufficient'],
      ['attest a1 O accepts x', 'a1 attested', ...SETTLED],
    ],
    after: paid,
  },
  {
    name: 'its bank does not cancel it; one that is not promised yet it does',
    rows: [
      ...UNPROMISED,
      ['cancel k1 c1', ...ended('cancelledByDebtorAgent')],
      [
        `link c2 A>B 100 EUR as 1/1 of y ${ALONE} earmark acceptance`,
        ...['c2 matched', 'c2 earmarked', 'c2 promised'],
      ],
      ['cancel k2 c2', 'k2 rejected promised'],
      ['attest a1 O accepts y', 'a1 attested', 'c2 triggered', 'c2 settled earmark'],
    ],
    after: paid,
  },
  {
    name: 'it stays over a close that cancels, and settles while its currency is closed',
    rows: [
      ...PROMISED,
      ['close EUR 1', 'EUR closed, 0 unsettled'],
      ['attest a1 O accepts x', 'a1 attested', ...SETTLED],
    ],
    after: paid,
  },
  {
    name: 'it stays over a close that carries over, and the next opening',
    rules: { atClose: 'carryOver' },
    rows: [
      ...PROMISED,
      ['close EUR 1', 'EUR closed, 0 unsettled'],
      ['open EUR 2', 'EUR opened'],
      ['attest a1 O refuses x', 'a1 attested', ...RELEASED],
    ],
    after: kept,
  },
  {
    name: 'it stays over the default of who pays, and is paid',
    rows: [
      ...PROMISED,
      ['default A EUR', 'A EUR defaulted, 0 short'],
      ['attest a1 O accepts x', 'a1 attested', ...SETTLED],
    ],
    after: paid,
  },
  {
    name: 'not promised before its money is there and the other groups hold: till then it is refused, not accepted',
    accounts: { ...ACCOUNTS, 'A EUR': 99 },
    rows: [
      OPEN,
      [`${OF_ONE} ${BEHIND_P} earmark acceptance`, 'c1 matched'],
      ['attest a1 O accepts x', 'a1 rejected notPromised'],
      ['issue A EUR 1', 'issued', 'c1 earmarked'],
      ['attest a2 O accepts x', 'a2 rejected notPromised'],
      ['attest a3 P accepts x', 'a3 attested', 'c1 promised'],
      ['attest a4 P refuses x', 'a4 rejected conditionDecided'],
      ['attest a5 O holds x', 'a5 attested'],
      ['attest a6 O accepts x', 'a6 attested', ...SETTLED],
    ],
    after: paid,
  },
  {
    name: 'what was accepted until an instant before the promise stays met behind it',
    rows: [
      ...UNPROMISED,
      ['attest a1 P accepts x until 5000', 'a1 attested', 'c1 promised'],
      ['at 8000'],
      ['attest a2 O accepts x', 'a2 attested', ...SETTLED],
    ],
    after: paid,
  },
  {
    name: 'not promised by its deadline it ends',
    rows: [
      OPEN,
      [`${OF_ONE} ${BEHIND_P} deadline 5000 earmark acceptance`, ...['c1 matched', 'c1 earmarked']],
      ['at 5000', ...ended('conditionUnmet')],
    ],
    after: kept,
  },
  {
    name: 'not promised by its expiry it ends',
    rows: [
      OPEN,
      [`${OF_ONE} ${BEHIND_P} earmark acceptance until 6000`, ...['c1 matched', 'c1 earmarked']],
      ['at 6000', ...ended('earmarkExpired')],
    ],
    after: kept,
  },
  {
    name: 'not promised, it ends by the refusal of who decides',
    rows: [...UNPROMISED, ['attest a1 O refuses x', 'a1 attested', ...RELEASED]],
    after: kept,
  },
  {
    name: 'what names another record of leg 1 is of another chain with the same terms',
    rows: [
      ...PROMISED,
      ['attest a1 O accepts x at 13', 'a1 rejected chainUnknown'],
      ['attest a2 O refuses x at 14', 'a2 attested', ...RELEASED],
    ],
    after: kept,
  },
  {
    name: 'terms that promise set money aside as they come in, end at the expiry, and ask for all groups',
    rows: [
      OPEN,
      ...[
        `${ALONE} earmark trigger`,
        `${ALONE} earmark acceptance until 6000 continue`,
        'if 1(O) promise earmark acceptance',
        `${ALONE} deadline 5000 silence earmark acceptance`,
        ALONE,
      ].map(
        (terms, n) =>
          [`link c${n} A>B 100 EUR as 1/1 of x ${terms}`, `c${n} rejected formatInvalid`] as const,
      ),
    ],
  },
  {
    name: 'under a cap what is promised has used its time until the expiry, whenever it ends',
    rules: { earmarkCap: 500 },
    rows: [
      OPEN,
      [
        `${OF_ONE} ${ALONE} earmark acceptance until 3000`,
        ...['c1 matched', 'c1 earmarked', 'c1 promised'],
      ],
      ['at 1000'],
      ['attest a1 O refuses x', 'a1 attested', ...RELEASED],
      [
        `link c2 A>B 100 EUR as 1/1 of y ${ALONE} earmark acceptance until 4000`,
        ...['c2 matched', 'c2 cancelled earmarkCapReached'],
      ],
    ],
    after: kept,
  },
  {
    name: 'under a cap what is promised may last beyond its expiry, and the next date',
    rules: { earmarkCap: 500 },
    rows: [
      OPEN,
      [
        `${OF_ONE} ${ALONE} earmark acceptance until 3000`,
        ...['c1 matched', 'c1 earmarked', 'c1 promised'],
      ],
      ['at 9000'],
      ['close EUR 1', 'EUR closed, 0 unsettled'],
      ['open EUR 2', 'EUR opened'],
      ['attest a1 O accepts x', 'a1 attested', ...SETTLED],
    ],
    after: paid,
  },
  {
    name: 'several legs are promised together, and settle together',
    accounts: { ...ACCOUNTS, 'B EUR': 9 },
    rows: [
      OPEN,
      [`link c1 A>B 100 EUR as 1/2 of x ${ALONE} earmark acceptance`, 'c1 queued'],
      [
        `link c2 B>C 10 EUR as 2/2 of x ${ALONE} earmark acceptance till 5000`,
        ...['c1 matched', 'c2 matched', 'c1 earmarked'],
      ],
      ['issue B EUR 1', 'issued', 'c2 earmarked', 'c1 promised', 'c2 promised'],
      ['at 6000'],
      [
        'attest a1 O accepts x of 2',
        ...['a1 attested', 'c1 triggered', 'c2 triggered'],
        ...['c1 settled earmark', 'c2 settled earmark'],
      ],
    ],
    after: { 'A EUR': 0, 'B EUR': 100, 'C EUR': 10 },
  },
];

testCases(
  wasm,
  CASES.map((one) => ({ accounts: ACCOUNTS, ...one, rules: { ...CHAINS, ...one.rules } })),
  { restarts: true },
);
