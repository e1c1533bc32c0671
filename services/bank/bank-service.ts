import { IDLE_WAIT_MS, startLoop, together } from '../live/retry-loop.ts';
import type { LoggedMessage, RunningService, ServiceContext } from '../live/service-context.ts';
import { progressIn, recordsOf } from '../live/topic-reader.ts';
import type { Currencies } from '../protocol/messages/instruction.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { deliveriesOf, PARTICIPANTS, PAYMENTS, statusesOf } from '../protocol/names/topic-plan.ts';
import {
  type ParticipantKey,
  readParticipantMessage,
} from '../protocol/records/participant-message.ts';
import { createBank } from './bank.ts';
import type { Order } from './payment-orders-csv.ts';
import { RepeatFilter } from './repeat-filter.ts';

/**
 * A sample bank, live: signs its payments and sends them to `payments`, and learns from its own
 * statuses and deliveries what became of them. It shows what a bank's own system has to do.
 */
export interface BankServiceOptions {
  readonly bic: Bic;
  readonly keyId: string;
  readonly network: string;
  readonly sign: (text: Uint8Array) => Uint8Array;
  readonly currencies: Currencies;
  /** Sent in their order; then the bank goes on listening. */
  readonly orders: AsyncIterable<Order> | Iterable<Order>;
  /** Payments a second; 0: as fast as the log takes them. */
  readonly ratePerSecond: number;
  /**
   * Where it begins to read its statuses and deliveries: at the start, which tells what became of
   * orders that an earlier process sent, or at the end, where what it sends is new. Default: `start`.
   */
  readonly readsFrom?: 'start' | 'end';
}

const READ_RECORDS = 500;
/** Payments sent in one call at most. */
const SEND_MAX = 100;
/** Ended payments that are remembered one by one: what comes again about them comes soon. */
const ENDED_MAX = 1_000;
const CUSTOMERS = { debtor: 'A customer', creditor: 'Another customer' };

export async function startBank(
  context: ServiceContext,
  options: BankServiceOptions,
): Promise<RunningService> {
  const { bic, currencies, readsFrom = 'start' } = options;
  const bank = createBank({
    ...options,
    endedMax: ENDED_MAX,
    decimals: (currency) => currencies.get(currency)?.minorUnits ?? 2,
  });
  const figures = figuresOf(context);
  const tell = () => {
    const book = bank.book();
    for (const [name, set] of Object.entries(figures)) set(book[name as keyof typeof book]);
  };
  const read = (name: string, topic: string, take: (value: Uint8Array) => void) =>
    readMail(context, { name, topic, readsFrom }, take, tell);
  const mail = await Promise.all([
    read('Statuses', statusesOf(bic), (value) => bank.takeStatus(value)),
    read('Deliveries', deliveriesOf(bic), () => bank.takeDelivery()),
  ]);
  const sender = startSender(context, options, (order) => {
    const date = new Date(context.nowMs()).toISOString().slice(0, 10);
    const payment = {
      messageId: order.uetr.replaceAll('-', ''),
      endToEndId: order.uetr.replaceAll('-', ''),
      instructingAgent: bic,
      debtorAgent: bic,
      settlementDate: date,
      conversion: null,
      ...order,
    };
    // An order sent again on its day has the same bytes: it is known, and settles once.
    return bank.pay(payment, CUSTOMERS, context.nowMs(), Date.parse(date));
  });
  return together([...mail, sender]);
}

function startSender(
  context: ServiceContext,
  { orders, ratePerSecond }: BankServiceOptions,
  pay: (order: Order) => ReturnType<ReturnType<typeof createBank>['pay']>,
): RunningService {
  const next =
    Symbol.asyncIterator in orders ? orders[Symbol.asyncIterator]() : orders[Symbol.iterator]();
  const startedMs = context.elapsedMs();
  let sent = 0;
  let ended = false;
  return startLoop(context, async (persistently) => {
    if (ended) return context.pause(IDLE_WAIT_MS);
    const due =
      ratePerSecond === 0
        ? SEND_MAX
        : Math.floor(((context.elapsedMs() - startedMs) / 1000) * ratePerSecond) - sent;
    if (due < 1) return context.pause(Math.min(IDLE_WAIT_MS, 1000 / ratePerSecond));
    const batch: Order[] = [];
    while (batch.length < Math.min(due, SEND_MAX) && !ended) {
      const { value, done } = await next.next();
      if (done) ended = true;
      else batch.push(value);
    }
    const messages = batch.map(pay);
    context.reached('bank.beforePayments');
    await persistently(() => context.log.produce(PAYMENTS, messages));
    context.reached('bank.afterPayments');
    sent += batch.length;
    if (ended) context.logger.info({ sent }, 'every order was sent');
  });
}

interface Mail {
  /** How points name it. */
  readonly name: string;
  readonly topic: string;
  /** The bank's own records would tell it where it was, and a sample has none. */
  readonly readsFrom: 'start' | 'end';
}

async function readMail(
  context: ServiceContext,
  { name, topic, readsFrom }: Mail,
  take: (value: Uint8Array) => void,
  tell: () => void,
): Promise<RunningService> {
  const { log, probes, reached } = context;
  const repeats = new RepeatFilter();
  let next = await (readsFrom === 'end' ? log.endOffset(topic, 0) : log.startOffset(topic, 0));
  probes.consumer(
    topic,
    progressIn(log, topic, 0, () => next),
  );
  return startLoop(context, async () => {
    const records = await log.read(topic, 0, next, READ_RECORDS, { waitMs: IDLE_WAIT_MS });
    const last = records[records.length - 1] as LoggedMessage | undefined;
    if (!last) return;
    reached(`bank.before${name}`);
    for (const { headers, value } of records) if (repeats.isNew(headers)) take(value);
    reached(`bank.after${name}`);
    next = last.logOffset + 1;
    tell();
  });
}

function figuresOf({ figures }: ServiceContext) {
  return {
    sent: figures.gauge('corridor_bank_payments_sent', 'Payments sent by this process'),
    pending: figures.gauge('corridor_bank_payments_pending', 'Of these, without a final status'),
    settled: figures.gauge('corridor_bank_payments_settled', 'Of these, settled'),
    rejected: figures.gauge('corridor_bank_payments_rejected', 'Of these, rejected'),
    cancelled: figures.gauge('corridor_bank_payments_cancelled', 'Of these, cancelled'),
    received: figures.gauge('corridor_bank_payments_received', 'Payments for its customers'),
  };
}

/** The keys of participants that the log knows now, each as it stands. */
export async function participantsNow(
  { log }: Pick<ServiceContext, 'log'>, // of a service, or of the founding
): Promise<ParticipantKey[]> {
  const byKey = new Map<string, ParticipantKey>();
  for await (const { value } of recordsOf(log, PARTICIPANTS)) {
    const entry = readParticipantMessage(value);
    if (entry) byKey.set(`${entry.bic}:${entry.keyId}`, entry);
  }
  return [...byKey.values()];
}
