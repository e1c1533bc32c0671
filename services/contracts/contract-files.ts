import { asyncApi } from './asyncapi.ts';
import { bankTopics } from './bank-topics.ts';
import { CONTRACT_VERSION } from './contract-version.ts';
import { messageSchemas, messageXsds } from './message-schemas.ts';

/** As a file has it. */
export const documentText = (document: object): string => `${JSON.stringify(document, null, 1)}\n`;

/** The files of docs/contracts that come from the code alone, by path; the gateway adds openapi.json. */
export function contractFiles(): Map<string, string> {
  const topics = bankTopics();
  const files = new Map<string, string>();
  files.set('asyncapi.json', documentText(asyncApi(topics, CONTRACT_VERSION)));
  const schemas = messageSchemas(topics);
  for (const [type, schema] of schemas) files.set(`schemas/${type}.json`, documentText(schema));
  for (const [type, xsd] of messageXsds(schemas)) files.set(`schemas/${type}.xsd`, xsd);
  return files;
}
