/**
 * The documents that a scenario has recorded. The log has their digests alone; whoever wants to prove one of them needs
 * its text, to the byte.
 */
import { textDigest } from '../protocol/names/text-digest.ts';
import { type DrawnDocument, drawChainDocuments } from './chain-documents.ts';
import { earliestFirst, type Next, yielded } from './earliest-first.ts';
import { sendingTimeMs } from './outages.ts';
import { type DrawnRecord, drawRecordFlow } from './record-draws.ts';
import type { ListedRecord, Scenario } from './scenario.ts';

/**
 * What flows have recorded, merged by the time planned. At one instant flows of records come in the order of the file,
 * then the documents of flows of chains.
 */
export const drawRecords = (scenario: Scenario): Next<DrawnRecord | DrawnDocument> =>
  earliestFirst<DrawnRecord | DrawnDocument>([
    ...scenario.recordFlows.map((flow) => yielded(drawRecordFlow(scenario, flow))),
    ...drawChainDocuments(scenario),
  ]);

/** Id of the message that records it. */
export const listedRecordId = ({ id }: ListedRecord, place: number): string =>
  id ?? `record-${place + 1}`;

/** What a record of a flow says, and the text of which its digest is taken: whoever has it can prove it. */
export function drawnContent(
  { participants }: Pick<Scenario, 'participants'>,
  drawn: DrawnRecord | DrawnDocument,
) {
  if ('text' in drawn) {
    const { id, document, currency, text } = drawn;
    const { attestor, recordKind } = document;
    return { id, attestor, recordKind, currency, counter: null, text };
  }
  const { flow, place, attestor, counter, sentMs } = drawn;
  const { name, recordKind, currency } = flow;
  const text = `${recordKind} of ${participants[attestor]!.bic} at ${sentMs}: ${counter}`;
  return { id: `${name}-${place}`, attestor, recordKind, currency, counter, text };
}

/** A document that an attestor records. */
export interface RecordedDocument {
  /** Of the message. */
  readonly id: string;
  readonly attestor: string;
  readonly kind: string;
  /** When it leaves its attestor: as ISO 8601 has it, in UTC. */
  readonly at: string;
  /** SHA-256 in hex. */
  readonly digest: string;
  /** Null: the scenario has its digest alone. */
  readonly text: string | null;
}

/** Those of a scenario that are sent, once each: listed ones first, then those of flows in order of time. */
export function* recordedDocuments(scenario: Scenario): Generator<RecordedDocument, void> {
  const bic = (participant: number) => scenario.participants[participant]!.bic;
  const at = (ms: number) => new Date(ms).toISOString();
  for (const [place, record] of scenario.records.entries()) {
    const sentMs = sendingTimeMs(scenario, record.attestor, record.atMs);
    if (sentMs === null) continue;
    yield {
      id: listedRecordId(record, place),
      ...{ attestor: bic(record.attestor), kind: record.recordKind, at: at(sentMs) },
      digest: Buffer.from(record.digest).toString('hex'),
      text: scenario.document.records?.[place]?.document ?? null,
    };
  }
  const next = drawRecords(scenario);
  for (let drawn = next(); drawn !== null; drawn = next()) {
    const { id, attestor, recordKind: kind, text } = drawnContent(scenario, drawn);
    const digest = textDigest(text).toString('hex');
    yield { id, attestor: bic(attestor), kind, at: at(drawn.sentMs), digest, text };
  }
}
