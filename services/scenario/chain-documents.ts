/**
 * What is recorded of the chains of flows: of each chain one document of each kind, whose digest is in the log. A
 * document says of which chain it is and what that pays, and names the documents that were recorded before it. So the
 * last one leads to all others, and to the payments.
 */
import { amountText } from '../protocol/names/minor-units.ts';
import { textDigest } from '../protocol/names/text-digest.ts';
import { drawFlowChains } from './chain-draws.ts';
import type { DraftPayment } from './draft-rows.ts';
import { type Next, yielded } from './earliest-first.ts';
import { sendingTimeMs } from './outages.ts';
import type {
  Scenario,
  ScenarioChain,
  ScenarioChainDocument,
  ScenarioChainFlow,
} from './scenario.ts';

export interface DrawnDocument {
  readonly id: string;
  readonly document: ScenarioChainDocument;
  /** One of the pool whose log keeps it: that of leg 1. */
  readonly currency: number;
  /** When it is due; it leaves behind the outages of its attestor. */
  readonly atMs: number;
  readonly sentMs: number;
  /** Of which the digest is taken (UTF-8): JSON in one line, without an end of line. */
  readonly text: string;
}

/** Unlike any other id of a scenario it has a full stop. */
export const documentId = (kind: string, chain: string): string => `${kind}.${chain}`;

/** Of each kind of each flow those that are sent, in order of the time when they are due. */
export const drawChainDocuments = (scenario: Scenario): Next<DrawnDocument>[] =>
  scenario.chainFlows.flatMap((flow) =>
    flow.documents.map((_, place) => yielded(documentsOf(scenario, flow, place))),
  );

/** @param place of their kind in the flow's documents */
function* documentsOf(
  scenario: Scenario,
  flow: ScenarioChainFlow,
  place: number,
): Generator<DrawnDocument, void> {
  const document = flow.documents[place]!;
  for (const dateIndex of scenario.businessDates.keys())
    for (const { drafts } of drawFlowChains(scenario, flow, dateIndex)) {
      const chain = drafts[0]?.ofChain?.chain;
      // Of a chain without a leg that is sent nobody knows.
      if (!chain) continue;
      const atMs = chain.atMs - document.beforeMs;
      const sentMs = sendingTimeMs(scenario, document.attestor, atMs);
      if (sentMs === null) continue;
      const id = documentId(document.recordKind, chain.id);
      const text = documentText(scenario, flow.documents.slice(0, place + 1), chain, drafts);
      yield { id, document, currency: flow.currency, atMs, sentMs, text };
    }
}

/** The text of the last of documents of one chain. */
function documentText(
  scenario: Scenario,
  documents: readonly ScenarioChainDocument[],
  chain: ScenarioChain,
  drafts: readonly DraftPayment[],
): string {
  const bic = (participant: number) => scenario.participants[participant]!.bic;
  const uetrs = new Map(drafts.map(({ ofChain, uetr }) => [ofChain?.legNumber, uetr]));
  const legs = chain.legs.map(({ debtorAgent, creditorAgent, currency, amountMinor }) => {
    const { code, minorUnits } = scenario.currencies[currency]!;
    const amount = amountText(amountMinor, minorUnits);
    return { from: bic(debtorAgent), to: bic(creditorAgent), currency: code, amount };
  });
  // Where a payment is instructed it has a UETR.
  const instructed = legs.map((leg, place) => {
    const uetr = uetrs.get(place + 1);
    return uetr === undefined ? leg : { uetr: `${uetr}`, ...leg };
  });
  const condition = chain.condition && {
    threshold: chain.condition.threshold,
    groups: chain.condition.groups.map(({ threshold, attestors, isMandatory }) => ({
      ...{ threshold, attestors: attestors.map(bic) },
      ...(isMandatory && { isMandatory }),
    })),
  };
  const digests: Record<string, string> = {};
  let text = '';
  for (const { recordKind, attestor, beforeMs } of documents) {
    text = JSON.stringify({
      kind: recordKind,
      attestor: bic(attestor),
      chain: chain.id,
      date: scenario.businessDates[chain.dateIndex],
      legs: beforeMs > 0 ? legs : instructed,
      ...(condition && { condition }),
      ...(text !== '' && { documents: digests }),
    });
    digests[recordKind] = textDigest(text).toString('hex');
  }
  return text;
}
