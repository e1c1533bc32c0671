import { Type } from '@sinclair/typebox';
import { asyncApi } from '../contracts/asyncapi.ts';
import { bankTopics } from '../contracts/bank-topics.ts';
import { documentText } from '../contracts/contract-files.ts';
import { indexPage, messagePage, PAGE_POLICY } from '../contracts/contract-pages.ts';
import { CONTRACT_VERSION } from '../contracts/contract-version.ts';
import { madeOnce } from '../contracts/made-once.ts';
import { messageSchemas, messageXsds } from '../contracts/message-schemas.ts';
import { ProblemError } from '../protocol/names/http-problems.ts';
import { type GatewayApp, openApiOf } from './http-server.ts';
import { problems } from './request-schemas.ts';

const HTML = 'text/html; charset=utf-8';
const NAME = Type.String({
  description: 'As the page or document before names it',
  pattern: '^[a-z0-9.]{1,40}$',
  title: '1 to 40 characters of a-z 0-9 .',
});
const page = (description: string) => ({
  description,
  headers: { 'content-security-policy': Type.Literal(PAGE_POLICY) },
  content: { 'text/html': { schema: Type.String() } },
});
const JSON_CONTENT = {
  'application/json': { schema: Type.Object({}, { additionalProperties: true }) },
};

/** What banks build against, as documents and as pages: written once, when first asked for. */
export function addContractRoutes(app: GatewayApp): void {
  const texts = new Map<string, string>();
  const schemas = madeOnce(() => messageSchemas(bankTopics()));
  const written = (name: string, write: () => string): string => {
    const text = texts.get(name) ?? write();
    texts.set(name, text);
    return text;
  };
  const html = (name: string, write: () => string) => ({ text: written(name, write), type: HTML });
  const everyone = { config: { access: 'everyone' } } as const;

  app.get(
    '/docs',
    {
      ...everyone,
      schema: {
        summary: 'What a bank builds against, as a page',
        tags: ['about'],
        response: { 200: page('Topics, routes and messages'), ...problems() },
      },
    },
    async (_request, reply) => {
      const { text, type } = html('docs', () =>
        indexPage(bankTopics(), openApiOf(app), CONTRACT_VERSION),
      );
      return reply.type(type).header('content-security-policy', PAGE_POLICY).send(text);
    },
  );
  app.get(
    '/docs/:type',
    {
      ...everyone,
      schema: {
        summary: 'One message, as a page',
        tags: ['about'],
        params: Type.Object({ type: NAME }),
        response: { 200: page('Its elements, headers and an example'), ...problems(404) },
      },
    },
    async ({ params }, reply) => {
      const { text, type } = html(`docs ${params.type}`, () => {
        const schema = schemas().get(params.type);
        if (!schema) throw nothingNamed('type', params.type);
        return messagePage(params.type, schema, bankTopics());
      });
      return reply.type(type).header('content-security-policy', PAGE_POLICY).send(text);
    },
  );
  app.get(
    '/asyncapi.json',
    {
      ...everyone,
      schema: {
        summary: 'The topics of a bank',
        tags: ['about'],
        response: { 200: { description: 'AsyncAPI 3', content: JSON_CONTENT }, ...problems() },
      },
    },
    async (_request, reply) =>
      reply
        .type('application/json')
        .serializer((one: unknown) => one as string)
        .send(written('asyncapi', () => documentText(asyncApi(bankTopics(), CONTRACT_VERSION)))),
  );
  app.get(
    '/schemas/:file',
    {
      ...everyone,
      schema: {
        summary: 'The schema of a message',
        tags: ['about'],
        params: Type.Object({ file: NAME }),
        response: {
          200: {
            description: 'JSON Schema 2020-12, or XSD',
            content: {
              ...JSON_CONTENT,
              'application/xml': { schema: Type.String() },
            },
          },
          ...problems(404),
        },
      },
    },
    async ({ params: { file } }, reply) => {
      const text = written(`schemas ${file}`, () => {
        const id = file.replace(/\.(json|xsd)$/, '');
        const schema = schemas().get(id);
        const found = file.endsWith('.xsd')
          ? messageXsds(schemas()).get(id)
          : file.endsWith('.json') && schema && documentText(schema);
        if (!found) throw nothingNamed('file', file);
        return found;
      });
      return reply
        .type(file.endsWith('.xsd') ? 'application/xml' : 'application/json')
        .serializer((one: unknown) => one as string)
        .send(text);
    },
  );
}

const nothingNamed = (field: string, value: string): ProblemError =>
  new ProblemError('notFound', { detail: 'no such message; GET /docs lists them', field, value });
