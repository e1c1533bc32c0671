/** The part of a scenario's schema that says which legs settle together. */
import { type Static, Type } from '@sinclair/typebox';
import { REASON_MAX } from '../protocol/messages/attestation.ts';
import {
  CHAIN_LEGS_MAX,
  CONDITION_ATTESTORS_MAX,
  CONDITION_GROUPS_MAX,
} from '../protocol/messages/chain.ts';
import { PRIORITIES } from '../protocol/messages/priorities.ts';
import * as field from './schema-field-types.ts';
import { AmountsSchema, drawnFields } from './schema-traffic.ts';

const { defaulted, list, record, share } = field;

const DAY_SECONDS = 86_400;
/** Of one attestor on a date. */
const RECORDS_MAX = 100_000;
const DOCUMENT_KIND_MAX = 16;
/** So that sums of a day stay exact. */
const COUNT_MAX = 1_000_000_000_000;

const threshold = (description: string, most: number) =>
  Type.Optional(field.integer(description, 1, most));

const ConditionGroups = Type.Array(
  record('Holds where so many of its attestors have accepted.', {
    attestors: Type.Array(field.plainText('A participant, or a party of the flow.', 40), {
      description: 'Who attests, each once in the group; over all groups 16 at most.',
      minItems: 1,
      maxItems: CONDITION_ATTESTORS_MAX,
      title: `a list of 1 to ${CONDITION_ATTESTORS_MAX} attestors`,
    }),
    threshold: threshold(
      'How many of them must accept. Default: all of them.',
      CONDITION_ATTESTORS_MAX,
    ),
    mandatory: Type.Optional(field.flag('It must hold, whatever others do. Default: false.')),
  }),
  {
    description: 'Groups of attestors.',
    minItems: 1,
    maxItems: CONDITION_GROUPS_MAX,
    title: `a list of 1 to ${CONDITION_GROUPS_MAX} groups`,
  },
);
const condition = <P extends Parameters<typeof record>[1]>(deadline: P) =>
  record('What must be attested before the chain settles.', {
    groups: ConditionGroups,
    threshold: threshold(
      'How many of the groups must hold, mandatory ones counted. Default: all of them.',
      CONDITION_GROUPS_MAX,
    ),
    ...deadline,
    onSilence: defaulted(
      field.choice(
        ['release', 'settle'] as const,
        'At the deadline: the chain ends, or those who said nothing count as accepting.',
      ),
      'release',
    ),
  });
const earmark = <P extends Parameters<typeof record>[1]>(expiry: P) =>
  record('Its money is set aside before it settles. Left out: not before.', {
    when: defaulted(
      field.choice(
        ['acceptance', 'trigger'] as const,
        'Once all legs are there, or once the condition is met.',
      ),
      'acceptance',
    ),
    ...expiry,
    onExpiry: defaulted(
      field.choice(
        ['release', 'continue'] as const,
        'At the expiry: the chain ends, or goes on without an earmark.',
      ),
      'release',
    ),
  });

const legs = <T extends Parameters<typeof Type.Array>[0]>(leg: T) =>
  Type.Array(leg, {
    description: 'In their order, from leg 1 on. One leg alone needs a condition.',
    minItems: 1,
    maxItems: CHAIN_LEGS_MAX,
    title: `a list of 1 to ${CHAIN_LEGS_MAX} legs`,
  });

const synchronisedBy = field.bic(
  'Its legs lie in two pools, those of the first leg before those of the other: this participant, whose role is synchronisationOperator, carries over between them.',
);

const ChainLegSchema = record('What one bank pays another in the chain.', {
  from: field.bic('The bank that it debits, which sends it.'),
  to: field.bic('The bank that it credits.'),
  currency: field.code('A currency or security.'),
  amount: field.decimalAmount('How much, above 0.'),
  sendsAfterSeconds: defaulted(
    field.integer('How long after `at` its bank sends it.', 0, DAY_SECONDS),
    0,
  ),
  sends: defaulted(
    field.choice(['once', 'never'] as const, 'Whether its bank sends it at all.'),
    'once',
  ),
});

export const ScenarioChainSchema = record('Legs that settle together or not at all.', {
  id: Type.String({
    description: 'What its banks call it.',
    pattern: '^[A-Za-z0-9._:-]{1,35}$',
    title: 'an id of at most 35 letters, digits and . _ : -',
  }),
  date: Type.Optional(field.date('Business date on which it is to settle. Default: the first.')),
  at: field.clockTime("When the first of its legs are sent, in the scenario's zone."),
  earliest: Type.Optional(field.clockTime('It does not settle before this time.')),
  latest: Type.Optional(field.clockTime('It ends at this time.')),
  priority: defaulted(field.choice(PRIORITIES, 'Its class.'), 'normal'),
  legs: legs(ChainLegSchema),
  condition: Type.Optional(
    condition({
      deadline: Type.Optional(
        field.clockTime('Until when. Default: as long as the chain lives; needed with settle.'),
      ),
    }),
  ),
  earmark: Type.Optional(earmark({ expiry: field.clockTime('Until when.') })),
  synchronisedBy: Type.Optional(synchronisedBy),
});

const FlowLegSchema = record('What one bank pays another in each chain of the flow.', {
  from: field.plainText('The bank that it debits: a BIC, or one of `parties`.', 40),
  to: field.plainText('The bank that it credits: the same.', 40),
  currency: field.code('A currency or security.'),
  price: Type.Optional(
    field.rate('Units moved for one unit of the amount drawn. Default: the reference rate.'),
  ),
  sendsAfterSeconds: defaulted(
    field.integer('How long after the arrival its bank sends it.', 0, DAY_SECONDS),
    0,
  ),
  sendsWithinSeconds: defaulted(
    field.integer('And up to so much later (uniform).', 0, DAY_SECONDS),
    0,
  ),
  unsentEvery: Type.Optional(
    field.integer('In every so many chains its bank does not send it.', 1, 2_500_000),
  ),
});

const CUT =
  'Terms have whole seconds: the fraction of the second is cut, so that it ends up to 999 ms earlier.';

export const ChainFlowSchema = record('Chains of one form, drawn.', {
  ...drawnFields,
  profile: Type.Optional(drawnFields.profile),
  chainsPerDate: Type.Optional(field.integer('Chains on each business date.', 0, 2_500_000)),
  amounts: Type.Optional(AmountsSchema),
  counted: Type.Optional(
    record(
      'In place of profile, chainsPerDate and amounts: a chain follows what an attestor has counted.',
      {
        flow: field.plainText('The name of one of `recordFlows`.', 18),
        everyRecords: field.integer(
          'A chain comes with every so many records of an attestor, for what it has counted since the one before.',
          1,
          RECORDS_MAX,
        ),
      },
    ),
  ),
  parties: defaulted(
    field.mapping(
      '^[a-z][a-z0-9-]{0,38}$',
      'names of lower-case letters, digits and hyphens',
      field.byBic(field.weight('Its weight.'), 'Participants, of whom each chain draws one.'),
      'Who takes part, by a name that legs and condition use.',
    ),
    {},
  ),
  legs: legs(FlowLegSchema),
  condition: Type.Optional(
    condition({
      deadlineAfterSeconds: Type.Optional(
        field.integer(`How long after the arrival. ${CUT} Needed with settle.`, 1, DAY_SECONDS),
      ),
    }),
  ),
  earmark: Type.Optional(
    earmark({
      expiryAfterSeconds: field.integer(`How long after the arrival. ${CUT}`, 1, DAY_SECONDS),
    }),
  ),
  synchronisedBy: Type.Optional(synchronisedBy),
  documents: Type.Optional(
    list(
      record('A document of each chain of the flow, whose digest the log keeps.', {
        kind: Type.String({
          description: 'What sort of document it is, once in the flow; the first part of its id.',
          pattern: `^[a-z][a-z0-9]{0,${DOCUMENT_KIND_MAX - 1}}$`,
          title: `a word of at most ${DOCUMENT_KIND_MAX} lower-case letters and digits`,
        }),
        attestor: field.bic('Who records it.'),
        beforeSeconds: defaulted(
          field.integer(
            'So long before the arrival of its chain; 0: behind the legs that are sent then.',
            0,
            DAY_SECONDS,
          ),
          0,
        ),
      }),
      'Documents in the order in which they are recorded: each names the digests of those above it.',
    ),
  ),
});

/** How the operators of chains over two pools work in a run. */
export const SynchronisationSchema = record('How synchronisation operators work in a run.', {
  everySeconds: field.integer(
    'So often each reads what the pools have done, and attests what is due by it. Default: 5.',
    1,
    3600,
  ),
});

const repeatAfterSeconds = Type.Optional(
  field.integer('The same message comes again so long after it.', 1, DAY_SECONDS),
);

export const AttestationsSchema = list(
  record('What a participant attests of a chain.', {
    attestor: field.bic('Who attests.'),
    chain: field.plainText('The id of one of `chains`.', 35),
    currency: Type.Optional(
      field.code(
        'Of a chain over two pools: what one of its legs moves in the pool to which it is said. Default: that of leg 1.',
      ),
    ),
    verdict: defaulted(
      field.choice(
        ['accept', 'refuse', 'hold'] as const,
        'That the fact holds, does not, or is not decided.',
      ),
      'accept',
    ),
    date: Type.Optional(field.date("A business date. Default: the chain's.")),
    at: field.clockTime("When, in the scenario's zone; at one instant behind all payments."),
    validUntil: Type.Optional(field.clockTime('An acceptance counts until then.')),
    reason: Type.Optional(field.plainText('Why, for people.', REASON_MAX)),
    repeatAfterSeconds,
  }),
  'What participants attest of chains. An attestor of whom none stands here for a chain: see `attestors`.',
);

const seconds = (description: string) =>
  Type.Number({
    description,
    minimum: 0,
    maximum: DAY_SECONDS,
    title: `seconds from 0 to ${DAY_SECONDS}`,
  });

export const AttestorsSchema = list(
  record('How a participant answers the conditions that name it.', {
    attestor: field.bic('Who attests.'),
    delay: record('Log-normal, from when the first leg of the chain is sent.', {
      medianSeconds: seconds('Median of the distribution.'),
      sigma: field.sigma('delay'),
      minSeconds: defaulted(seconds('What is drawn below is set to this.'), 0),
      maxSeconds: defaulted(seconds('What is drawn above is set to this.'), DAY_SECONDS),
    }),
    refuses: defaulted(share('Share of the chains that it refuses.'), 0),
    silent: defaulted(share('Share of the chains of which it says nothing.'), 0),
    holds: defaulted(
      share('Share of the others that it holds first, and decides after another delay.'),
      0,
    ),
    forged: Type.Optional(
      share(
        'Share of the chains of which a forger says in its name that it accepts, with a wrong signature. Default: 0.',
      ),
    ),
    replayed: Type.Optional(
      share(
        'Share of the chains of which what it decided is sent again, byte for byte. Default: 0.',
      ),
    ),
    registers: Type.Optional(
      field.code(
        'A security of which it keeps who holds how much: it refuses a chain that delivers what another chain has that it accepted.',
      ),
    ),
    validSeconds: Type.Optional(
      field.integer(
        'Its acceptance counts so long. Default: as long as the chain lives.',
        1,
        DAY_SECONDS,
      ),
    ),
  }),
  'How participants attest, drawn.',
);

export const RecordsSchema = list(
  record('An attestation that stands alone: a document whose digest the log keeps.', {
    attestor: field.bic('Who attests.'),
    kind: field.plainText('What sort of document it is.', 35),
    document: Type.Optional(field.plainText('Its text, of which the digest is taken (UTF-8).')),
    digest: Type.Optional(
      Type.String({
        description: 'Its SHA-256, instead of `document`.',
        pattern: '^[0-9a-f]{64}$',
        title: 'a SHA-256 as 64 lower-case hex digits',
      }),
    ),
    id: Type.Optional(
      Type.String({
        description: 'Id of the message. Default: one of its own.',
        pattern: '^[A-Za-z0-9._:-]{1,35}$',
        title: 'an id of at most 35 letters, digits and . _ : -',
      }),
    ),
    currency: Type.Optional(
      field.code('One of the pool whose log keeps it. Default: the first of the scenario.'),
    ),
    counter: Type.Optional(
      Type.String({
        description: 'How far its attestor has counted: refused where it has counted further.',
        pattern: '^[1-9][0-9]{0,17}$',
        title: 'a whole number of at most 18 digits in quotes, from "1" on',
      }),
    ),
    date: Type.Optional(field.date('A business date. Default: the first.')),
    at: field.clockTime("When, in the scenario's zone."),
    repeatAfterSeconds,
  }),
  'Attestations that stand alone.',
);

const every = (what: string) =>
  Type.Optional(
    field.integer(`Of every so many records ${what}. Left out: of none.`, 1, RECORDS_MAX),
  );
const count = (description: string) => field.integer(description, 0, COUNT_MAX);

export const RecordFlowsSchema = list(
  record('Records of many attestors, each of which counts: meters that tell their readings.', {
    name: drawnFields.name,
    profile: drawnFields.profile,
    attestors: Type.Array(field.bic('An attestor, or 8 characters for all of its branches.'), {
      description: 'Who attests.',
      minItems: 1,
      title: 'a list of at least 1 BIC',
    }),
    kind: field.plainText('What sort of document each is.', 35),
    currency: Type.Optional(
      field.code('One of the pool whose log keeps them. Default: the first of the scenario.'),
    ),
    recordsPerDate: field.integer(
      'Records of each attestor on each business date.',
      1,
      RECORDS_MAX,
    ),
    startsAt: defaulted(field.integer('Where each begins to count.', 1, COUNT_MAX), 1),
    counts: record('Log-normal, in whole units: what an attestor counts between two records.', {
      median: count('Median of the distribution.'),
      sigma: field.sigma('count'),
      min: count('What is drawn below is set to this.'),
      max: count('What is drawn above is set to this.'),
    }),
    repeatEvery: every('one is sent again a minute later'),
    rollBackEvery: every(
      'one has half of the counter that was recorded last of its attestor, and is refused',
    ),
  }),
  'Generated records that count.',
);

/** Fields for which chains have conditions and earmarks, and attestations are taken. */
export function asksForConditions(document: {
  readonly settlement: { readonly preValidation?: readonly unknown[] };
  readonly chains?: readonly Furthered[];
  readonly chainFlows?: readonly Furthered[];
  readonly attestations?: readonly unknown[];
  readonly records?: readonly unknown[];
  readonly recordFlows?: readonly unknown[];
}): boolean {
  const { chains = [], chainFlows = [], attestations = [], records = [] } = document;
  const { preValidation = [] } = document.settlement;
  const { recordFlows = [] } = document;
  const isFurthered = ({ condition, earmark, documents = [] }: Furthered) =>
    !!condition || !!earmark || documents.length > 0;
  const asked = [attestations, records, recordFlows, preValidation];
  return asked.some(({ length }) => length > 0) || [...chains, ...chainFlows].some(isFurthered);
}

/** Whether a chain may lie in two pools. */
export const isOverTwoPools = ({
  chains = [],
  chainFlows = [],
}: {
  readonly chains?: readonly Pick<ChainDocument, 'synchronisedBy'>[];
  readonly chainFlows?: readonly Pick<ChainFlowDocument, 'synchronisedBy'>[];
}): boolean =>
  [...chains, ...chainFlows].some(({ synchronisedBy }) => synchronisedBy !== undefined);

interface Furthered {
  readonly condition?: object;
  readonly earmark?: object;
  readonly documents?: readonly unknown[];
}

export type ChainDocument = Static<typeof ScenarioChainSchema>;
export type ChainFlowDocument = Static<typeof ChainFlowSchema>;
export type RecordFlowDocument = Static<typeof RecordFlowsSchema>[number];
