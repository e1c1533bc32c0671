/**
 * What it costs to verify an attestation, from its signed bytes to its verified record, against a payment: both as
 * their senders write them, from as many keys, in batches of as many. Time of the processor, in turn.
 */
import { createHash } from 'node:crypto';
import { type Bank, createBank } from '../../services/bank/bank.ts';
import { createSigner } from '../../services/core/verification/signing.ts';
import { createVerification } from '../../services/core/verification/verification.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { createVerifier } from '../../services/verifier/verifier.ts';
import { wasmBytes } from '../crypto/traffic.ts';
import { type Line, median } from '../measure.ts';

export const ATTESTATION_CASES = ['attestations'] as const;

const NETWORK = 'bench';
const AT_MS = Date.UTC(2026, 2, 16, 9);
const DATE = '2026-03-16';
const SENDERS = Array.from(
  { length: 16 },
  (_, at) => `BK${String.fromCharCode(65 + at)}ADE00` as Bic,
);
const MESSAGES = 8_192;
const BATCH = 1_024;
const ROUNDS = 9;
const WARM_UP = 2;

const digestOf = (text: string) => createHash('sha256').update(text).digest();
const senderOf = (index: number) => SENDERS[index % SENDERS.length] as Bic;

function payment(bank: Bank, index: number): Message {
  const name = digestOf(`${index}`).toString('hex');
  const from = senderOf(index);
  return bank.pay(
    {
      ...{ messageId: `M-${index}`, endToEndId: `E-${index}`, instructingAgent: from },
      uetr: `${name.slice(0, 8)}-${name.slice(8, 12)}-4000-a000-${name.slice(12, 24)}` as Uetr,
      ...{ debtorAgent: from, creditorAgent: senderOf(index + 1), currency: 'EUR' },
      ...{ amountMinor: BigInt(1 + index), settlementDate: DATE, priority: 'normal' },
      conversion: null,
    },
    { debtor: 'A. Payer', creditor: 'B. Payee' },
    AT_MS,
  );
}

const attestation = (bank: Bank, index: number): Message =>
  bank.attestation(
    {
      ...{ id: `T-${index}`, sender: senderOf(index), verdict: 'accepted', recordKind: null },
      ...{ digest: digestOf(`chain ${index}`), currency: null },
      chain: {
        ...{ settlementDate: DATE, legCount: 4, validUntilMs: AT_MS + 3_600_000 },
        reason: 'Bill of lading 4711, unloaded at Hamburg',
      },
    },
    AT_MS,
  );

/** Prints how many attestations are verified in a second of one processor, and how many times as many as payments. */
export async function measureAttestations(print: (line: Line) => void): Promise<void> {
  const verifier = createVerifier(
    {
      ...{ network: NETWORK, defaultPool: 'main' },
      currencies: new Map([['EUR', { minorUnits: 2, pool: 'main' }]]),
    },
    createVerification(wasmBytes()),
  );
  const banks = SENDERS.map((bic) => {
    const signer = createSigner(digestOf(bic));
    const publicKey = Buffer.from(signer.publicKey).toString('hex');
    verifier.learn({
      bic,
      name: bic,
      keyId: 'key-1',
      publicKey,
      role: 'bank',
      state: 'registered',
    });
    return createBank({
      ...{ bic, keyId: 'key-1', network: NETWORK, decimals: () => 2, keepsSent: false },
      sign: (text) => signer.sign(text),
    });
  });
  const received = (write: (bank: Bank, index: number) => Message) =>
    Array.from({ length: MESSAGES }, (_, index) => ({
      ...write(banks[index % banks.length] as Bank, index),
      ...{ partition: 0, logOffset: index, timestampMs: AT_MS },
    }));
  const cases = { payments: received(payment), attestations: received(attestation) };
  const times = { payments: [] as number[], attestations: [] as number[] };
  for (let round = -WARM_UP; round < ROUNDS; round++)
    for (const name of ['payments', 'attestations'] as const) {
      const start = process.cpuUsage();
      for (let from = 0; from < MESSAGES; from += BATCH) {
        const { inputs } = await verifier.verify(cases[name].slice(from, from + BATCH));
        if (inputs.length !== BATCH) throw new Error(`${name} were refused: no figure`);
      }
      const { user, system } = process.cpuUsage(start);
      if (round >= 0) times[name].push((user + system) / MESSAGES);
    }
  const [attested, paid] = [median(times.attestations), median(times.payments)];
  print({
    ...{ case: 'attestations', value: 1e6 / attested, unit: 'attestations/s' },
    ...{ vs: 'payments', ratio: paid / attested },
  });
}
