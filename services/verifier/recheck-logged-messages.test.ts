import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeCreditTransfer } from '../protocol/messages/credit-transfer.ts';
import type { Currencies } from '../protocol/messages/instruction.ts';
import type { Bic, Uetr } from '../protocol/names/bic-and-uetr.ts';
import { envelopeHeaders } from '../protocol/names/message-headers.ts';
import { ISSUE_WINDOW_MS } from '../protocol/names/time-windows-and-clocks.ts';
import type { ControlRecord } from '../protocol/records/control-record.ts';
import { MESSAGE_RULES_VERSION } from '../protocol/rules/message-rules.ts';
import { MessageProof } from './recheck-logged-messages.ts';
import { createVerifier, type SignatureVerification } from './verifier.ts';

const ALFA = 'ALFADE00' as Bic;
const PUBLIC_KEY = '01'.repeat(32);
const [REGISTERED_AT, REVOKED_AT] = [10, 20];
const currencies: Currencies = new Map([
  ['EUR', { minorUnits: 2, pool: 'europe' }],
  ['SGD', { minorUnits: 2, pool: 'asia' }],
]);

/** Takes every signature: what is tested is what a record is held against besides. */
const verification: SignatureVerification = {
  registerKey: () => 0,
  verify: (batch) => batch.map(() => true),
  figures: { keysWithoutRoom: 0 },
};

/** What a verifier records of a payment, whether it knows the sender's key or not. */
async function recorded({
  currency = 'EUR',
  knowsKey = true,
  timestampMs = 0,
  isLate = false,
  /** Whether an element stands in it that the standard has not. */
  nonsense = false,
  terms = currencies,
}) {
  const options = { network: 'n', currencies: terms, defaultPool: 'europe' };
  const made = createVerifier(options, verification);
  const key = { bic: ALFA, name: 'Alfa', role: 'bank', state: 'registered' } as const;
  made.learn({ ...key, keyId: knowsKey ? 'key-1' : 'key-0', publicKey: PUBLIC_KEY });
  const instruction = {
    messageId: 'M',
    endToEndId: 'E',
    uetr: '00000000-0000-4000-8000-000000000001' as Uetr,
    instructingAgent: ALFA,
    debtorAgent: ALFA,
    creditorAgent: 'BETASG00' as Bic,
    currency,
    amountMinor: 100n,
    settlementDate: '2026-03-16',
    priority: 'normal' as const,
    conversion: null,
  };
  const headers = envelopeHeaders({
    id: instruction.uetr,
    sender: ALFA,
    messageType: 'pacs.008.001.08',
    keyId: 'key-1',
    issuedAtMs: timestampMs,
    signature: new Uint8Array(64),
  });
  const written = writeCreditTransfer(instruction, { debtor: 'A', creditor: 'B' }, 0, () => 2);
  const value = nonsense
    ? Buffer.from(Buffer.from(written).toString().replace('"Nm":', '"Nm2":"x","Nm":'))
    : written;
  const message = { partition: 0, logOffset: 7, value, headers };
  // Of a message that came late, the notice of an older log, which has the payload.
  const { inputs } = await made.verify([
    isLate
      ? {
          ...message,
          timestampMs: timestampMs + ISSUE_WINDOW_MS + 1,
          recorded: { omittedDigest: null, rulesVersion: MESSAGE_RULES_VERSION },
        }
      : { ...message, timestampMs },
  ]);
  return inputs[0]?.value as Uint8Array;
}

const keyRecord = (state: 'registered' | 'revoked') =>
  ({
    ...{ kind: 'key', timeMs: 0, bic: ALFA, keyId: 'key-1', publicKey: PUBLIC_KEY, state },
  }) as ControlRecord;

/** Over two pools, of which these know the key from one position to another. */
function proof(knowing: readonly string[], terms = currencies): MessageProof {
  const made = new MessageProof({ network: 'n', firstPools: ['europe'] }, verification);
  for (const [currency, { minorUnits, maximumMinor, pool }] of terms) {
    const maximum = maximumMinor === undefined ? {} : { maximumMinor: String(maximumMinor) };
    const control = { kind: 'currency', timeMs: 0, currency, minorUnits, ...maximum };
    made.learn(pool, control as ControlRecord, 1, true);
  }
  for (const pool of knowing) {
    made.learn(pool, keyRecord('registered'), REGISTERED_AT, true);
    made.learn(pool, keyRecord('revoked'), REVOKED_AT, true);
  }
  return made;
}

async function finding(
  pool: string,
  logOffset: number,
  value: Uint8Array,
  knowing = [pool],
  terms = currencies,
) {
  const [found] = await proof(knowing, terms).check([{ pool, logOffset, value }]);
  return found as { kind: string; fault: string | null };
}

test('a record in another pool than that of its currency is found', async () => {
  for (const [currency, { pool }] of currencies) {
    const value = await recorded({ currency });
    const other = pool === 'europe' ? 'asia' : 'europe';
    assert.equal((await finding(pool, 15, value)).fault, null, currency);
    assert.match(
      (await finding(other, 15, value, [pool, other])).fault ?? '',
      new RegExp(`into pool ${pool}$`),
    );
  }
});

test('the most that a payment may have is what the log of its pool says', async () => {
  const bounded = new Map(currencies).set('EUR', {
    ...{ minorUnits: 2, pool: 'europe' },
    maximumMinor: 99n,
  });
  const value = await recorded({ terms: bounded });
  assert.equal((await finding('europe', 15, value, ['europe'], bounded)).fault, null);
  assert.match(
    (await finding('europe', 15, value)).fault ?? '',
    /amountTooLarge|refused|differs|not/,
  );
});

test('a key is its owner’s from behind its registration up to its revocation', async () => {
  const value = await recorded({});
  const at = (logOffset: number) => finding('europe', logOffset, value);
  assert.match((await at(REGISTERED_AT - 1)).fault ?? '', /registered later, at offset 10/);
  assert.equal((await at(REGISTERED_AT + 1)).fault, null);
  // Verifiers take it from whichever pool has it first.
  const both = await finding('europe', REGISTERED_AT - 1, value, ['asia', 'europe']);
  assert.deepEqual(both, {
    ...both,
    kind: 'payment under a key that its pool has not yet',
    fault: null,
  });
  assert.doesNotMatch((await at(REVOKED_AT - 1)).kind, /revoked/);
  assert.match((await at(REVOKED_AT + 1)).kind, /under a revoked key/);
});

test('a verifier may not know a key for so long after its registration, and no longer', async () => {
  const unknownFor = async (timestampMs: number) =>
    (await finding('europe', 15, await recorded({ knowsKey: false, timestampMs }))).fault;
  assert.equal(await unknownFor(ISSUE_WINDOW_MS), null);
  assert.match((await unknownFor(ISSUE_WINDOW_MS + 1)) ?? '', /its signature verifies/);
});

test('a record that is not what its message makes of it is told by the fields that differ', async () => {
  const told = async (change: (value: Buffer) => void, isLate = false) => {
    const value = Buffer.from(await recorded({ isLate }));
    change(value);
    return (await finding('europe', 15, value)).fault?.replace(/^.* says of it: /, '');
  };
  const amount = (value: Buffer) => value.writeBigInt64LE(9_100n, 160);
  assert.equal(await told(amount), 'amount1 9100, by its message 100');
  assert.equal(await told(() => {}, true), undefined, 'a notice of an older log');
  assert.equal(await told(amount, true), 'amount1 9100, by its message 100');
  const dealer = (value: Buffer) => value.write('BETASG00', 140);
  assert.equal(await told(dealer), 'dealer BETASG00, by its message none');
  const kind = (value: Buffer) => {
    value[1] = 7;
  };
  assert.equal(await told(kind), 'kind limit, by its message payment');
  const reasonAndSender = (value: Buffer) => {
    value[4] = 9;
    value.write('BETASG00', 104);
    amount(value);
  };
  assert.equal(
    await told(reasonAndSender),
    'reason 9, by its message 0; sender BETASG00, by its message ALFADE00',
  );
  const last = (value: Buffer) => {
    value[207] = MESSAGE_RULES_VERSION + 1;
  };
  assert.equal(await told(last), 'other bytes, from byte 207 on');
});

test('a record that older rules made stays proven but for what they said of its message', async () => {
  const taken = await recorded({});
  const refused = Buffer.from(await recorded({ nonsense: true }));
  const proven = async (value: Uint8Array) => finding('europe', 15, value);
  assert.equal((await proven(refused)).fault, null);
  /** As rules would have it that know nothing of misspelt elements. */
  const older = (version: number, change: (value: Buffer) => void = () => {}) => {
    const value = Buffer.from(refused);
    for (const [from, to] of [[4, 8] as const, [116, 188] as const, [200, 206] as const])
      value.set(taken.subarray(from, to), from);
    value[207] = version;
    change(value);
    return value;
  };
  assert.deepEqual(await proven(older(0)), {
    ...(await proven(older(0))),
    ...{ kind: 'payment judged by older rules', fault: null },
  });
  assert.match((await proven(older(MESSAGE_RULES_VERSION))).fault ?? '', /reason/);
  for (const at of [0, 2, 16, 30, 50, 80, 110, 206, 300])
    assert.ok(
      (
        await proven(
          older(0, (value) => {
            value[at] = (value[at] as number) ^ 1;
          }),
        )
      ).fault,
      `byte ${at} changed`,
    );
  // What today's rules take as well says what its message says.
  const paid = Buffer.from(taken);
  paid[207] = 0;
  assert.equal((await proven(paid)).fault, null);
  paid[160] = (paid[160] as number) ^ 1;
  assert.match((await proven(paid)).fault ?? '', /amount1/);
});
