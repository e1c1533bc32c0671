/** The pools' transparency logs, which are everybody's to read, and receipts, which are the banks'. */
import { Type } from '@sinclair/typebox';
import { cosignatureMessage } from '../evidence/cosigned-checkpoints.ts';
import { EvidenceFault, parseVerifierKey } from '../evidence/signed-note.ts';
import { CHECKPOINT_FILE, isWholeTile } from '../evidence/tiles.ts';
import { PROOF_ENDING } from '../evidence/tlog-proof.ts';
import type { LoggedMessage } from '../live/service-context.ts';
import { PAYMENT_TYPES, RETURN } from '../protocol/messages/message-types.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { ProblemError } from '../protocol/names/http-problems.ts';
import { COSIGNATURES, POOL_PATTERN } from '../protocol/names/topic-plan.ts';
import { QueryHeaders, type ReadingPorts, readerOf } from './bank-reads-its-own.ts';
import { UnverifiedNotes } from './door-signatures-and-rate-limits.ts';
import type { FastifyReply, GatewayApp } from './http-server.ts';
import { logged } from './log-port-and-try-later.ts';
import type { MailRoom } from './mail-subscription.ts';
import { onlyWanted, type WantedPayment, wantedAmong } from './one-payment-of-a-uetr.ts';
import {
  type BanksPayment,
  endIn,
  ownPayments,
  type ReceiptPorts,
  receiptOf,
  receivedPayments,
  refuseWithoutEnd,
} from './payment-receipt.ts';
import { refuseRevoked } from './reader-signature.ts';
import {
  BicSchema,
  json,
  oneOfTypes,
  PoolParameter,
  problems,
  UetrPath,
} from './request-schemas.ts';

export interface EvidencePorts extends Omit<ReceiptPorts, 'checkpointOf'> {
  /** Verifier keys of the logs, by pool. */
  readonly logKeys: ReadonlyMap<string, string>;
}

/** Of a pool the newest note that the network's policy takes, which has witnesses or none. */
async function checkpointOf(
  { logs, logKeys, cosigned }: EvidencePorts,
  pool: string,
): Promise<string | null> {
  if (!cosigned) {
    const note = logs.read(pool, CHECKPOINT_FILE);
    return note && Buffer.from(note).toString();
  }
  const key = logKeys.get(pool);
  return key === undefined ? null : cosigned.newest(parseVerifierKey(key).name);
}

const PLAIN = 'text/plain; charset=utf-8';
/** A tile never has other bytes under its name, until a network that is founded anew has another log there. */
const AN_HOUR = 'public, max-age=3600';
const TILE =
  /^(?:entries|\d|[1-5]\d|6[0-3])\/(?:x\d{3}\/)*\d{3}(?:\.p\/(?:[1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-5]))?$/;

const PoolPath = Type.Object({
  pool: Type.String({ pattern: POOL_PATTERN, title: 'the name of a pool' }),
});
const text = (description: string) => ({
  description,
  headers: { 'cache-control': Type.String() },
  content: { 'text/plain': { schema: Type.String() } },
});
const plain = (reply: FastifyReply, cacheControl: string, body: string) =>
  reply
    .type(PLAIN)
    .header('cache-control', cacheControl)
    .serializer((one: unknown) => one as string)
    .send(body);

const Taken = Type.Object({
  isNew: Type.Boolean({ description: 'Whether one of them was not known before' }),
});
/** A checkpoint with the lines of a hundred cosigners. */
const NOTE_CHARACTERS_MAX = 32_768;

function noteIn(body: unknown): string {
  const expected = `JSON with a signed note of at most ${NOTE_CHARACTERS_MAX} characters in note`;
  try {
    const { note } = JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : '');
    if (typeof note === 'string' && note.length <= NOTE_CHARACTERS_MAX) return note;
  } catch {}
  throw new ProblemError('bodyInvalid', {
    detail: `the body is none: expected ${expected}`,
    expected,
  });
}

export function addEvidenceRoutes(app: GatewayApp, ports: EvidencePorts): void {
  const { logs, logKeys } = ports;
  const unverified = new UnverifiedNotes();
  const file = (pool: string, path: string): Buffer => {
    const bytes = logKeys.has(pool) ? logs.read(pool, path) : null;
    // Half of a tile would be kept by who asks for it, and by what is between, for an hour.
    if (bytes && (path === CHECKPOINT_FILE || isWholeTile(path, bytes))) return Buffer.from(bytes);
    throw new ProblemError(
      'notFound',
      logKeys.has(pool)
        ? { detail: `the log of pool ${pool} has no such file`, field: 'path', value: path }
        : {
            detail: `pool ${pool} has no log; GET /evidence/policy names those that have one`,
            field: 'pool',
            value: pool,
          },
    );
  };
  app.get(
    '/evidence/policy',
    {
      config: { access: 'everyone' },
      schema: {
        summary: 'The keys of the pools’ transparency logs, as a policy (tlog-policy)',
        description: 'Believe it as far as you believe whom you have it from.',
        tags: ['evidence'],
        response: { 200: text('A policy'), ...problems(404) },
      },
    },
    async (_request, reply) => {
      if (logKeys.size === 0)
        throw new ProblemError('notFound', { detail: 'no pool of this network has a log' });
      const lines = [...logKeys.values()].map((key) => `log ${key}\n`);
      const own = `${lines.join('')}quorum none\n`;
      return plain(reply, 'no-cache', ports.cosigned?.policyText ?? own);
    },
  );
  app.get(
    '/evidence/pools/:pool/checkpoint',
    {
      config: { access: 'everyone' },
      schema: {
        summary: 'The last checkpoint of a pool’s log (tlog-checkpoint)',
        description:
          'A signed note. The log’s tiles lie beside it, as tlog-tiles names them: `tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]`.',
        tags: ['evidence'],
        params: PoolPath,
        response: { 200: text('A signed note'), ...problems(404) },
      },
    },
    async ({ params: { pool } }, reply) =>
      plain(reply, 'no-cache', file(pool, CHECKPOINT_FILE).toString()),
  );
  app.get(
    '/evidence/pools/:pool/cosigned',
    {
      config: { access: 'everyone' },
      schema: {
        summary: 'The newest checkpoint of a pool’s log that the policy’s quorum cosigned',
        description:
          'The log’s signature, and those of its witnesses. A witness follows `checkpoint`.',
        tags: ['evidence'],
        params: PoolPath,
        response: { 200: text('A signed note'), ...problems(404) },
      },
    },
    async ({ params: { pool } }, reply) => {
      const note = logKeys.has(pool) ? await logged(checkpointOf(ports, pool)) : null;
      if (note === null)
        throw new ProblemError('notFound', { detail: `pool ${pool} has no cosigned checkpoint` });
      return plain(reply, 'no-cache', note);
    },
  );
  app.post(
    '/evidence/cosignatures',
    {
      config: { access: 'everyone' },
      schema: {
        summary: 'Cosignatures of a witness that has no Kafka',
        description:
          'JSON with the note in `note`: a checkpoint as the log signed it, and lines of witnesses of the policy. It goes to the topic `cosignatures`, once.',
        tags: ['evidence'],
        response: {
          200: { description: 'They are known', content: json(Taken) },
          ...problems(400, 401, 404, 413, 415, 429),
        },
      },
    },
    async ({ body, ip }) => {
      const { cosigned } = ports;
      if (!cosigned)
        throw new ProblemError('notFound', { detail: 'this network has no witnesses' });
      const note = noteIn(body);
      await unverified.refuseFull(ip);
      const write = () => ports.log.produce(COSIGNATURES, [cosignatureMessage(note)]);
      try {
        const brought = await logged(cosigned.accept(note, write));
        if (brought === 'repeated') await unverified.count(ip, note.length);
        return { isNew: brought === 'new' };
      } catch (error) {
        if (!(error instanceof EvidenceFault)) throw error;
        await unverified.count(ip, note.length);
        throw new ProblemError('notAuthentic', { detail: error.message, field: 'note' });
      }
    },
  );
  // Paths of any depth are nothing that OpenAPI can say.
  app.get<{ Params: { pool: string; '*': string } }>(
    '/evidence/pools/:pool/tile/*',
    { config: { access: 'everyone' }, schema: { hide: true } },
    async ({ params }, reply) => {
      const path = params['*'];
      if (!TILE.test(path))
        throw new ProblemError('notFound', {
          detail: 'no path of a tile',
          field: 'path',
          value: path,
          expected: '<L>/<N>, entries/<N>, and .p/<W> behind it',
        });
      // Before its header: that there is none yet is nothing to be kept for an hour.
      const bytes = file(params.pool, `tile/${path}`);
      return reply.type('application/octet-stream').header('cache-control', AN_HOUR).send(bytes);
    },
  );
}

const ReceiptQuery = Type.Object({
  type: Type.Optional(oneOfTypes(PAYMENT_TYPES.filter((type) => type !== RETURN))),
  pool: Type.Optional(PoolParameter),
  sender: Type.Optional(BicSchema),
});

/**
 * The bank's own payments under a UETR. Those to it where it has none of its own that is wanted and has ended, or
 * where another sender is: what was delivered stands in no index, and all of that topic is read.
 */
async function endedPayments(
  room: MailRoom,
  bic: Bic,
  uetr: string,
  wanted: WantedPayment,
): Promise<BanksPayment[]> {
  const { sender = bic } = wanted;
  const hasEnded = (payments: readonly BanksPayment[]) =>
    wantedAmong(payments, wanted).some(({ told }) => told !== null);
  const own: BanksPayment[] = [];
  if (sender === bic) {
    const { records } = await room.statusesOf(bic, uetr, (known) =>
      hasEnded(ownPayments(bic, known)),
    );
    own.push(...ownPayments(bic, records));
    if (wanted.sender === bic || hasEnded(own)) return own;
  }
  const isEnd = (record: LoggedMessage) => endIn(record) !== null;
  const received = receivedPayments(await room.deliveriesUnder(bic, uetr, isEnd));
  return received.length > 0 ? received : own;
}

/** What a payment became, for both of its banks. */
export function addReceiptRoute(
  app: GatewayApp,
  reading: ReadingPorts,
  ports: EvidencePorts,
): void {
  app.get(
    '/payments/:uetr/receipt',
    {
      config: { access: 'participant' },
      schema: {
        summary: 'The receipt of a payment of the bank that signs, or to it',
        description: `\`type\`, \`pool\` and \`sender\` choose where several payments have the UETR; without \`sender\` a payment of the bank’s own is meant, and one to it where it has none that ended. A return has no receipt. The answer is a proof (${PROOF_ENDING}) that the event by which the payment ended is in its pool’s log, with the event, the payment as it was sent, and the checkpoint: \`corridor verify\` checks it. 503 notSealed: ask again a second later, or the witnesses whom it names have to cosign. 500: the log’s files are not of the pool’s events, and no receipt would hold.`,
        tags: ['evidence'],
        params: UetrPath,
        querystring: ReceiptQuery,
        headers: QueryHeaders,
        response: { 200: text('A proof (tlog-proof)'), ...problems(401, 404) },
      },
    },
    async (request, reply) => {
      const reader = readerOf(request);
      const { bic } = reader;
      const { uetr } = request.params;
      const wanted = request.query;
      const payments = await logged(endedPayments(reading.room, bic, uetr, wanted));
      refuseRevoked(reader);
      const payment = onlyWanted(payments, wanted);
      if (!payment?.told) return refuseWithoutEnd(bic, uetr);
      const receipt = await logged(
        receiptOf(payment.told, { ...ports, checkpointOf: (pool) => checkpointOf(ports, pool) }),
      );
      return plain(reply, 'no-store', receipt);
    },
  );
}
