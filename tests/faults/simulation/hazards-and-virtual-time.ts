/**
 * A world in which everything that a service waits for is an operation, and one draw after another
 * decides which operation goes on next: what a log answers and when, how long a pause lasts, who is
 * killed and who hangs. Time is virtual. The same seed gives the same run, to the last step.
 */
import { SeededStream } from '../../../services/scenario/random-streams.ts';

/** Something that may go on when the scheduler chooses it. */
interface Operation {
  readonly process: SimulatedProcess;
  /** Operations of one process and order go on in the order in which they were added. */
  readonly order: string | null;
  /** An answer on its way: not heard by a process that is dead or hangs. */
  readonly isAnswer: boolean;
  ready(): boolean;
  run(): void;
}

export interface SimulatedProcess {
  readonly name: string;
  isAlive: boolean;
  /** Hears nothing and does nothing until then, virtual ms: as under SIGSTOP. */
  hangsUntilMs: number;
  /** How often it is chosen: a slow consumer has little. */
  speed: number;
}

/** How often things go wrong, each 0 to 1. */
export interface Hazards {
  /** A call to the log that fails and did nothing. */
  readonly failBefore: number;
  /** A call to the log that did all, or a part, and whose answer is lost. */
  readonly failAfter: number;
  /** By step: somebody is killed, somebody hangs, a group is shared out anew. */
  readonly kill: number;
  readonly hang: number;
  readonly rebalance: number;
  /** At a named point: the process ends there. */
  readonly killAtPoint: number;
}

export const NO_HAZARDS: Hazards = {
  failBefore: 0,
  failAfter: 0,
  kill: 0,
  hang: 0,
  rebalance: 0,
  killAtPoint: 0,
};

/** What a run may meet: deaths; a log that loses answers; processes that hang; all of it. */
export const HAZARDS: readonly Hazards[] = [
  { failBefore: 0, failAfter: 0, kill: 0.004, hang: 0, rebalance: 0, killAtPoint: 0.02 },
  { failBefore: 0.03, failAfter: 0.03, kill: 0, hang: 0, rebalance: 0.01, killAtPoint: 0 },
  { failBefore: 0, failAfter: 0, kill: 0.001, hang: 0.006, rebalance: 0.002, killAtPoint: 0 },
  {
    failBefore: 0.02,
    failAfter: 0.02,
    kill: 0.003,
    hang: 0.003,
    rebalance: 0.003,
    killAtPoint: 0.01,
  },
];

/** Everything that is promised to happen without waiting has happened. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

export class World {
  nowMs: number;
  hazards: Hazards = NO_HAZARDS;
  readonly #random: SeededStream;
  #operations: Operation[] = [];
  #steps = 0;
  readonly #tell: ((line: string) => void) | undefined;

  /** @param tell takes a line for each step that is worth one */
  constructor(seed: number, startMs: number, tell?: (line: string) => void) {
    this.#random = new SeededStream(seed, 'fault simulation');
    this.nowMs = startMs;
    this.#tell = tell;
  }

  get steps(): number {
    return this.#steps;
  }

  note(text: string): void {
    this.#tell?.(`${this.#steps} ${this.nowMs} ${text}`);
  }

  /** A whole number from 0 up to, not including, `below`. */
  draw(below: number): number {
    return Math.floor(this.#random.uniform() * below);
  }

  chance(probability: number): boolean {
    return probability > 0 && this.#random.uniform() < probability;
  }

  process(name: string): SimulatedProcess {
    return { name, isAlive: true, hangsUntilMs: 0, speed: 1 };
  }

  add(operation: Operation): void {
    this.#operations.push(operation);
  }

  /**
   * What a process asks of something outside: it goes on when the scheduler says so, and the answer
   * arrives when it says so again.
   */
  ask<T>(
    process: SimulatedProcess,
    order: string | null,
    ready: () => boolean,
    act: () => Promise<T>,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!process.isAlive) return;
      const answer = (run: () => void) =>
        this.add({ process, order: null, isAnswer: true, ready: () => true, run });
      this.add({
        process,
        order,
        isAnswer: false,
        ready,
        run: () =>
          void act().then(
            (value) => answer(() => resolve(value)),
            (error) => answer(() => reject(error)),
          ),
      });
    });
  }

  pause(process: SimulatedProcess, ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    return new Promise((resolve) => {
      if (!process.isAlive) return;
      const ready = () => this.nowMs >= untilMs;
      this.add({ process, order: null, isAnswer: true, ready, run: resolve });
    });
  }

  /** It ends here and now. What it had asked for may still be done, by half of it. */
  kill(process: SimulatedProcess): void {
    if (!process.isAlive) return;
    process.isAlive = false;
    this.note(`killed: ${process.name}`);
    const cut = new Set<string | null>();
    this.#operations = this.#operations.filter((operation) => {
      if (operation.process !== process) return true;
      if (operation.isAnswer || cut.has(operation.order) || this.chance(0.5)) {
        // What comes later in the same order was behind it on the wire.
        if (operation.order !== null) cut.add(operation.order);
        return false;
      }
      return true;
    });
  }

  /** Lets one operation go on, or time pass. */
  async step(): Promise<void> {
    await settle();
    this.#steps += 1;
    const able = this.#able();
    const total = able.reduce((sum, { process }) => sum + process.speed, 0);
    // Where all wait for time, or by and by, it passes.
    if (total === 0 || this.chance(0.03)) {
      this.nowMs += 1 + this.draw(able.length === 0 ? 200 : 50);
      return;
    }
    let at = this.#random.uniform() * total;
    const chosen = able.find(({ process }) => {
      at -= process.speed;
      return at < 0;
    });
    if (!chosen) return;
    this.#operations.splice(this.#operations.indexOf(chosen), 1);
    chosen.run();
  }

  #able(): Operation[] {
    const ordered = new Map<SimulatedProcess, Set<string>>();
    return this.#operations.filter((operation) => {
      const { process, order, isAnswer } = operation;
      if (order !== null) {
        const orders = ordered.get(process) ?? new Set();
        ordered.set(process, orders);
        if (orders.has(order)) return false;
        orders.add(order);
      }
      if (isAnswer && process.hangsUntilMs > this.nowMs) return false;
      return operation.ready();
    });
  }
}
