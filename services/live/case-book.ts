import type { CaseCommand } from '../protocol/records/case-command.ts';
import {
  type CaseRecord,
  type CommandedCase,
  type HeldMoney,
  type OpenedCase,
  subjectKey,
} from '../protocol/records/case-record.ts';

/** An operator's word on a case. */
export interface CaseWord {
  readonly atMs: number;
  /** Id of the key that signed. */
  readonly by: string;
  readonly why: string;
}

/** How a case stands. */
export interface CaseState extends Omit<OpenedCase, 'kind' | 'case' | 'atMs' | 'held'> {
  readonly id: string;
  readonly openedMs: number;
  /** Since when its rule fires no more; null: it does. */
  readonly stoppedMs: number | null;
  readonly acknowledged: CaseWord | null;
  readonly closed: CaseWord | null;
  /** Of an outage. */
  readonly held: HeldMoney | null;
}

/** Why a command about a case has no effect, and what that means. */
export const CASE_REFUSALS = {
  caseUnknown: 'there is no such case: GET /operator/cases lists those that are open',
  caseAcknowledged: 'somebody has acknowledged it before',
  caseClosed: 'it is closed, and stays so: a later alert opens another case',
  caseOfAnotherPool: 'it is of another pool, whose operator decides',
} as const;
export type CaseRefusal = keyof typeof CASE_REFUSALS;

/** What became of a command about a case. */
export interface CaseReport {
  readonly pool: string;
  readonly id: string;
  readonly kind: CaseCommand['kind'];
  readonly outcome: 'done' | 'refused';
  readonly reason: CaseRefusal | null;
  readonly detail: string | null;
  /** Of its record in the topic `cases`. */
  readonly position: number;
  readonly timeMs: number;
  /** SHA-256 of what was signed, hex. */
  readonly payloadDigest: string;
}

/** What a record changed; of a refused command what it asked for. */
export interface CaseChange {
  readonly kind: Exclude<CaseRecord['kind'], 'commanded'> | 'acknowledged' | 'closed' | 'refused';
  /** Offset of the record. */
  readonly position: number;
  readonly atMs: number;
  /** As it stands then; null: the command names none. */
  readonly of: CaseState | null;
  readonly command?: CaseReport & {
    readonly case: string;
    readonly by: string;
    readonly why: string;
  };
}

/** A command whose signature holds: what was signed, read. */
export interface SignedCaseCommand {
  readonly command: CaseCommand;
  readonly payloadDigest: string;
}

/**
 * The cases of a network, folded from the topic `cases` in its order. A subject of a rule has one case that is not closed at
 * most; what does not fit is passed over, so that a record that comes twice changes nothing. When a rule opens one, and when
 * it stops: metrics/case-service.ts.
 */
export class CaseBook {
  readonly #pools: readonly string[];
  readonly #cases = new Map<string, CaseState>();
  /** The last of each rule and subject. */
  readonly #last = new Map<string, string>();
  readonly #reports = new Map<string, CaseReport>();

  /** @param pools of the network */
  constructor(pools: readonly string[]) {
    this.#pools = pools;
  }

  /** Whose operator decides; null: of no pool, as where a label names none of the network, and any operator does. */
  poolOf({ subject }: Pick<CaseState, 'subject'>): string | null {
    return this.#pools.find((pool) => pool === subject.pool) ?? null;
  }

  get(id: string): CaseState | undefined {
    return this.#cases.get(id);
  }

  /** Not closed, the oldest first. */
  open(): CaseState[] {
    return [...this.#cases.values()].filter(({ closed }) => closed === null);
  }

  /** Whose rule fires, those that were closed meanwhile too. */
  firing(): CaseState[] {
    return [...this.#last.values()]
      .map((id) => this.#cases.get(id) as CaseState)
      .filter(({ stoppedMs }) => stoppedMs === null);
  }

  last(rule: string, subject: Readonly<Record<string, string>>): CaseState | undefined {
    return this.#cases.get(this.#last.get(subjectKey(rule, subject)) ?? '');
  }

  /** What became of a command. */
  report(pool: string, id: string): CaseReport | undefined {
    return this.#reports.get(reportKey(pool, id));
  }

  /** What a rule found; null: nothing that was not known. */
  found(record: Exclude<CaseRecord, CommandedCase>, position: number): CaseChange | null {
    const { atMs } = record;
    const known = this.#cases.get(record.case);
    if (record.kind === 'opened') {
      const { kind: _, case: id, atMs: openedMs, held = null, ...alert } = record;
      const before = this.last(record.rule, record.subject);
      if (known || (before && (before.closed === null || before.stoppedMs === null))) return null;
      this.#last.set(subjectKey(record.rule, record.subject), id);
      const words = { stoppedMs: null, acknowledged: null, closed: null };
      return this.#set('opened', position, atMs, { ...alert, id, openedMs, held, ...words });
    }
    if (!known) return null;
    if (record.kind === 'held')
      return this.#set('held', position, atMs, { ...known, held: record.held });
    if ((record.kind === 'stopped') !== (known.stoppedMs === null)) return null;
    // A closed case is over with its alert: what fires again is another.
    if (record.kind === 'resumed' && known.closed !== null) return null;
    const stoppedMs = record.kind === 'stopped' ? atMs : null;
    return this.#set(record.kind, position, atMs, { ...known, stoppedMs });
  }

  /** What an operator commanded; null: it was taken before. */
  commanded(
    { pool, id, keyId: by, atMs }: CommandedCase,
    { command, payloadDigest }: SignedCaseCommand,
    position: number,
  ): CaseChange | null {
    const key = reportKey(pool, id);
    if (this.#reports.has(key)) return null;
    const { kind, case: of, why } = command;
    const known = this.#cases.get(of) ?? null;
    const reason = refusalOf(kind, known, known !== null && (this.poolOf(known) ?? pool) !== pool);
    const detail = reason && CASE_REFUSALS[reason];
    const outcome = reason === null ? 'done' : 'refused';
    const place = { position, timeMs: atMs, payloadDigest };
    const report: CaseReport = { pool, id, kind, outcome, reason, detail, ...place };
    this.#reports.set(key, report);
    const told = { ...report, case: of, by, why };
    if (reason !== null || known === null)
      return { kind: 'refused', position, atMs, of: known, command: told };
    const word = { atMs, by, why };
    return kind === 'closeCase'
      ? this.#set('closed', position, atMs, { ...known, closed: word }, told)
      : this.#set('acknowledged', position, atMs, { ...known, acknowledged: word }, told);
  }

  #set(
    kind: CaseChange['kind'],
    position: number,
    atMs: number,
    of: CaseState,
    command?: CaseChange['command'],
  ): CaseChange {
    this.#cases.set(of.id, of);
    return { kind, position, atMs, of, ...(command && { command }) };
  }
}

const reportKey = (pool: string, id: string): string => `${pool}:${id}`;

function refusalOf(
  kind: CaseCommand['kind'],
  known: CaseState | null,
  isOfAnother: boolean,
): CaseRefusal | null {
  if (!known) return 'caseUnknown';
  if (isOfAnother) return 'caseOfAnotherPool';
  if (known.closed) return 'caseClosed';
  return kind === 'acknowledgeCase' && known.acknowledged ? 'caseAcknowledged' : null;
}
