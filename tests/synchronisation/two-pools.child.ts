import { writeFileSync } from 'node:fs';
import { createBank } from '../../services/bank/bank.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { EventsFollower } from '../../services/live/events-follower.ts';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import {
  createLogger,
  createServiceProcess,
} from '../../services/platform/service/service-process.ts';
import { termsDigest } from '../../services/protocol/messages/chain.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import { PAYMENTS, poolEvents } from '../../services/protocol/names/topic-plan.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { readAll } from '../faults/topics-against-replay.ts';
import { signerOf } from '../faults/traffic.ts';
import { startNetwork, until } from '../support/live.ts';
import { today } from '../support/network.ts';
import { scenarioFile } from '../support/run.ts';

/**
 * A live network of two pools with its operator, as one process over the embedded log of a folder. Its banks send one
 * chain if nobody has sent it, which has a condition, and what is attested of it. It writes what became of both parts, or kills itself as a point is reached.
 *   node two-pools.child.js FOLDER RESULT-FILE [POINT]
 */
const [folder, result, point] = process.argv.slice(2) as [string, string, string?];
const [ALFA, BETA, OPERATOR] = ['ALFADE00', 'BETASG00', 'SYNCDE00'] as [Bic, Bic, Bic];
const SCENARIO = `name: two-pools
description: Two banks in two pools, and an operator between them.
seed: 3
network: two-pools-1
businessDates: [2026-03-16]
zone: UTC
currencies:
  EUR: { opens: "08:00", closes: "18:00", zone: UTC }
  SGD: { opens: "08:00", closes: "18:00", zone: UTC }
pools: { west: [EUR], east: [SGD] }
participants:
  - { bic: ${ALFA}, name: Alfa, accounts: { EUR: { balance: "100.00" }, SGD: { balance: "0.00" } } }
  - { bic: ${BETA}, name: Beta, accounts: { EUR: { balance: "0.00" }, SGD: { balance: "100.00" } } }
  - { bic: ${OPERATOR}, name: Between, role: synchronisationOperator }
profiles:
  day:
    zone: UTC
    parts: [{ from: "08:00", to: "18:00", weight: 1 }]
traffic:
  - name: eur
    from: EUR
    paymentsPerDate: 1
    profile: day
    amounts: { median: "1.00", sigma: 1, min: "1.00", max: "1.00" }
`;
const scenario = loadScenario(scenarioFile('two-pools'), { readFile: () => SCENARIO });
const log = openEmbeddedLog({ folder });
const shared = createServiceProcess({
  ...{ log, logger: createLogger('fatal'), stallMs: 60_000 },
  reached: (one) => {
    if (one === point) process.kill(process.pid, 'SIGKILL');
  },
});
const operator = signerOf(scenario, OPERATOR);
await startNetwork(log, {
  ...{ shared, founded: scenario },
  synchronisation: [{ bic: OPERATOR, keyId: 'key-1', sign: (text) => operator.sign(text) }],
});

const legs = [
  { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 2500n },
  { debtorAgent: BETA, creditorAgent: ALFA, code: 'SGD', minor: 3700n },
] as const;
const isSent = (await log.endOffset(PAYMENTS, 0)) + (await log.endOffset(PAYMENTS, 1)) > 0;
if (!isSent)
  for (const [place, { debtorAgent: bic }] of legs.entries()) {
    const signer = signerOf(scenario, bic);
    const bank = createBank({
      ...{ bic, keyId: 'key-1', network: scenario.network, decimals: () => 2 },
      sign: (text) => signer.sign(text),
    });
    const leg = {
      ...{ messageId: `M-${place}`, chainId: 'TWO-1', instructingAgent: bic, legs },
      uetr: `00000000-0000-4000-9000-00000000000${place}` as Uetr,
      ...{ legNumber: place + 1, settlementDate: today(), priority: 'normal' as const },
      // No hour at which this runs is later.
      earmark: { when: 'acceptance', expiry: '23:59:59-12:00', onExpiry: 'release' } as const,
      condition: {
        ...{ groups: [{ threshold: 1, attestors: [ALFA] }], threshold: 1 },
        ...{ deadline: '23:59:59-12:00', onSilence: 'release' as const },
      },
      synchronised: { operator: OPERATOR, homeLegs: 1 },
    };
    const atMs = Date.now();
    const said = { id: 'A-1', sender: bic, verdict: 'accepted', recordKind: null } as const;
    const chain = { settlementDate: leg.settlementDate, legCount: 1, validUntilMs: null };
    const digest = termsDigest(scenario.network, leg);
    const attested = { ...said, digest, chain: { ...chain, reason: null }, currency: 'EUR' };
    // ALFA's word follows its leg, in the same partition.
    const words = bic === ALFA ? [bank.attestation(attested, atMs, atMs)] : [];
    await log.produce(PAYMENTS, [bank.chainLeg(leg, atMs), ...words]);
  }

const KINDS = ['matched', 'promised', 'attested', 'settled', 'cancelled', 'rejected'];
async function told(pool: string): Promise<string[]> {
  const follower = new EventsFollower(pool);
  const messages = await readAll(log, poolEvents(pool));
  const events = messages.flatMap((message) => readEvents(follower.take(message)));
  return events.map(({ kind }) => kind).filter((kind) => KINDS.includes(kind));
}
await until('both parts have ended', async () => {
  const both = [await told('west'), await told('east')];
  return both.every((kinds) => kinds.includes('settled') || kinds.includes('cancelled'));
});
writeFileSync(result, JSON.stringify({ west: await told('west'), east: await told('east') }));
process.exit(0);
