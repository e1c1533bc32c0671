import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** What a flood is told: to prepare what it sends, and then to send for so long. */
export interface FloodOrder {
  readonly kind: 'valid' | 'bogus';
  readonly seed: number;
  readonly seconds: number;
  /** Of the log, where it writes to one. */
  readonly topic?: string;
}

/** How many messages had which outcome, such as an answer's status. */
export type FloodReport = Readonly<Record<string, number>>;

/** A flood from a process of its own, which stands by between the blocks. */
export class FloodProcess {
  readonly #child: ChildProcess;

  /** @param config for its `serveFloods` */
  constructor(script: string, config: unknown) {
    this.#child = fork(script, [JSON.stringify(config)]);
    this.#child.once('exit', (code) => {
      if (code) throw new Error(`the flood ended with ${code}`);
    });
  }

  /** Resolves when it is prepared. @returns to begin with */
  async prepare(order: FloodOrder): Promise<() => Promise<FloodReport>> {
    await this.#ask(order);
    return () => this.#ask('begin');
  }

  stop(): void {
    this.#child.disconnect();
  }

  async #ask(question: FloodOrder | 'begin'): Promise<FloodReport> {
    const answered = once(this.#child, 'message');
    this.#child.send(question);
    return (await answered)[0] as FloodReport;
  }
}

/** Of such a process: `prepare` resolves with what floods until its time is over. */
export function serveFloods(
  prepare: (order: FloodOrder) => Promise<(endMs: number) => Promise<FloodReport>>,
  end: () => Promise<void>,
): void {
  let flood: (() => Promise<FloodReport>) | null = null;
  const answer = async (question: FloodOrder | 'begin') => {
    if (question === 'begin') {
      process.send?.((await flood?.()) ?? {});
      return;
    }
    const prepared = await prepare(question);
    flood = () => prepared(performance.now() + question.seconds * 1000);
    process.send?.({});
  };
  process.on('message', (question: FloodOrder | 'begin') => void answer(question));
  process.once('disconnect', () => void end());
}
