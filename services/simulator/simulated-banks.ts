import { type Bank, type BankBook, createBank } from '../bank/bank.ts';
import { SigningBuffer } from '../core/verification/signing-buffer.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import type { Message } from '../protocol/names/message.ts';
import { noTraffic, type TrafficTotals } from '../scenario/planned-payment.ts';
import { type PlannedAction, runInRows } from '../scenario/run-plan.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type PlannedPause, withAsks } from './cycle-and-operator-turns.ts';
import type { MessageAction } from './direct-records.ts';
import { KEY_ID, simulatedSecretKey } from './keys-and-genesis.ts';
import { withTurns } from './operators-between-pools.ts';
import { PlannedMessages } from './planned-messages.ts';
import type { BankMail, BanksEnd, RunBanks, WrittenSlice } from './run-banks.ts';
import { isMessage, PlanSlice, slices } from './time-slices.ts';

export interface SimulatedBanksOptions {
  readonly scenario: Scenario;
  /** In which they sign; null: they do not. */
  readonly signingCore: WebAssembly.Module | null;
  /** Whether the plan has the cycles in it that ask a mechanism of one's own. */
  readonly asks: boolean;
}

/** Stands in a message until its signature is there. */
const UNSIGNED = Buffer.alloc(64);
const UNSIGNED_TEXT = UNSIGNED.toString('base64');

/** The room of a batch that is signed; what is more takes several, one after the other. */
const SIGNING_LIMITS = { recordsMax: 4096, messageBytesMax: 2 * 1024 * 1024 };

/** The banks and dealers of a scenario: they plan, write and sign, and learn from what they are told. */
export class SimulatedBanks implements RunBanks {
  readonly #banks: readonly Bank[];
  readonly #messages: PlannedMessages;
  readonly #signing: SigningBuffer | null;
  /** Of the messages that were written last, in their order, base64. */
  readonly #signatures: string[] = [];
  readonly #totals: TrafficTotals = noTraffic();
  readonly #slices: Generator<PlanSlice | PlannedPause, void>;

  constructor({ scenario, signingCore, asks }: SimulatedBanksOptions) {
    const { participants, currencies, seed, network, repeatMessages, batchSize } = scenario;
    const keys = participants.map(({ bic }) => simulatedSecretKey(seed, bic));
    const signing = signingCore && new SigningBuffer(signingCore, keys, SIGNING_LIMITS);
    const decimalsOf = new Map(currencies.map(({ code, minorUnits }) => [code, minorUnits]));
    this.#signing = signing;
    this.#banks = participants.map(({ bic }, index) =>
      createBank({
        bic: bic as Bic,
        keyId: KEY_ID,
        network,
        ...(signing && { sign: (text: Uint8Array) => this.#sign(signing, index, text) }),
        decimals: (currency) => decimalsOf.get(currency) as number,
        keepsSent: repeatMessages.some((rule) => rule.participant === index),
      }),
    );
    this.#messages = new PlannedMessages(
      scenario,
      (participant) => this.#banks[participant] as Bank,
    );
    const plan = runInRows(scenario, this.#totals);
    const paused = withTurns(asks ? withAsks(plan, scenario) : plan, scenario);
    this.#slices = slices(scenario, paused, batchSize);
  }

  async next(): Promise<WrittenSlice | PlannedPause | null> {
    const { value } = this.#slices.next();
    if (!value) return null;
    return value instanceof PlanSlice ? this.#write(value) : value;
  }

  async tell(mail: readonly BankMail[]): Promise<void> {
    for (const { participant, statuses, deliveries } of mail) {
      const bank = this.#banks[participant] as Bank;
      for (const status of statuses) bank.takeStatus(status);
      for (let delivery = 0; delivery < deliveries; delivery++) bank.takeDelivery();
    }
  }

  async end(): Promise<BanksEnd> {
    const none = { sent: 0, pending: 0, settled: 0, rejected: 0, cancelled: 0, received: 0 };
    const books: BankBook = { ...none, answers: 0, unmatched: 0 };
    for (const bank of this.#banks) {
      const book = bank.book();
      for (const key of Object.keys(books) as (keyof BankBook)[]) books[key] += book[key];
    }
    return { books, totals: this.#totals };
  }

  #write(actions: PlanSlice): WrittenSlice {
    const messages: Message[] = [];
    const controls: { readonly after: number; readonly action: PlannedAction }[] = [];
    let payments = 0;
    for (const action of actions) {
      if (action.kind === 'payment' && !action.payment.isRepeat) payments += 1;
      if (isMessage(action)) messages.push(this.#message(action));
      else controls.push({ after: messages.length, action });
    }
    if (this.#signing !== null) this.#addSignatures(this.#signing, messages);
    return { kind: 'slice', atMs: actions.atMs, payments, messages, controls };
  }

  #message(action: MessageAction): Message {
    if (action.kind === 'payment') return this.#messages.pay(action.payment);
    return action.kind === 'request'
      ? this.#messages.request(action.request)
      : this.#messages.quote(action);
  }

  /** Its signature is made together with others'. */
  #sign(signing: SigningBuffer, participant: number, text: Uint8Array): Uint8Array {
    if (!signing.input.fits(text.length)) this.#signAll(signing);
    signing.input.append(participant, text, UNSIGNED);
    return UNSIGNED;
  }

  #signAll(signing: SigningBuffer): void {
    signing.sign();
    for (let index = 0; index < signing.input.count; index++)
      this.#signatures.push(signing.input.signatureText(index));
    signing.input.clear();
  }

  #addSignatures(signing: SigningBuffer, messages: readonly Message[]): void {
    this.#signAll(signing);
    for (const [index, message] of messages.entries())
      addSignature(message, this.#signatures[index] as string);
    this.#signatures.length = 0;
  }
}

/** What was flipped before the signature was there is flipped in it. */
function addSignature({ headers }: Message, signature: string): void {
  const { ce_signature: flipped = UNSIGNED_TEXT } = headers;
  // The message is nobody else's yet: a copy of it and of its headers would take longer than all else here.
  (headers as Record<string, string>).ce_signature =
    flipped === UNSIGNED_TEXT ? signature : withFlipped(signature, flipped);
}

function withFlipped(signature: string, flipped: string): string {
  const bytes = Buffer.from(signature, 'base64');
  for (const [at, bits] of Buffer.from(flipped, 'base64').entries())
    bytes.writeUInt8(bytes.readUInt8(at) ^ bits, at);
  return bytes.toString('base64');
}
