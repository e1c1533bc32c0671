/**
 * The words of XML that reader and writer share. Only a part of XML is taken, which every parser reads
 * alike: 1.0 in UTF-8, no document type (so no entity but the five of the language and characters by
 * number), no processing instruction, no attribute but Ccy, bounded depth.
 */
export class XmlFault extends Error {
  /** As of a Refusal, in the document as JSON has it; of a wrapper, which JSON has not, its name. */
  readonly path: string;
  readonly expected: string;
  /** What stands there, where it was read; undefined: nothing was. */
  readonly found: unknown;

  constructor(expected: string, path = '/', found?: unknown) {
    super(path === '/' ? expected : `${path}: ${expected}`);
    this.path = path;
    this.expected = expected;
    this.found = found;
  }
}

const ISO_NAMESPACE = 'urn:iso:std:iso:20022:tech:xsd:';
const OWN_NAMESPACE = 'urn:corridor:xsd:';

/** The namespace of a message type, with its version: ISO 20022's, or of a type of Corridor's own. */
export const namespaceOf = (type: string): string =>
  `${type.startsWith('corridor.') ? OWN_NAMESPACE : ISO_NAMESPACE}${type}`;

/** What header and document may stand in together: name and namespace. The first is written. */
export const WRAPPERS = [
  { name: 'Envelope', namespace: 'urn:swift:xsd:envelope' },
  { name: 'Envelope', namespace: '' },
  { name: 'RequestPayload', namespace: '' },
  { name: 'Request', namespace: 'SWIFTNetBusinessEnvelope' },
] as const;

/** A currency and so much of it: the currency is the attribute of the amount. */
export const isAmount = (value: object): value is { Ccy: string; Amt: string } =>
  'Ccy' in value &&
  'Amt' in value &&
  typeof value.Ccy === 'string' &&
  typeof value.Amt === 'string' &&
  Object.keys(value).length === 2;
