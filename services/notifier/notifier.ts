// Which event tells whom what: `messagesOf`. The words of statuses are in protocol/messages and protocol/names/iso-reasons.ts.

import { type StatusWait, statusWait } from '../analysis/waits/wait-status-text.ts';
import type { WaitReason } from '../analysis/waits/waiting-message.ts';
import type { Reason } from '../core/settlement/reasons.ts';
import {
  CONDITION_ATTESTORS_MAX,
  CONDITION_GROUPS_MAX,
  RECORD_KINDS,
} from '../core/settlement/records.ts';
import type { EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';
import {
  agentsOfLegs,
  attestorsOf,
  synchronisationOperatorOf,
} from '../protocol/messages/chain.ts';
import {
  type ChainLegInstruction,
  type Currencies,
  currencyTerms,
} from '../protocol/messages/instruction.ts';
import {
  CANCELLATION,
  CHAIN,
  CREDITOR_STATUS,
  isReturnType,
  MESSAGE_TYPES,
  REPORT_REQUEST,
  STATUS_REQUEST,
} from '../protocol/messages/message-types.ts';
import { reasonOfMessage } from '../protocol/messages/own-ids.ts';
import { documentOf, isRefusal, readPayload } from '../protocol/messages/payload.ts';
import { RESOLUTION, writeResolution } from '../protocol/messages/resolution-and-receipt.ts';
import {
  STATUS_REPORT,
  type StatusCode,
  writeStatusReport,
} from '../protocol/messages/status-report.ts';
import {
  SYSTEM_EVENT,
  writeDayEvent,
  writeWithheldNotices,
} from '../protocol/messages/system-event.ts';
import { type Bic, type Uetr, uetrFromBytes } from '../protocol/names/bic-and-uetr.ts';
import { CONTENT_TYPES, syntaxOfPayload } from '../protocol/names/content-type.ts';
import { dateText, isoTime } from '../protocol/names/dates.ts';
import { Directory } from '../protocol/names/handles-to-names.ts';
import {
  type IsoReason,
  isoReason,
  NOT_FINAL_YET,
  WAIT_REASONS,
} from '../protocol/names/iso-reasons.ts';
import type { AddressedMessage } from '../protocol/names/message.ts';
import { INTERIM_HEADER } from '../protocol/names/message-headers.ts';
import { toldId } from '../protocol/names/message-ids.ts';
import { OPERATOR_ROLE } from '../protocol/names/participant-roles.ts';
import { COMMANDS, deliveriesOf, PARTICIPANTS, statusesOf } from '../protocol/names/topic-plan.ts';
import { WAIT_WORDS } from '../protocol/names/vocabulary.ts';
import {
  type CommandReport,
  commandDetail,
  commandMessage,
  type DateOfCurrency,
} from '../protocol/records/command-report.ts';
import {
  approvedIn,
  commandId,
  commandName,
} from '../protocol/records/commands-taken-once-and-by-two-operators.ts';
import {
  type Command,
  type ControlRecord,
  type Genesis,
  isNaming,
  type NamingRecord,
  type StatementRules,
  type SystemKeyRecord,
} from '../protocol/records/control-record.ts';
import { isMessageEvent, type MessageEvent, reasonOf } from '../protocol/records/event-payment.ts';
import { EVENT_STATUS, isOpen } from '../protocol/records/event-status.ts';
import { isControl, type Original, readControl } from '../protocol/records/input-record.ts';
import { NoticeLimit, type Withheld } from '../protocol/records/notices-told-per-minute.ts';
import { nodeKeyMessage, participantMessage } from '../protocol/records/participant-message.ts';
import { askedOf, faultBesidePolicy } from '../protocol/records/pre-validation.ts';
import { isSystemKey } from '../protocol/records/system-keys.ts';
import { faultLines, refusalLines } from '../protocol/rules/refusal.ts';
import { followUpText, NO_RECALL, NOT_CREDITED, RECALL_LAPSED } from './after-settlement-texts.ts';
import { Allegements } from './allegements.ts';
import { ChainAllegements } from './chain-allegements.ts';
import { ChainConditions, type ToldOfChain } from './chain-conditions.ts';
import { LastTold, takeTold } from './first-event-of-a-repeat.ts';
import { heldUpWait } from './held-up-wait.ts';
import { aboutIn, askedSender, creditorWord, NOT_PROVIDED, Originals } from './kept-originals.ts';
import { LiveChains } from './live-chains.ts';
import { type NodeKeyName, type NodeSecrets, NodeSigner } from './node-signer.ts';
import { noticeLines, reasonOfNotice } from './notice-lines.ts';
import { BusinessDay, type DayNotice } from './openings-and-late-closes-told.ts';
import { PoolRefusals } from './pool-refusals.ts';
import { answerQuery, isAnsweredQuery } from './query-answers.ts';
import {
  isQuoteEvent,
  QUOTE_STATUS,
  type QuoteEvent,
  type QuoteSender,
  Quotes,
} from './quote-notices.ts';
import { answerReport } from './report-answers.ts';
import { answerTo, isOfRequest, isRequest } from './request-answers.ts';
import { type StatementSender, Statements } from './statements.ts';
import { toldInItsSyntax } from './told-as-xml.ts';
import { addOpenings, type OpeningFor } from './told-commitment-openings.ts';
import { type ToldWait, ToldWaits, WaitTeller } from './wait-teller.ts';

/**
 * The notifier projects a pool's events: a status for the sender of each payment, an answer to each other request,
 * the settled payment's original bytes for the creditor's bank, what one bank of a settled payment tells the other,
 * what is booked on each account, and the participants view. It decides nothing. Each message carries (pool, event
 * number) and has an id of its own in its topic, so that a reader drops repeats after a crash. What holds a
 * payment up: held-up-wait.ts. What follows its settlement: after-settlement-texts.ts. Accounts: statements.ts.
 * Quotes: quote-notices.ts. Business days: openings-and-late-closes-told.ts. What it signs: node-signer.ts.
 */
export interface Notifier {
  /** Takes in a record of the pool's input log, in order and before the events it causes. */
  takeInput(position: number, value: Uint8Array): void;
  /**
   * The messages that a run of events gives, in their order. What is booked in it is told together at its
   * end: its messages have the same bytes again where a run is what one message of the log has.
   * @param goesOn whether the record of the last event may have more events to come
   * @param openings what opens events to banks; default: nothing is opened
   */
  project(
    events: readonly SettlementEvent[],
    goesOn?: boolean,
    openings?: OpeningFor | null,
  ): AddressedMessage[];
  /** What is left to tell of the record of the last event, as no more of its events come. */
  conclude(): AddressedMessage[];
  /** Takes in events whose messages have been written; the last record is to be concluded still. */
  rebuild(events: readonly SettlementEvent[]): void;
  /** Original messages in memory: those of payments that wait. */
  waiting(): number;
  /** Currencies with their dates whose close is late, such as `EUR for 2026-12-01`. */
  lateCloses(): readonly string[];
  /** Holds that the node's secret keys are there with which what these events cause is signed; else throws. */
  needKeys(events: readonly SettlementEvent[]): void;
  /** Names as of the last event projected. */
  readonly directory: Directory;
}

/** What a notifier must know to go on behind an event: see `OpenPayments`. */
export interface NotifierStart {
  readonly directory: Directory;
  readonly notices: NoticeLimit;
  readonly lastTold: LastTold;
  /** Accounts as of that event; null: the pool has no statements. */
  readonly statements: Statements | null;
  /** Under which key the node signs there. */
  readonly nodeKey: NodeKeyName | null;
  /** The originals of payments that wait. */
  readonly open: readonly PlacedValue[];
  /** Further records of the input that `rebuild` needs. */
  readonly records: readonly PlacedValue[];
}

interface PlacedValue {
  readonly position: number;
  readonly value: Uint8Array;
}

export interface NotifierOptions {
  /** Absent: it begins at the pool's first event. */
  readonly from?: NotifierStart;
  /** What banks are told of their accounts where the pool's genesis does not say; null: nothing. */
  readonly usual?: StatementRules | null;
  /** The node's secret keys; null: it signs nothing, as in a simulation. */
  readonly secrets?: NodeSecrets | null;
  /** Of the network's other pools too, in which legs of a chain may lie. */
  readonly currencies?: Currencies | undefined;
  /** Whether what settles is told ahead of its final status, with `ce_interim`; default: false. */
  readonly tellsInterim?: boolean | undefined;
}

export function createNotifier(
  network: string,
  pool: string,
  {
    from,
    usual = null,
    secrets = null,
    currencies: known = NO_CURRENCIES,
    tellsInterim = false,
  }: NotifierOptions = {},
): Notifier {
  const directory = from?.directory ?? new Directory();
  const inItsSyntax = toldInItsSyntax(network, directory);
  const originals = new Originals();
  for (const { position, value } of from?.open ?? []) {
    originals.take(position, value);
    originals.keep(position);
  }
  const notices = from?.notices ?? new NoticeLimit();
  const told = new ToldWaits();
  const lastTold = from?.lastTold ?? new LastTold();
  let statements = from?.statements ?? null;
  const waits = new WaitTeller(originals);
  const day = new BusinessDay();
  const quotes = new Quotes();
  /** Whether it is told what becomes of quotes. */
  let tellsQuotes = false;
  /** The most legs that a chain may have; 0: the pool has no chains. */
  let chainLegsMax = 0;
  /** Whether chains may have conditions and earmarks, and attestations are taken. */
  let takesConditions = false;
  /** The last event taken in: of its record something may be left to tell. */
  let last: SettlementEvent | null = null;
  let genesisKey: Genesis['nodeKey'] | null = null;
  /** Records that give names, by position: they hold if an event says so. */
  const naming = new Map<number, NamingRecord>();
  /** Commands whose outcome an event tells, by position and name. */
  const commands = new Map<string, { readonly id: string; readonly control: ControlRecord }>();
  const commandAt = (position: number, name: Uint8Array) =>
    `${position} ${Buffer.from(name).toString('hex')}`;

  const placed = (
    event: SettlementEvent | { readonly number: number; readonly timeMs: number },
    id: string,
    type: string,
  ) => ({
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: network,
    ce_type: type,
    ce_time: isoTime(event.timeMs),
    ce_pool: pool,
    ce_eventnumber: String(event.number),
    ...('kind' in event && event.kind === 'repeated' && repeatOf(event)),
    'content-type': 'application/json',
  });

  /** Marks what repeats an outcome, with the number of the event that told it first. */
  function repeatOf(event: EventOf<'repeated'>): Readonly<Record<string, string>> {
    const first = isOfRequest(event) ? null : lastTold.of(event.paymentPosition);
    return { ce_repeat: 'true', ...(first !== null && { ce_firsteventnumber: String(first) }) };
  }

  const signer = secrets && new NodeSigner(network, secrets);
  signer?.use(from?.nodeKey ?? null);

  const sender: StatementSender = { pool, directory, headers: placed };
  const allegements = new Allegements(waits.book, originals, sender);
  const chains = new LiveChains(originals, network, () => allCurrencies());
  const conditions = new ChainConditions(originals, sender, chains);
  const chainAllegements = new ChainAllegements(sender, chains);
  const books = { waits: waits.book, day, originals, conditions };
  const poolRefusals = new PoolRefusals({
    ...{ directory, day },
    quotesOf: (...pair) => (tellsQuotes ? quotes.at(...pair) : null),
    hasAccount: (participant, code) => hasAccount(participant, code),
  });

  function status(
    event: MessageEvent | EventOf<'heldUp'>,
    to: Bic,
    code: StatusCode,
    wait: StatusWait,
    isInterim = false,
  ): AddressedMessage {
    // A repeat names itself: the payment that it repeats may have ended long ago.
    const named = event.kind === 'repeated' ? event.position : event.paymentPosition;
    const original = originals.of(named, event.kind === 'settled' || event.kind === 'queued');
    // A duplicate identity has its own payload: the payment first seen under that UETR stands.
    const isForeign =
      event.kind === 'noticed' ||
      (event.kind === 'rejected' && event.reason === 'duplicateIdentity');
    const messageId = toldId(`${pool}-${event.number}${isInterim ? '-interim' : ''}`);
    const report = writeStatusReport({
      messageId,
      createdAtMs: event.timeMs,
      to,
      original: event.kind === 'noticed' ? null : original,
      status: code,
      reason: event.kind === 'noticed' ? reasonOfNotice(event.reason, wait.reason) : wait.reason,
      information: wait.information,
      detail: isRefused(event)
        ? detail(event, named)
        : event.kind === 'noticed'
          ? noticeOf(event)
          : null,
      payloadDigest: isForeign ? Buffer.from(event.digest).toString('hex') : null,
    });
    // Not a spread of them: each of these would get a shape of its own with its opening, and be slow to read ever after.
    const headers: Record<string, string> = placed(event, messageId, STATUS_REPORT);
    if (isInterim) headers[INTERIM_HEADER] = 'true';
    const key = (event.kind === 'noticed' ? null : original?.uetr) ?? messageId;
    return {
      topic: statusesOf(to),
      message: { key, value: report, headers, timestampMs: event.timeMs },
    };
  }

  /** What was wrong in a message that was not authentic; null where it is not here any more. */
  function noticeOf({ reason, digest, paymentPosition }: EventOf<'noticed'>) {
    const original = originals.bytesOf(paymentPosition);
    const cameAtMs = originals.cameAtMs(paymentPosition);
    if (!original || cameAtMs === undefined) return null;
    return noticeLines({ network, reason, digest, headers: original.headers, cameAtMs });
  }

  /** Tells a bank how many notices it was not told, along with an event of a later minute. */
  function withheld(
    event: SettlementEvent,
    { participant, count, fromMs }: Withheld,
  ): AddressedMessage {
    const id = toldId(`${pool}-${event.number}-notices`);
    return {
      topic: statusesOf(directory.bic(participant)),
      message: {
        key: id,
        value: writeWithheldNotices({ count, fromMs, toldAtMs: event.timeMs }),
        headers: placed(event, id, SYSTEM_EVENT),
        timestampMs: event.timeMs,
      },
    };
  }

  /** Tells every bank with an account in it of a currency's business date. */
  function dayNotices(event: SettlementEvent, notice: DayNotice): AddressedMessage[] {
    const { code, atMs } = notice;
    const { currency } = directory.currency(notice.currency);
    const id = toldId(`${pool}-${event.number}-${code}-${currency}`);
    const { timeMs } = event;
    const value = writeDayEvent({ code, currency, date: dateText(notice.date), atMs, timeMs });
    // Not by what the event itself is, which may repeat a payment.
    const headers = placed({ number: event.number, timeMs }, id, SYSTEM_EVENT);
    return waits.book.holdersOf(notice.currency).map((participant) => ({
      topic: statusesOf(directory.bic(participant)),
      message: { key: id, value, headers, timestampMs: timeMs },
    }));
  }

  /** Answers the request at the event's own position; nothing where that holds no request. */
  function answer(event: AnsweringEvent): AddressedMessage[] {
    const request = originals.bytesOf(event.position);
    if (!request || !isRequest(request.headers.ce_type ?? '')) return [];
    const to = directory.bic('participant' in event ? event.participant : event.debtorAgent);
    const id = toldId(`${pool}-${event.number}-answer`);
    if (isQueried(event) && request.headers.ce_type === REPORT_REQUEST)
      return reported(event, request, to, id);
    if (isQueried(event) && isAnsweredQuery(request.headers.ce_type))
      return answerQuery(event, request, to, books, sender, network, currencies());
    const why = isRefused(event) ? detail(event, event.position) : null;
    const { type, value } = answerTo(event, request, to, id, network, why);
    const headers = placed(event, id, type);
    const key = request.headers.ce_id ?? id;
    return [{ topic: statusesOf(to), message: { key, value, headers, timestampMs: event.timeMs } }];
  }

  /** What a camt.060 asks for, as it is at the event, and that it was done; or why not. */
  function reported(
    event: EventOf<'queried' | 'repeated'>,
    request: Original,
    to: Bic,
    id: string,
  ): AddressedMessage[] {
    const answer = answerReport(event, request, statements, sender, currencies());
    const { messages, refusal, detail: why } = answer;
    const { type, value } = answerTo(event, request, to, id, network, why, refusal);
    const headers = placed(event, id, type);
    const key = request.headers.ce_id ?? id;
    const receipt = { key, value, headers, timestampMs: event.timeMs };
    return [...messages, { topic: statusesOf(to), message: receipt }];
  }

  /** What its bank is told of why a message waits. */
  const toldOfWait = (wait: WaitReason, position: number): StatusWait => {
    const told = statusWait(
      wait,
      directory,
      (message) => originals.of(message.position, true)?.messageId ?? null,
    );
    if (wait.kind !== 'condition') return told;
    return { ...told, information: conditions.waitOf(position, waits.book.timeMs) ?? [] };
  };

  /** Tells a payment's bank what holds it, where that is not what it was told last. */
  function heldUp(event: EventOf<'heldUp'>): AddressedMessage[] {
    const original = originals.bytesOf(event.paymentPosition);
    const sender = original?.headers.ce_source;
    if (sender === undefined) return [];
    const waiting = waits.book.of(event.paymentPosition);
    const kind = waiting && waits.book.waitOf(waiting).kind;
    const wait = heldUpWait(event, sender, directory, kind === 'reservation');
    if (!wait || !told.isNew(event.paymentPosition, wait)) return [];
    return [status(event, sender as Bic, 'PDNG', wait)];
  }

  /** Tells a bank that another reason holds its payment now, with the last event of a record. */
  function waitChanged(
    event: Pick<SettlementEvent, 'number' | 'timeMs'>,
    { message: { position, sender }, wait }: ToldWait,
  ): AddressedMessage {
    const to = directory.bic(sender);
    const messageId = toldId(`${pool}-${event.number}-${position}`);
    const original = originals.of(position, true);
    const { reason, information } = toldOfWait(wait, position);
    told.isNew(position, { reason, information });
    return {
      topic: statusesOf(to),
      message: {
        key: original?.uetr ?? messageId,
        value: writeStatusReport({
          ...{ messageId, createdAtMs: event.timeMs, to, original, status: 'PDNG' as const },
          ...{ reason, information, detail: null, payloadDigest: null },
        }),
        // Not by what the event itself is, which may repeat another payment.
        headers: placed({ number: event.number, timeMs: event.timeMs }, messageId, STATUS_REPORT),
        timestampMs: event.timeMs,
      },
    };
  }

  /** What a status that is not final says beside it. */
  function openWait(event: MessageEvent, wait: WaitReason | null): StatusWait {
    if (wait === null) {
      const reason = reasonOfMessage(reasonOf(event), MESSAGE_TYPES[event.messageType] ?? '');
      return { reason, information: [] };
    }
    if (event.kind !== 'matched') return toldOfWait(wait, event.paymentPosition);
    const together = event.legCount > 0 ? 'complete' : 'matched';
    // Where nothing holds the pair or the chain, it settles with the next events.
    if (wait.kind === 'cycle') return { reason: WAIT_REASONS[together], information: [] };
    const { reason, information } = toldOfWait(wait, event.paymentPosition);
    return { reason, information: [WAIT_WORDS[together], ...information] };
  }

  /** Reads the rejected payload once more: what is wrong in it, where the fault is its own. */
  function detail(
    event: EventOf<'rejected' | 'repeated'>,
    position: number,
  ): readonly string[] | null {
    const message = originals.bytesOf(position);
    if (!message) return null;
    const { ce_type: messageType = '', ce_source: sender = '', ce_id: id = '' } = message.headers;
    const issuedAtMs = Number(message.headers.ce_issuedatms);
    const read = readPayload(
      { messageType, sender, id, issuedAtMs },
      message.payload,
      allCurrencies(),
      network,
    );
    if (isRefusal(read)) return read.reason === event.reason ? refusalLines(read) : null;
    const ofChain = read.kind === 'chainLeg' ? chainLines(event.reason, message, read) : null;
    // A repeat comes to a pool that stands otherwise: what that would take is not what was refused.
    if (ofChain || event.kind === 'repeated') return ofChain;
    const document = documentOf(messageType, message.payload);
    const fault = poolRefusals.of(event, { messageType, read, document });
    if (fault) return faultLines(fault);
    return event.reason === 'timesInvalid' ? [POLICY_DEADLINE_PASSED] : null;
  }

  /** What of a chain the pool does not take, where the message has the form of its type. */
  function chainLines(
    reason: Reason,
    { payload }: Original,
    { legs, condition, earmark }: Pick<ChainLegInstruction, 'legs' | 'condition' | 'earmark'>,
  ): readonly string[] | null {
    if (reason === 'formatInvalid' && (condition || earmark) && !takesConditions)
      return [`Path: /Chn/${condition ? 'Cond' : 'Earmrk'}`, NO_CONDITIONS];
    if (reason === 'formatInvalid' && legs.length > chainLegsMax)
      return ['Path: /Chn/Legs', `This network takes chains of at most ${chainLegsMax} legs`];
    if (reason === 'formatInvalid') return conditionLines(documentOf(CHAIN, payload));
    const isUnknown = reason === 'debtorAgentUnknown' || reason === 'creditorAgentUnknown';
    if (!isUnknown && reason !== 'accountMissing') return null;
    for (const { path, bic, code, legNumber } of agentsOfLegs(documentOf(CHAIN, payload))) {
      const named = [`Path: ${path}`, `Leg ${legNumber} names ${bic}, which`] as const;
      const participant = directory.participantHandle(bic);
      if (isUnknown) {
        if (participant === undefined) return [named[0], `${named[1]} is no participant`];
      } else if (participant !== undefined && !hasAccount(participant, code))
        return [named[0], `${named[1]} has no account in ${code}`];
    }
    return null;
  }

  /** Why a chain cannot have what its terms and the network's policy have to be attested. */
  function conditionLines(document: unknown): readonly string[] | null {
    const asked = askedOf(document, originals.preValidation);
    if (!asked) return null;
    const { policy, groups } = asked;
    const isNone = (bic: string) => directory.participantHandle(bic) === undefined;
    for (const { path, bic } of attestorsOf(document))
      if (isNone(bic))
        return [`Path: ${path}`, `The condition names ${bic}, which is no participant`];
    const operator = synchronisationOperatorOf(document);
    const role = operator && directory.roleOf(operator.bic);
    if (operator && role !== OPERATOR_ROLE)
      return [
        `Path: ${operator.path}`,
        `${operator.bic} must have the role ${OPERATOR_ROLE}, not ${role}`,
      ];
    const desk = (policy?.groups ?? []).flatMap(({ attestors }) => attestors).find(isNone);
    if (desk) return [`The corridor is pre-validated by ${desk}, which is no participant yet`];
    const fault = faultBesidePolicy(asked);
    if (fault === 'silence') return ['Path: /Chn/Cond/OnSlnce', SILENCE_IN_CORRIDOR];
    const all = groups.flatMap(({ attestors }) => attestors).length;
    return fault === 'tooMany'
      ? [
          'Path: /Chn/Cond/Grp',
          `With those that this corridor adds ${groups.length} groups of ${all} attestors: at most ${CONDITION_GROUPS_MAX} of ${CONDITION_ATTESTORS_MAX}`,
        ]
      : null;
  }

  const hasAccount = (participant: number, code: string): boolean =>
    waits.book.holdersOf(directory.currencyHandle(code) ?? -1).includes(participant);

  const currencies = (): Currencies =>
    new Map(directory.currencies.map((entry) => [entry.currency, currencyTerms(entry, pool)]));
  /** With those of the network's other pools: a chain may lie in two. */
  const allCurrencies = (): Currencies => new Map([...known, ...currencies()]);

  /** A message as its sender wrote and signed it, to another bank. */
  function delivery(
    event: EventOf<'settled' | 'passedOn'>,
    { headers: sent, payload }: Original,
    to: number,
  ): AddressedMessage {
    // A spread of what JSON.parse made, and then added to, takes ten times as long.
    const headers: Record<string, string> = Object.assign({}, sent);
    // Nobody signs it, and over Kafka a sender may write anything: it says as what the payload was read.
    headers['content-type'] = CONTENT_TYPES[syntaxOfPayload(payload)];
    headers.ce_pool = pool;
    headers.ce_eventnumber = String(event.number);
    headers[event.kind === 'settled' ? 'ce_settledatms' : 'ce_passedonatms'] = String(event.timeMs);
    const isItsOwn = event.kind === 'settled' && !isReturnType(event.messageType);
    const uetr = isItsOwn ? null : aboutIn({ headers: sent, payload }).uetr;
    if (uetr !== null) headers.ce_uetr = uetr;
    const key = uetr ?? sent.ce_id ?? null;
    return {
      topic: deliveriesOf(directory.bic(to)),
      message: { key, value: payload, headers, timestampMs: event.timeMs },
    };
  }

  function settledDelivery(event: EventOf<'settled'>): AddressedMessage[] {
    const original = originals.bytesOf(event.paymentPosition);
    return original ? [delivery(event, original, event.creditorAgent)] : [];
  }

  /** To the bank that it is for, to the bank that said it, and of a credit a status of the payment. */
  function passedOn(event: EventOf<'passedOn'>): AddressedMessage[] {
    const said = originals.bytesOf(event.position);
    const answered = answer(event);
    if (!said) return answered;
    const messages = [delivery(event, said, event.receiver), ...answered];
    if (MESSAGE_TYPES[event.messageType] === CREDITOR_STATUS)
      messages.push(creditorStatus(event, said));
    return messages;
  }

  /** The network's own word, that the creditor's agent has said nothing final: to who asked, and to the agent. */
  function recallEnded(event: EventOf<'recallEnded'>): AddressedMessage[] {
    const asked = reasonOfMessage(event.reason, CANCELLATION) as IsoReason;
    return [
      resolution(event, event.debtorAgent, '-answer', uetrFromBytes(event.id), NOT_PROVIDED, asked),
      resolution(event, event.receiver, '-asked', uetrFromBytes(event.id), NOT_PROVIDED, {
        code: asked.code,
        ...RECALL_LAPSED,
      }),
    ];
  }

  /**
   * A word of the network about a request to cancel.
   * @param suffix of its id: one event may tell several banks
   * @param requestId NOT_PROVIDED: its bytes are not at hand; of one payment one request waits at a time
   * @param reason why it is not cancelled; null: it is, or the other bank is asked
   */
  function resolution(
    event: EventOf<'recallEnded' | 'queried'>,
    bank: number,
    suffix: string,
    uetr: Uetr | null,
    requestId: string,
    reason: IsoReason | null,
    { isPassedOn = false, detail = null as readonly string[] | null } = {},
  ): AddressedMessage {
    const to = directory.bic(bank);
    const id = toldId(`${pool}-${event.number}${suffix}`);
    const about = { requestId, requestType: CANCELLATION, reason, detail };
    const value = writeResolution(
      { messageId: id, createdAtMs: event.timeMs, from: network, to, ...about },
      uetr,
      isPassedOn,
    );
    const headers = placed(event, id, RESOLUTION);
    const message = { key: uetr ?? id, value, headers, timestampMs: event.timeMs };
    return { topic: statusesOf(to), message };
  }

  /** What became of a request to cancel, to a bank of the payment that asks. */
  function recallStanding(event: EventOf<'queried'>, asked: Original): AddressedMessage {
    const { uetr, messageId } = aboutIn(asked);
    const { settled, outcome, reason } = event;
    const tell = (why: IsoReason | null, more = {}) =>
      resolution(event, event.participant, '', uetr, messageId ?? NOT_PROVIDED, why, more);
    if (outcome === 'cancelled' && reason === 'cancelledByDebtorAgent') return tell(null);
    if (settled?.isRecalled) return tell(null, { isPassedOn: true });
    if (settled?.left === 0n) return tell(null);
    return tell(NO_RECALL, { detail: settled ? followUpText(settled, directory) : null });
  }

  /** How a payment stands, to a bank of it that asks. */
  function present(event: EventOf<'queried'>): AddressedMessage[] {
    const code = event.outcome === null ? undefined : EVENT_STATUS[event.outcome];
    const asked = originals.bytesOf(event.position);
    if (!code || !asked) return [];
    if (aboutIn(asked).messageType === CANCELLATION) return [recallStanding(event, asked)];
    const isCredited = event.settled?.isCredited === true;
    return [
      paymentStatus(event, asked, event.participant, {
        code: isCredited ? 'ACCC' : code,
        ...standing(event, code, aboutIn(asked).messageType ?? ''),
      }),
    ];
  }

  /** Of a payment that is asked about: why it waits, or ended, and what followed its settlement. */
  function standing(event: EventOf<'queried'>, code: StatusCode, askedType: string): StatusWait {
    const waiting = isOpen(code) ? waits.book.of(event.paymentPosition) : undefined;
    if (waiting) return toldOfWait(waits.book.waitOf(waiting), event.paymentPosition);
    const information = event.settled ? followUpText(event.settled, directory) : [];
    return { reason: reasonOfMessage(event.reason, askedType), information };
  }

  /** A status of a payment whose message is not at hand: it is named as whoever asks names it. */
  function paymentStatus(
    event: EventOf<'queried' | 'passedOn'>,
    by: Original,
    receiver: number,
    told: StatusWait & { readonly code: StatusCode },
  ): AddressedMessage {
    const to = directory.bic(receiver);
    const { messageId, messageType, endToEndId, uetr } = aboutIn(by);
    const id = toldId(`${pool}-${event.number}`);
    // Of the payment's own ids its receiver says what it likes.
    const isOwnWord = event.kind === 'queried';
    const value = writeStatusReport({
      messageId: id,
      createdAtMs: event.timeMs,
      to,
      original: {
        messageId: (isOwnWord ? messageId : null) ?? NOT_PROVIDED,
        messageType: messageType ?? '',
        endToEndId: isOwnWord ? endToEndId : null,
        uetr,
      },
      debtorAgent: isOwnWord ? askedSender(by) : null,
      status: told.code,
      reason: told.reason,
      information: told.information,
      detail: null,
      payloadDigest: null,
    });
    const headers = placed(event, id, STATUS_REPORT);
    return {
      topic: statusesOf(to),
      message: { key: uetr ?? id, value, headers, timestampMs: event.timeMs },
    };
  }

  /** What the creditor's agent says became of the money, as a status of the payment: it stays settled. */
  function creditorStatus(event: EventOf<'passedOn'>, said: Original): AddressedMessage {
    const { credited, code } = creditorWord(said);
    const remedy = 'Wait for its return (pacs.004), or ask for it (camt.056)';
    return paymentStatus(event, said, event.receiver, {
      code: credited ? 'ACCC' : 'ACSC',
      reason: credited || code === null ? null : { code, text: NOT_CREDITED, remedy },
      information: credited || code !== null ? [] : [NOT_CREDITED, remedy],
    });
  }

  /** Adds what follows from an event, each message in the syntax that its bank is told in. */
  function tellOf(
    event: SettlementEvent,
    waitThen: WaitReason | null,
    messages: AddressedMessage[],
  ): void {
    const isAboutMessage = isMessageEvent(event) || event.kind === 'heldUp' || isOfRequest(event);
    // Before it is forgotten with its end.
    const about =
      isAboutMessage && 'paymentPosition' in event
        ? originals.bytesOf(event.paymentPosition)
        : null;
    // The first three come with whatever record made them so; a notice is about a message that anybody may have sent.
    const isOfNoMessage =
      event.kind === 'quoteUsed' ||
      event.kind === 'recallEnded' ||
      isExpiry(event) ||
      event.kind === 'noticed';
    const own = (type: string | undefined) =>
      type === STATUS_REPORT && about ? about : originals.bytesOf(event.position);
    for (const one of messagesOf(event, waitThen)) {
      const told = inItsSyntax(one, isOfNoMessage ? null : own(one.message.headers.ce_type));
      messages.push(sealed(told, asksForStatus(event)));
    }
  }

  /** As it lies in the topic, signed by the node where it is of a kind that it signs. */
  const sealed = (message: AddressedMessage, isAsked = false): AddressedMessage =>
    signer?.sign(message, isAsked) ?? message;

  /** What is booked, in the syntax of its bank's registration. */
  function tell(booked: AddressedMessage[], messages: AddressedMessage[]): void {
    for (const one of booked) messages.push(sealed(inItsSyntax(one, null)));
    booked.length = 0;
  }

  /** What no message of its bank's own is at hand for. */
  function tellUnasked(told: readonly AddressedMessage[], messages: AddressedMessage[]): void {
    for (const one of told) messages.push(inItsSyntax(one, null));
  }

  function tellDays(
    event: SettlementEvent,
    notices: readonly DayNotice[],
    messages: AddressedMessage[],
  ): void {
    for (const notice of notices) tellUnasked(dayNotices(event, notice), messages);
  }

  function messagesOf(event: SettlementEvent, waitThen: WaitReason | null): AddressedMessage[] {
    if (event.kind === 'genesis') return genesisKey ? [useKey(event, genesisKey)] : [];
    const untaken = event.kind === 'refused' ? NOT_TAKEN[event.recordKind] : undefined;
    if (event.kind === 'refused' && untaken !== undefined) return notTaken(event, untaken);
    if (isNamed(event)) return named(event);
    if (event.kind === 'commanded') return commanded(event);
    if (event.kind === 'heldUp') return heldUp(event);
    if (isQuoteEvent(event)) return quoted(event);
    if (event.kind === 'noticed' && !notices.tells(event.debtorAgent)) {
      originals.forget(event.paymentPosition);
      return [];
    }
    if (event.kind === 'passedOn') return passedOn(event);
    if (event.kind === 'recallEnded') return recallEnded(event);
    if (event.kind === 'queried' && asksForStatus(event)) return present(event);
    if (isOfRequest(event) && event.kind !== 'noticed') return answer(event as AnsweringEvent);
    if (!isMessageEvent(event)) return [];
    const kind = event.kind === 'repeated' ? event.outcome : event.kind;
    const code = EVENT_STATUS[kind] ?? (tellsQuotes ? QUOTE_STATUS[kind] : undefined);
    if (!code) return [];
    const repeated = event.kind === 'repeated' ? waits.book.of(event.paymentPosition) : undefined;
    const wait = openWait(event, repeated ? waits.book.waitOf(repeated) : waitThen);
    if (waitThen) told.isNew(event.paymentPosition, wait);
    const messages = [status(event, directory.bic(event.debtorAgent), code, wait)];
    if (isOpen(code)) originals.keep(event.paymentPosition);
    if (event.kind === 'settled' && tellsInterim) {
      const told = { reason: NOT_FINAL_YET, information: [] };
      messages.unshift(status(event, directory.bic(event.debtorAgent), 'ACSP', told, true));
    }
    if (event.kind === 'settled') messages.push(...settledDelivery(event));
    if (event.kind === 'cancelled' && event.reason === 'cancelledByDebtorAgent')
      messages.push(...answer(event));
    if (FINAL.has(event.kind)) {
      originals.forget(event.paymentPosition);
      told.forget(event.paymentPosition);
    }
    return messages;
  }

  /** A message of a type that the network does not take: the pool's event does not name it. */
  function notTaken(event: EventOf<'refused'>, words: string): AddressedMessage[] {
    const message = originals.bytesOf(event.position);
    const to = message?.headers.ce_source as Bic | undefined;
    if (!message || to === undefined) return [];
    const isAnswered = isRequest(message.headers.ce_type ?? '');
    const id = toldId(`${pool}-${event.number}${isAnswered ? '-answer' : ''}`);
    const reason = isoReason('formatInvalid');
    const { type, value } = isAnswered
      ? answerTo(event, message, to, id, network, [words], reason)
      : {
          type: STATUS_REPORT,
          value: writeStatusReport({
            ...{ messageId: id, createdAtMs: event.timeMs, to, status: 'RJCT', reason },
            original: originals.of(event.position, true),
            ...{ information: [words], detail: null, payloadDigest: null },
          }),
        };
    const headers = placed(event, id, type);
    const key = message.headers.ce_id ?? id;
    return [{ topic: statusesOf(to), message: { key, value, headers, timestampMs: event.timeMs } }];
  }

  /** To its dealer, and where it withdrew the quote, that this was done. */
  function quoted(event: QuoteEvent): AddressedMessage[] {
    if (!tellsQuotes) return [];
    quotes.take(event);
    const told = quotes.toDealer(event, quoteSender);
    return event.kind === 'quoteEnded' && event.reason === 'quoteWithdrawn'
      ? [told, ...answer(event)]
      : [told];
  }

  const dateOf = (code: string): DateOfCurrency => {
    const currency = directory.currencyHandle(code);
    if (currency === undefined) return undefined;
    const known = day.of(currency);
    return known ? { date: dateText(known.date), isOpen: known.closedMs === null } : null;
  };

  /** What became of a command, for the operator. */
  function commanded(event: EventOf<'commanded'>): AddressedMessage[] {
    const name = commandAt(event.position, event.id);
    const command = commands.get(name);
    commands.delete(name);
    if (!command) return [];
    const { id, control } = command;
    const { timeMs: _, command: __, ...fields } = control;
    const kind = control.kind as CommandReport['kind'];
    const { key, value, headers } = commandMessage({
      ...{ pool, id, kind, outcome: event.outcome },
      reason: event.reason === 'none' ? null : event.reason,
      detail: commandDetail(fields as Command, event.outcome, event.reason, dateOf),
      ...{ position: event.position, eventNumber: event.number, timeMs: event.timeMs },
      payloadDigest: Buffer.from(event.digest).toString('hex'),
      waiting: event.outcome === 'awaitsApproval' ? (fields as Command) : null,
      ...(event.outcome === 'done' && isSystemKey(control) && { key: fields as SystemKeyRecord }),
    });
    const message = { key, value, headers: { ...headers, ...numbered(event) } };
    const report = { topic: COMMANDS, message: { ...message, timestampMs: event.timeMs } };
    // An approval and what it approves are told one by one: the key once.
    const isOwn = control.command && commandId(control.command) === id;
    const isKey = event.outcome === 'done' && control.kind === 'nodeKey' && isOwn;
    return isKey ? [report, useKey(event, control)] : [report];
  }

  const numbered = (event: SettlementEvent) => ({
    ce_specversion: '1.0',
    ce_id: `${pool}-${event.number}`,
    ce_source: network,
    ce_pool: pool,
    ce_eventnumber: String(event.number),
  });

  /** Tells a key of the node to whoever verifies what it signs; from here on it signs with a new one. */
  function useKey(
    event: SettlementEvent,
    {
      keyId,
      publicKey,
      state = 'registered',
    }: NodeKeyName & { readonly state?: 'registered' | 'revoked' },
  ): AddressedMessage {
    if (state === 'registered') signer?.use({ keyId, publicKey });
    const { key, value, headers } = nodeKeyMessage({ node: network, keyId, publicKey, state });
    const message = { key, value, headers: { ...headers, ...numbered(event) } };
    return { topic: PARTICIPANTS, message: { ...message, timestampMs: event.timeMs } };
  }

  const quoteSender: QuoteSender = { pool, directory, headers: placed, numbered };

  /** Takes a name or key into use; a key goes to the participants view. */
  function named(event: NamedEvent): AddressedMessage[] {
    const control = naming.get(event.position);
    naming.delete(event.position);
    if (!control || event.kind === 'refused') return [];
    if (control.kind !== 'key') {
      directory.fold(control);
      return [];
    }
    if (event.kind !== 'keyChanged') return [];
    const participant = directory.participants[event.participant];
    if (!participant) return [];
    const { keyId, publicKey, state } = control;
    const { key, value, headers } = participantMessage({ ...participant, keyId, publicKey, state });
    const message = { key, value, headers: { ...headers, ...numbered(event) } };
    return [{ topic: PARTICIPANTS, message: { ...message, timestampMs: event.timeMs } }];
  }

  /** Adds what is left to tell of the record of the last event. */
  function conclude(messages: AddressedMessage[]): void {
    const event = last;
    last = null;
    if (!event) return;
    for (const change of waits.changed()) {
      const told = waitChanged(event, change);
      messages.push(inItsSyntax(told, originals.bytesOf(change.message.position)));
    }
    tellDays(event, day.conclude(event.timeMs), messages);
  }

  /**
   * Adds what an event gives. All that most events do not give is looked through elsewhere: a loop for each of them here,
   * and V8, which compiles it anew for each kind of event that it has not met, would take as long for this function as for ten others.
   * @param booked what is to be told at the end of a run of events
   */
  function projectEvent(
    event: SettlementEvent,
    booked: AddressedMessage[],
    messages: AddressedMessage[],
  ): void {
    const unsaid = notices.pass(event.timeMs);
    statements?.take(event, sender, booked);
    tell(booked, messages);
    const ended = allegements.before(event);
    const wait = waits.take(event);
    poolRefusals.take(event);
    // Before the end of a leg is told, with which its message is forgotten.
    const step = chains.take(event);
    const begun = allegements.after(event);
    const alleged = chainAllegements.take(event, step);
    const ofChains = conditions.take(event, step).map(toldOfChain);
    tellOf(event, wait, messages);
    takeTold(event, (position) => lastTold.take(position, event.number));
    tellUnasked(ended, messages);
    tellUnasked(begun, messages);
    tellUnasked(alleged, messages);
    for (const one of ofChains) messages.push(sealed(one));
    tellDays(event, day.take(event), messages);
    for (const one of unsaid) messages.push(inItsSyntax(withheld(event, one), null));
  }

  const toldOfChain = ({ addressed, leg }: ToldOfChain): AddressedMessage =>
    inItsSyntax(addressed, leg === null ? null : originals.bytesOf(leg));

  /** What a record that is over left to tell was told. */
  function noteChanges({ timeMs }: SettlementEvent): void {
    day.conclude(timeMs);
    for (const { message, wait } of waits.changed())
      if (originals.has(message.position))
        told.isNew(message.position, toldOfWait(wait, message.position));
  }

  const notifier: Notifier = {
    takeInput(position, value) {
      if (!isControl(value)) {
        originals.take(position, value);
        return;
      }
      const control = readControl(value);
      if (control.kind === 'genesis') {
        waits.book.usualRule(control.queueRule === 'bypass-fifo');
        // One that comes again is refused, and says nothing.
        if (position === 0) {
          genesisKey = control.nodeKey ?? null;
          tellsQuotes = control.tellsQuotes === true;
          chainLegsMax = control.chainLegsMax ?? 0;
          takesConditions = control.conditions === true;
          originals.preValidation = control.preValidation ?? [];
          poolRefusals.begin(control);
        }
        const rules = control.statements ?? usual;
        statements ??= rules && new Statements(pool, rules);
      }
      if (isNaming(control)) naming.set(position, control);
      if (!control.command) return;
      const { payload } = control.command;
      const id = commandId(control.command);
      // An approval tells of the command that it approves too.
      for (const one of [id, approvedIn(payload)?.id ?? id])
        commands.set(commandAt(position, commandName(one)), { id: one, control });
    },
    project(events, goesOn = false, openings = null) {
      const messages: AddressedMessage[] = [];
      const booked: AddressedMessage[] = [];
      let opened = 0;
      const open = () => {
        if (openings) addOpenings(messages, opened, openings);
        opened = messages.length;
      };
      for (const event of events) {
        if (last && last.position !== event.position) conclude(messages);
        projectEvent(event, booked, messages);
        open();
        last = event;
      }
      statements?.tell(sender, booked);
      tell(booked, messages);
      messages.push(...quotes.publish(quoteSender));
      if (!goesOn) conclude(messages);
      open();
      if (events.length > 0)
        originals.forgetEnded((events[events.length - 1] as SettlementEvent).position);
      return messages;
    },
    conclude() {
      const messages: AddressedMessage[] = [];
      conclude(messages);
      return messages;
    },
    rebuild(events) {
      for (const event of events) {
        if (last && last.position !== event.position) noteChanges(last);
        allegements.before(event);
        const wait = waits.take(event);
        allegements.after(event, false);
        conditions.take(event, chains.take(event), false);
        day.take(event);
        poolRefusals.take(event);
        if (tellsQuotes && isQuoteEvent(event)) quotes.take(event);
        if (event.kind === 'heldUp') heldUp(event);
        else if (wait && isMessageEvent(event) && originals.has(event.paymentPosition))
          told.isNew(event.paymentPosition, openWait(event, wait));
        last = event;
      }
      quotes.pass();
    },
    needKeys(events) {
      const others = events.flatMap((event) => {
        if (event.kind !== 'commanded' || event.outcome !== 'done') return [];
        const control = commands.get(commandAt(event.position, event.id))?.control;
        const isNew = control?.kind === 'nodeKey' && control.state === 'registered';
        return isNew ? [control.publicKey] : [];
      });
      const first = events[0]?.kind === 'genesis' && genesisKey ? [genesisKey.publicKey] : [];
      signer?.need([...first, ...others]);
    },
    waiting: () => originals.open,
    lateCloses: () =>
      day.late().map(({ currency, date }) => {
        const { currency: code } = directory.currency(currency);
        return `${code} for ${dateText(date)}`;
      }),
    directory,
  };
  for (const { position, value } of from?.records ?? []) notifier.takeInput(position, value);
  return notifier;
}

const NO_CURRENCIES: Currencies = new Map();

const SILENCE_IN_CORRIDOR =
  'A chain of this corridor is accepted by its compliance desk: silence cannot settle it';
const POLICY_DEADLINE_PASSED =
  'No time in the message is at fault: the deadline that the network adds to the chain has passed';
const NO_CONDITIONS = 'This network takes no conditions and no earmarks';
/** By the kind of its record, of what the network does not take what its sender is told. */
const NOT_TAKEN: Readonly<Record<number, string>> = {
  [RECORD_KINDS.chainLeg]: 'This network has no chains',
  [RECORD_KINDS.attestation]: 'This network takes no attestations',
};

/** A bank asks how a payment stands: what it is told the node signs. */
const asksForStatus = (event: SettlementEvent): boolean =>
  event.kind === 'queried' && MESSAGE_TYPES[event.messageType] === STATUS_REQUEST;

const NAMED = ['participantAdded', 'currencyAdded', 'keyChanged', 'refused'] as const;
type NamedEvent = EventOf<(typeof NAMED)[number]>;
const isNamed = (event: SettlementEvent): event is NamedEvent =>
  (NAMED as readonly string[]).includes(event.kind);

const isExpiry = (event: SettlementEvent): boolean =>
  event.kind === 'quoteEnded' && event.reason === 'quoteExpired';

const isRefused = (event: SettlementEvent): event is EventOf<'rejected' | 'repeated'> =>
  event.kind === 'rejected' || (event.kind === 'repeated' && event.outcome === 'rejected');

/** Events that decide a request: of its own, and the end of the payment that it was about. */
type AnsweringEvent = EventOf<
  | 'rejected'
  | 'repeated'
  | 'cancelled'
  | 'reordered'
  | 'limitSet'
  | 'reservationSet'
  | 'queried'
  | 'passedOn'
  | 'quoteEnded'
  | 'attested'
  | 'recorded'
>;
const isQueried = (event: AnsweringEvent): event is EventOf<'queried' | 'repeated'> =>
  event.kind === 'queried' || (event.kind === 'repeated' && event.outcome === 'queried');
const FINAL: ReadonlySet<string> = new Set([
  'settled',
  'rejected',
  'cancelled',
  'unwound',
  'noticed',
]);
