import { readFileSync } from 'node:fs';
import { type Case, testCases } from './cases.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
const CONDITIONS = { chainLegsMax: 16, conditions: true } as const;
/** EUR from A to B, USD from B to A; O, P, Q and R attest, and are no banks of the chain. */
const BANKS = {
  ...{ 'A EUR': 100, 'A USD': 0, 'B EUR': 0, 'B USD': 110 },
  ...{ 'O XAU': 0, 'P XAU': 0, 'Q XAU': 0, 'R XAU': 0 },
} as const;
const OPEN = [
  ['open EUR 1', 'EUR opened'],
  ['open USD 1', 'USD opened'],
] as const;
const IF = (condition: string) =>
  [
    [`link c1 A>B 100 EUR as 1/2 of x if ${condition}`, 'c1 queued'],
    [`link c2 B>A 110 USD as 2/2 of x if ${condition}`, 'c1 matched', 'c2 matched'],
  ] as const;
const TRIGGERED = ['c1 triggered', 'c2 triggered'] as const;
const SETTLED = ['c1 settled entry', 'c2 settled entry'] as const;
const ended = (reason: string) => [`c1 cancelled ${reason}`, `c2 cancelled ${reason}`];
const paid = { 'A EUR': 0, 'A USD': 110, 'B EUR': 100, 'B USD': 0 };
const kept = { 'A EUR': 100, 'A USD': 0, 'B EUR': 0, 'B USD': 110 };
const of2 = 'of 2';

const CASES: readonly Case[] = [
  {
    name: 'a chain settles with the attestation with which its condition is met, and nothing counts behind it',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ...IF('2(O,P,Q)'),
      [`attest a1 O accepts x ${of2}`, 'a1 attested'],
      ['again a1', 'a1 repeated: attested'],
      [`attest a2 O accepts x ${of2}`, 'a2 rejected attested'],
      [`attest a3 R accepts x ${of2}`, 'a3 rejected notAttestor'],
      [`attest a4 Q accepts x ${of2}`, 'a4 attested', ...TRIGGERED, ...SETTLED],
      [`attest a5 P accepts x ${of2}`, 'a5 rejected chainUnknown'],
    ],
    after: paid,
  },
  {
    name: 'what was attested before the last leg came counts; of other terms, dates and numbers of legs it does not',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      [`attest a0 O accepts x ${of2}`, 'a0 rejected chainUnknown'],
      ['link c1 A>B 100 EUR as 1/2 of x if 1(O)', 'c1 queued'],
      ['attest a1 O accepts y of 2', 'a1 rejected chainUnknown'],
      ['attest a2 O accepts x of 3', 'a2 rejected chainUnknown'],
      ['attest a3 O accepts x of 2 date 2', 'a3 rejected chainUnknown'],
      [`attest a4 O accepts x ${of2}`, 'a4 attested'],
      [
        'link c2 B>A 110 USD as 2/2 of x if 1(O)',
        ...['c1 matched', 'c2 matched', ...TRIGGERED, ...SETTLED],
      ],
      // The same terms once more are a chain of their own: nothing was attested of it.
      ['link c3 A>B 100 EUR as 1/2 of x if 1(O)', 'c3 queued'],
      ['link c4 B>A 110 USD as 2/2 of x if 1(O)', 'c3 matched', 'c4 matched'],
      ['cancel k c3', 'c3 cancelled cancelledByDebtorAgent', 'c4 cancelled matchCancelled'],
      [`attest a5 O accepts x ${of2}`, 'a5 rejected chainUnknown'],
    ],
    after: paid,
  },
  {
    name: 'a refusal dominates: it follows an acceptance, nothing follows it, and a chain that cannot settle ends',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ...IF('2(O,P,Q)'),
      [`attest a1 O accepts x ${of2}`, 'a1 attested'],
      [`attest a2 O refuses x ${of2}`, 'a2 attested'],
      [`attest a3 O accepts x ${of2}`, 'a3 rejected attested'],
      [`attest a4 P holds x ${of2}`, 'a4 attested'],
      [`attest a5 P holds x ${of2}`, 'a5 rejected attested'],
      [`attest a6 P refuses x ${of2}`, 'a6 attested', ...ended('conditionRefused')],
      [`attest a7 Q accepts x ${of2}`, 'a7 rejected chainUnknown'],
    ],
    after: kept,
  },
  {
    name: 'legs that wait for others end with a refusal too',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['link c1 A>B 100 EUR as 1/2 of x if 2(O,P)', 'c1 queued'],
      [`attest a1 P refuses x ${of2}`, ...['a1 attested', 'c1 cancelled conditionRefused']],
      ['link c2 B>A 110 USD as 2/2 of x if 2(O,P)', 'c2 queued'],
    ],
    after: kept,
  },
  {
    name: 'and, or, and groups that must hold: one of the oracles, and each who looks before',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ...IF('1(R)+1(O)+2(P,Q) mandatory 1 root 1'),
      [`attest a1 P accepts x ${of2}`, 'a1 attested'],
      [`attest a2 Q accepts x ${of2}`, 'a2 attested'],
      [`attest a3 R accepts x ${of2}`, 'a3 attested', ...TRIGGERED, ...SETTLED],
    ],
    after: paid,
  },
  {
    name: 'one attestor in two groups says one thing in both',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ...IF('1(O,P)+1(O,Q)'),
      [`attest a1 O accepts x ${of2}`, 'a1 attested', ...TRIGGERED, ...SETTLED],
    ],
    after: paid,
  },
  {
    name: 'silence to the deadline: the chain ends at that instant, and before anything of it',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ...IF('2(O,P) deadline 5000'),
      [`attest a1 O accepts x ${of2}`, 'a1 attested'],
      ['at 4999'],
      ['at 5000', ...ended('conditionUnmet')],
    ],
    after: kept,
  },
  {
    name: 'where silence settles the deadline does, but not for who holds',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ...IF('2(O,P) deadline 5000 silence'),
      ['at 5000', ...TRIGGERED, ...SETTLED],
      ['link c3 A>B 100 EUR as 1/2 of y if 1(O) deadline 9000 silence', 'c3 queued'],
      ['link c4 B>A 110 USD as 2/2 of y if 1(O) deadline 9000 silence', 'c3 matched', 'c4 matched'],
      ['attest a1 O holds y of 2', 'a1 attested'],
      ['at 9000', 'c3 cancelled conditionUnmet', 'c4 cancelled conditionUnmet'],
    ],
    after: paid,
  },
  {
    name: 'an acceptance counts while it is valid, and can be given anew',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ...IF('2(O,P)'),
      [`attest a1 O accepts x ${of2} until 3000`, 'a1 attested'],
      [`attest a2 O accepts x ${of2} until 9000`, 'a2 rejected attested'],
      ['at 3001'],
      [`attest a3 P accepts x ${of2} until 3000`, 'a3 rejected attestationExpired'],
      [`attest a4 P accepts x ${of2} until 3001`, 'a4 attested'],
      ['at 3001'],
      [`attest a5 O accepts x ${of2} until 9000`, 'a5 attested', ...TRIGGERED, ...SETTLED],
    ],
    after: paid,
  },
  {
    name: 'a payment of one leg can have a condition, and none without',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['link c1 A>B 100 EUR as 1/1 of x', 'c1 rejected formatInvalid'],
      ['link c2 A>B 100 EUR as 1/1 of x if 1(O)+1(P)', 'c2 matched'],
      ['attest a1 O accepts x', 'a1 attested'],
      ['attest a2 P accepts x', 'a2 attested', 'c2 triggered', 'c2 settled entry'],
      ['link c3 B>A 100 EUR as 1/1 of x if 1(O)', 'c3 matched'],
      ['cancel k c3', 'c3 cancelled cancelledByDebtorAgent'],
    ],
    after: { 'A EUR': 0, 'B EUR': 100 },
  },
  {
    name: 'a chain whose condition is met waits for its money as any other, and the trigger does not come twice',
    rules: CONDITIONS,
    accounts: { ...BANKS, 'A EUR': 99 },
    rows: [
      ...OPEN,
      ...IF('1(O)'),
      [`attest a1 O accepts x ${of2}`, 'a1 attested', ...TRIGGERED],
      [`attest a2 O refuses x ${of2}`, 'a2 rejected conditionDecided'],
      ['issue A EUR 1', 'issued', 'c1 settled queue', 'c2 settled queue'],
    ],
    after: paid,
  },
  {
    name: 'cancellation against attestation: what comes first stands',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ...IF('1(O)'),
      ['cancel k c2', 'c2 cancelled cancelledByDebtorAgent', 'c1 cancelled matchCancelled'],
      [`attest a1 O accepts x ${of2}`, 'a1 rejected chainUnknown'],
      ['link c3 A>B 100 EUR as 1/2 of y if 1(O)', 'c3 queued'],
      ['link c4 B>A 110 USD as 2/2 of y if 1(O)', 'c3 matched', 'c4 matched'],
      [
        'attest a2 O accepts y of 2',
        ...['a2 attested', 'c3 triggered', 'c4 triggered', 'c3 settled entry', 'c4 settled entry'],
      ],
      ['cancel k2 c4', 'k2 rejected paymentFinal'],
    ],
    after: paid,
  },
  {
    name: 'part funded at the deadline: what is set aside is free, and what was attested saves nothing',
    rules: CONDITIONS,
    accounts: { ...BANKS, 'B USD': 109 },
    rows: [
      ...OPEN,
      ['link c1 A>B 100 EUR as 1/2 of x if 2(O,P) deadline 5000 earmark acceptance', 'c1 queued'],
      [
        'link c2 B>A 110 USD as 2/2 of x if 2(O,P) deadline 5000 earmark acceptance',
        ...['c1 matched', 'c2 matched', 'c1 earmarked'],
      ],
      [`attest a1 O accepts x ${of2}`, 'a1 attested'],
      ['pay p1 A>B 100 EUR', 'p1 queued'],
      [
        'at 5000',
        ...['c1 released conditionUnmet', ...ended('conditionUnmet'), 'p1 settled queue'],
      ],
      [`attest a2 P accepts x ${of2}`, 'a2 rejected chainUnknown'],
      ['issue B USD 1', 'issued'],
    ],
    after: { 'A EUR': 0, 'B EUR': 100, 'B USD': 110 },
  },
  {
    name: 'the close ends a chain that waits for its condition, and where it is carried over what was attested stays',
    rules: { ...CONDITIONS, atClose: 'carryOver' },
    accounts: BANKS,
    rows: [
      ...OPEN,
      ...IF('2(O,P)'),
      [`attest a1 O accepts x ${of2}`, 'a1 attested'],
      ['close EUR 1', 'c1 carriedOver', 'c2 carriedOver', 'EUR closed, 2 unsettled'],
      [`attest a2 P accepts x ${of2}`, 'a2 attested', ...TRIGGERED],
      ['open EUR 2', 'EUR opened', ...SETTLED],
    ],
    after: paid,
  },
  {
    name: 'a default ends a chain that waits for its condition',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ...IF('1(O)'),
      [
        'default B USD',
        ...['B USD defaulted, 0 short', 'c1 cancelled matchCancelled'],
        'c2 cancelled participantDefaulted',
      ],
      [`attest a1 O accepts x ${of2}`, 'a1 rejected chainUnknown'],
    ],
    after: kept,
  },
  {
    name: 'earliest and latest times beside a deadline: each comes at its own instant',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['link c1 A>B 100 EUR as 1/2 of x from 4000 if 1(O) deadline 6000', 'c1 queued'],
      ['link c2 B>A 110 USD as 2/2 of x if 1(O) deadline 6000', 'c1 matched', 'c2 matched'],
      [`attest a1 O accepts x ${of2}`, 'a1 attested', ...TRIGGERED],
      ['at 3999'],
      ['at 4000', ...SETTLED],
      ['link c3 A>B 100 EUR as 1/2 of y till 9000 if 1(O) deadline 8000', 'c3 queued'],
      [
        'link c4 B>A 110 USD as 2/2 of y from 8500 if 1(O) deadline 8000',
        ...['c3 matched', 'c4 matched'],
      ],
      ['at 8000', 'c3 cancelled conditionUnmet', 'c4 cancelled conditionUnmet'],
      ['link c5 A>B 100 EUR as 1/2 of z till 10000 if 1(O) deadline 12000', 'c5 queued'],
      ['link c6 B>A 110 USD as 2/2 of z if 1(O) deadline 12000', 'c5 matched', 'c6 matched'],
      ['at 10000', 'c5 cancelled latestTimePassed', 'c6 cancelled matchCancelled'],
    ],
    after: paid,
  },
  {
    name: 'money set aside at acceptance waits for the condition, and goes back where it fails',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['link c1 A>B 100 EUR as 1/2 of x if 1(O) earmark acceptance', 'c1 queued'],
      [
        'link c2 B>A 110 USD as 2/2 of x if 1(O) earmark acceptance',
        ...['c1 matched', 'c2 matched', 'c1 earmarked', 'c2 earmarked'],
      ],
      ['pay p1 A>B 1 EUR', 'p1 queued'],
      [
        `attest a1 O refuses x ${of2}`,
        ...['a1 attested', 'c1 released conditionRefused', 'c2 released conditionRefused'],
        ...[...ended('conditionRefused'), 'p1 settled queue'],
      ],
    ],
    after: { 'A EUR': 99, 'B EUR': 1 },
  },
  {
    name: 'money set aside settles with the trigger, or is set aside by it',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['link c1 A>B 60 EUR as 1/1 of x if 1(O) earmark acceptance', 'c1 matched', 'c1 earmarked'],
      ['link c2 A>B 40 EUR as 1/1 of y if 1(O) earmark trigger', 'c2 matched'],
      ['attest a1 O accepts x', 'a1 attested', 'c1 triggered', 'c1 settled earmark'],
      [
        'attest a2 O accepts y',
        'a2 attested',
        'c2 triggered',
        'c2 earmarked',
        'c2 settled earmark',
      ],
    ],
    after: { 'A EUR': 0, 'B EUR': 100 },
  },
  {
    name: 'terms that there cannot be are refused, and a deadline that has passed',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['at 1000'],
      ...[
        'if 3(O,P)',
        'if 0(O)',
        'if 1()',
        'if 1(O,O)',
        'if 1(nobody)',
        'if 1(O) root 2',
        'if 1(O) root 0',
        'if 1(O) mandatory 1 root 1',
        'if 1(O) mandatory 2 root 0',
        'if 1(O) silence',
        'earmark trigger',
        'if 1(O,P,Q,R,A,B)+1(O,P,Q,R,A,B)+1(O,P,Q,R,A)',
        'if 1(O)+1(O)+1(O)+1(O)+1(O)+1(O)+1(O)+1(O)+1(O)',
      ].map((terms, at): [string, string] => [
        `link t${at} A>B 1 EUR as 1/2 of t${at} ${terms}`,
        `t${at} rejected formatInvalid`,
      ]),
      ['link d A>B 1 EUR as 1/2 of d if 1(O) deadline 1000', 'd rejected timesInvalid'],
    ],
    after: kept,
  },
  {
    name: 'a quarter of the live payments, and 16, can have conditions of their own; what ends makes room',
    rules: { ...CONDITIONS, livePaymentsMax: 100 },
    accounts: BANKS,
    rows: [
      ...OPEN,
      ...Array.from({ length: 41 }, (_, n): [string, string] => [
        `link c${n} A>B 1 EUR as 1/1 of x${n} if 1(O)`,
        `c${n} matched`,
      ]),
      ['link d A>B 1 EUR as 1/1 of y if 1(O)', 'd rejected limitReached'],
      ['cancel k c7', 'c7 cancelled cancelledByDebtorAgent'],
      ['link e A>B 1 EUR as 1/1 of y if 1(O)', 'e matched'],
      ['link f A>B 1 EUR as 1/1 of z if 1(O)', 'f rejected limitReached'],
    ],
    after: kept,
  },
  {
    name: 'a close and a default release what waits for its condition with all its money set aside',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['link c1 A>B 100 EUR as 1/1 of x if 1(O) earmark acceptance', 'c1 matched', 'c1 earmarked'],
      ['link c2 B>A 110 USD as 1/1 of y if 1(O) earmark acceptance', 'c2 matched', 'c2 earmarked'],
      [
        'close EUR 1',
        ...['c1 released cancelledAtClose', 'c1 cancelled cancelledAtClose'],
        'EUR closed, 1 unsettled',
      ],
      [
        'default B USD',
        ...['B USD defaulted, 0 short', 'c2 released participantDefaulted'],
        'c2 cancelled participantDefaulted',
      ],
      ['redeem A EUR 100', 'redeemed'],
    ],
    after: { 'A EUR': 0, 'B USD': 110 },
  },
  {
    name: 'what was set aside for a chain that is carried over is free, and set aside anew when all is open',
    rules: { ...CONDITIONS, atClose: 'carryOver' },
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['link c1 A>B 100 EUR as 1/1 of x if 1(O) earmark acceptance', 'c1 matched', 'c1 earmarked'],
      ['close EUR 1', 'c1 released', 'c1 carriedOver', 'EUR closed, 1 unsettled'],
      ['open EUR 2', 'EUR opened', 'c1 earmarked'],
      ['attest a1 O accepts x', 'a1 attested', 'c1 triggered', 'c1 settled earmark'],
    ],
    after: { 'A EUR': 0, 'B EUR': 100 },
  },
  {
    name: 'earmarks that ended before they began leave a chain waiting for its condition, also behind a close',
    rules: { ...CONDITIONS, atClose: 'carryOver' },
    accounts: BANKS,
    rows: [
      ['open EUR 1', 'EUR opened'],
      [
        'link c1 A>B 100 EUR as 1/2 of x if 1(O) earmark acceptance until 5000 continue',
        'c1 queued',
      ],
      [
        'link c2 B>A 110 USD as 2/2 of x if 1(O) earmark acceptance until 5000 continue',
        ...['c1 matched', 'c2 matched'],
      ],
      ['at 6000'],
      ['open USD 1', 'USD opened'],
      ['close USD 1', 'c1 carriedOver', 'c2 carriedOver', 'USD closed, 2 unsettled'],
      ['open USD 2', 'USD opened'],
      [`attest a1 O refuses x ${of2}`, 'a1 attested', ...ended('conditionRefused')],
    ],
    after: kept,
  },
  {
    name: 'what a chain held up settles in the cycle behind the end of its earmarks',
    rules: { ...CONDITIONS, gridlockResolution: true, cycleIntervalMs: 1000 },
    accounts: { 'A EUR': 0, 'B EUR': 0, 'O XAU': 0 },
    rows: [
      ['open EUR 1', 'EUR opened'],
      [
        'link c1 A>B 100 EUR as 1/1 of x if 1(O) earmark acceptance until 5000 continue',
        'c1 matched',
      ],
      ['pay p1 A>B 10 EUR', 'p1 queued'],
      ['pay p2 B>A 10 EUR', 'p2 queued'],
      ['at 3500', 'cycle 1 deadlock: 0 settled, 3 left'],
      [
        'at 6500',
        'cycle 2 resolved: 2 settled, 0 left',
        ...['p1 settled gridlockResolution', 'p2 settled gridlockResolution'],
      ],
    ],
    after: { 'A EUR': 0, 'B EUR': 0 },
  },
  {
    name: 'a latest time of any leg comes before the deadline of the same instant, whichever leg came first',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['link c1 A>B 100 EUR as 1/2 of x if 1(O) deadline 5000 silence', 'c1 queued'],
      [
        'link c2 B>A 110 USD as 2/2 of x till 5000 if 1(O) deadline 5000 silence',
        ...['c1 matched', 'c2 matched'],
      ],
      ['at 6000', 'c2 cancelled latestTimePassed', 'c1 cancelled matchCancelled'],
    ],
    after: kept,
  },
  {
    name: 'of two latest times at the instant of the deadline that of the leg whose message came first ends the chain',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['link c1 A>B 10 EUR as 1/3 of x if 1(O) deadline 5000', 'c1 queued'],
      ['link c3 A>B 20 EUR as 3/3 of x till 5000 if 1(O) deadline 5000', 'c3 queued'],
      [
        'link c2 B>A 10 USD as 2/3 of x till 5000 if 1(O) deadline 5000',
        ...['c1 matched', 'c2 matched', 'c3 matched'],
      ],
      [
        'at 6000',
        ...['c3 cancelled latestTimePassed', 'c1 cancelled matchCancelled'],
        'c2 cancelled matchCancelled',
      ],
    ],
    after: kept,
  },
  {
    name: 'legs of one digest agree on whether there is a condition',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['link c1 A>B 100 EUR as 1/2 of x', 'c1 queued'],
      ['link c2 B>A 110 USD as 2/2 of x if 1(O)', 'c2 rejected formatInvalid'],
    ],
    after: kept,
  },
  {
    name: 'a leg without the record of its further terms does not get those of the leg before it',
    rules: CONDITIONS,
    accounts: BANKS,
    rows: [
      ...OPEN,
      ['link c1 A>B 100 EUR as 1/2 of x if 1(O)', 'c1 queued'],
      ['link c2 B>A 110 USD as 2/2 of x if 1(O) bare', 'c2 rejected formatInvalid'],
    ],
    after: kept,
  },
];

testCases(wasm, CASES, { restarts: true });
