import { randomUUID } from 'node:crypto';
import type { Signer } from '../core/verification/signing.ts';
import type { CaseFollower } from '../live/case-follower.ts';
import type { ServiceContext } from '../live/service-context.ts';
import {
  commandSigningText,
  isCommandFault,
  OPERATOR_KEY_ID,
  readAnyCommand,
} from '../protocol/messages/operator-command.ts';
import { fieldProblem, ProblemError, passingProblem } from '../protocol/names/http-problems.ts';
import { CASES } from '../protocol/names/topic-plan.ts';
import { isCaseCommand } from '../protocol/records/case-command.ts';
import { caseMessage, commandedCase } from '../protocol/records/case-record.ts';
import type { CaseAnswer } from './told-to-page.ts';

/** Whose word the page gives on: the key stays in this process, and a browser has the token alone. */
export interface ViewOperator {
  readonly network: string;
  /** The first takes what is said of a case that is of no pool. */
  readonly pools: readonly string[];
  /** Of the operator whom the genesis names. */
  readonly signer: Signer;
}

/** So long the topic is waited for before it is said that it has not come. */
const TAKEN_MS = 5_000;
const LOOK_MS = 10;

/** What the person at the page decides on cases, signed and written as a gateway would. */
export class CaseDecisions {
  readonly #context: Pick<ServiceContext, 'log' | 'nowMs' | 'elapsedMs' | 'pause' | 'logger'>;
  readonly #follower: CaseFollower;
  readonly #operator: ViewOperator | undefined;

  constructor(
    context: Pick<ServiceContext, 'log' | 'nowMs' | 'elapsedMs' | 'pause' | 'logger'>,
    follower: CaseFollower,
    operator: ViewOperator | undefined,
  ) {
    this.#context = context;
    this.#follower = follower;
    this.#operator = operator;
  }

  /** @param command as the page gives it. @throws ProblemError where it is none, or nobody's to sign here */
  async decide(command: {
    readonly kind: string;
    readonly case: string;
    readonly why: unknown;
  }): Promise<CaseAnswer> {
    if (!this.#operator)
      throw new ProblemError('notFound', {
        detail: 'this view has no operator’s key: use corridor operator',
      });
    const { network, pools, signer } = this.#operator;
    const { book } = this.#follower;
    const state = book.get(command.case);
    const pool = (state && book.poolOf(state)) ?? (pools[0] as string);
    const payload = Buffer.from(JSON.stringify({ pool, command }));
    const read = readAnyCommand(payload);
    if (isCommandFault(read)) {
      const { field, value, expected } = read;
      throw fieldProblem('bodyInvalid', field.replace('command/', ''), value, expected);
    }
    if (!isCaseCommand(read.command)) throw new Error(`${command.kind} is about no case`);
    if (!(await this.#follower.isActive(pool, OPERATOR_KEY_ID)))
      throw new ProblemError('notAuthentic', {
        detail: `the operator’s key ${OPERATOR_KEY_ID} of pool ${pool} was revoked: use corridor operator with another`,
      });
    const { log, nowMs, logger } = this.#context;
    const named = { id: randomUUID(), keyId: OPERATOR_KEY_ID, issuedAtMs: nowMs() };
    const signature = signer.sign(commandSigningText(network, pool, named, payload));
    const record = commandedCase(pool, { ...named, signature }, payload, named.issuedAtMs);
    await log.produce(CASES, [caseMessage(record)]);
    const { kind } = read.command;
    logger.info({ pool, id: named.id, kind, by: named.keyId }, 'command logged');
    return this.#taken(pool, named.id);
  }

  /** When the view's own reader has it. */
  async #taken(pool: string, id: string): Promise<CaseAnswer> {
    const { elapsedMs, pause } = this.#context;
    const beganMs = elapsedMs();
    while (elapsedMs() - beganMs < TAKEN_MS) {
      const report = this.#follower.book.report(pool, id);
      if (report) {
        const { outcome, reason, detail } = report;
        return { id, outcome, reason, detail };
      }
      await pause(LOOK_MS);
    }
    throw passingProblem('logUnavailable', 'the log has not been read to its end: look again');
  }
}
