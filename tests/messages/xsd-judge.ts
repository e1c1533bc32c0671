/**
 * Holds what the product takes of messages in XML against the schemas of the standard, as libxml2 reads
 * them. Where the two differ, the difference must be of a kind that is listed here.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { EXAMPLE } from '../../services/contracts/sent-messages.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import type { Currencies } from '../../services/protocol/messages/instruction.ts';
import type { MessageType } from '../../services/protocol/messages/message-types.ts';
import { readPayload, xmlForm } from '../../services/protocol/messages/payload.ts';
import type { RuleId } from '../../services/protocol/rules/message-rules.ts';
import type { Refusal } from '../../services/protocol/rules/refusal.ts';
import type { ElementForm } from '../../services/protocol/xml/xml-form.ts';
import { fixture } from '../support/needs-fixtures.ts';
import { Draw, type GoodMessage, mutant, treeOf, type XmlNode, xmlOfTree } from './xml-mutants.ts';

const currencies: Currencies = new Map(
  ['EUR', 'USD', 'CNY'].map((code) => [code, { minorUnits: 2, pool: 'main' }]),
);

const CANCELLATION_PARTS =
  /camt\.056\.001\.08.*Expected is (one of )?\( \S+(Assgne|CreDtTm|OrgnlMsgId)\b/;

const ANSWER_PARTS = /camt\.029\.001\.09.*Expected is \( \S+CreDtTm \)/;

/** But for the amount, whose currency is heeded, and the agents. */
const SAID_AGAIN =
  /pacs\.002\.001\.10\}(Amt|PmtTpInf|RmtInf|(Ultmt)?Dbtr|DbtrAcct|DbtrAgtAcct|(Ultmt)?Cdtr|CdtrAcct|CdtrAgtAcct|Purp)'/;

const validators = new Map<string, XsdValidator>();

/** What the standard's schema finds wrong with a document; null: nothing. */
export function xsdFault(type: string, xml: string): string | null {
  const known = validators.get(type);
  const validator = known ?? validatorOf(type);
  validators.set(type, validator);
  let document: XmlDocument | undefined;
  try {
    document = XmlDocument.fromString(xml);
    validator.validate(document);
    return null;
  } catch (error) {
    return (error as Error).message.trim();
  } finally {
    document?.dispose();
  }
}

/** By the published schema; where the fixtures have none, by the contract's own, which is closed. */
function validatorOf(type: string): XsdValidator {
  const name = `${type}.xsd`;
  const folder = dirname(fixture('data/xsd/pacs.008.001.08.xsd'));
  const file = existsSync(join(folder, name))
    ? join(folder, name)
    : join(packageFolder, `docs/contracts/schemas/${name}`);
  return XsdValidator.fromDoc(XmlDocument.fromString(readFileSync(file, 'utf8')));
}

/** What the product refuses of a document, and why; null: it is taken. */
export function productFault({ names }: GoodMessage, xml: string): Refusal | null {
  const read = readPayload(names, Buffer.from(xml), currencies, EXAMPLE.network);
  return 'kind' in read ? null : read;
}

/**
 * The product heeds more than the schema: ids that fit headers, amounts by their currency, what must fit
 * together, one payment a message. Each such refusal names its rule. By these alone, which are about how
 * XML is read, it may refuse nothing that the schema takes.
 */
const READING: ReadonlySet<RuleId> = new Set<RuleId>([
  ...(['xml-form', 'message-type', 'text-characters', 'element-form', 'element-choice'] as const),
]);
/** Where the product takes what the schema does not, among what the product reads. By what the schema says. */
const PRODUCT_ASKS_LESS: readonly [kind: string, fault: RegExp][] = [
  ['asks less: what a creditor’s status says again of its transfer, delivered as sent', SAID_AGAIN],
  ['asks less: a cancellation without Assgne, CreDtTm or OrgnlMsgId', CANCELLATION_PARTS],
  ['asks less: the answer to one without CreDtTm', ANSWER_PARTS],
];
const NOT_READ = 'elements that the product does not read, delivered as sent';

/** The document with what the product reads of it, and nothing else. */
function asRead(type: MessageType, xml: string): string {
  const strip = (node: XmlNode, form: ElementForm | null): XmlNode => ({
    ...node,
    attributes: form?.isAmount || node.name === 'Document' ? node.attributes : '',
    children: form?.children
      ? node.children.flatMap((child) => {
          const known = form.children?.get(child.name);
          return known ? [strip(child, known)] : [];
        })
      : node.children,
  });
  return xmlOfTree(strip(treeOf(xml), xmlForm(type).form));
}

/** Why product and schema differ; null: nobody knows. */
function kindOf(
  message: GoodMessage,
  xml: string,
  ours: Refusal | null,
  theirs: string | null,
): string | null {
  if (ours) return READING.has(ours.rule) ? null : `heeds more: ${ours.rule}`;
  if (xsdFault(message.type, asRead(message.type, xml)) === null) return NOT_READ;
  return PRODUCT_ASKS_LESS.find(([, fault]) => fault.test(theirs ?? ''))?.[0] ?? null;
}

export type Tally = Map<string, number>;

/** @returns how many were taken by both, refused by both, and how many differ, by kind */
export function judgeMutants(messages: readonly GoodMessage[], count: number, seed: number): Tally {
  const tally: Tally = new Map();
  const note = (kind: string) => tally.set(kind, (tally.get(kind) ?? 0) + 1);
  const unexplained: string[] = [];
  for (let index = 0; index < count; index++) {
    const message = messages[index % messages.length] as GoodMessage;
    const xml = mutant(message.xml, new Draw(seed, `mutant-${index}`));
    const [ours, theirs] = [productFault(message, xml), xsdFault(message.type, xml)];
    if (ours === null && theirs === null) note('taken by both');
    else if (ours !== null && theirs !== null) note('refused by both');
    else {
      const kind = kindOf(message, xml, ours, theirs);
      if (kind) note(kind);
      else
        unexplained.push(
          `seed ${seed}, mutant ${index}, ${message.type}: product ${ours?.rule} ${ours?.detail}, schema ${theirs}: ${xml}`,
        );
    }
  }
  assert.deepEqual(unexplained.slice(0, 20), [], `${unexplained.length} of ${count}`);
  return tally;
}
