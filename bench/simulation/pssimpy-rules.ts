/**
 * What PSSimPy's FIFO queue settles, what Corridor's does, and what lies between: rules that differ by
 * one thing each, so that a payment whose time differs between the two differs by something named.
 */

export interface DayPayment {
  /** Since midnight. */
  readonly minute: number;
  /** Numbers of banks. */
  readonly debtor: number;
  readonly creditor: number;
  readonly amount: number;
}

export interface Day {
  /** PSSimPy's processing window. */
  readonly windowMinutes: number;
  readonly opensMinute: number;
  readonly closesMinute: number;
  /** By bank. */
  readonly balances: readonly number[];
  /** In the order of their minutes. */
  readonly payments: readonly DayPayment[];
}

/** Of each payment the minute in which it settles; -1: never. */
export type Settled = Int32Array;

interface WindowRule {
  /** All that fit the balance at the window's begin are taken, though together they exceed it. */
  readonly overdraws: boolean;
  /** What does not fit holds up nothing behind it. */
  readonly passes: boolean;
  /** What is sent inside a window has settled at its begin. */
  readonly backdates: boolean;
}

/** Once a window the queue from its head. What was received counts from the next window on. */
function inWindows(day: Day, { overdraws, passes, backdates }: WindowRule): Settled {
  const settledAt = new Int32Array(day.payments.length).fill(-1);
  const balances = [...day.balances];
  let queue: number[] = [];
  let next = 0;
  const { windowMinutes } = day;
  for (let begin = day.opensMinute; begin < day.closesMinute; begin += windowMinutes) {
    for (; (day.payments[next]?.minute ?? Infinity) < begin + windowMinutes; next++)
      queue.push(next);
    const left = [...balances];
    const isHeld = new Set<number>();
    queue = queue.filter((index) => {
      const { minute, debtor, creditor, amount } = day.payments[index] as DayPayment;
      const fits = (left[debtor] as number) >= amount && !isHeld.has(debtor);
      if (!fits) {
        if (!passes) isHeld.add(debtor);
        return true;
      }
      if (!overdraws) left[debtor] = (left[debtor] as number) - amount;
      balances[debtor] = (balances[debtor] as number) - amount;
      balances[creditor] = (balances[creditor] as number) + amount;
      settledAt[index] = backdates ? begin : Math.max(begin, minute);
      return false;
    });
  }
  return settledAt;
}

/** Each as it is sent, in each bank's order; what was received counts at once. */
function asSent({ balances: opening, payments }: Day): Settled {
  const settledAt = new Int32Array(payments.length).fill(-1);
  const balances = [...opening];
  const queues = opening.map((): number[] => []);
  for (const [index, { debtor, minute }] of payments.entries()) {
    queues[debtor]?.push(index);
    for (let worklist = [debtor], bank = worklist.pop(); bank !== undefined; bank = worklist.pop())
      for (const queue = queues[bank] as number[]; queue.length > 0; queue.shift()) {
        const { creditor, amount } = payments[queue[0] as number] as DayPayment;
        if ((balances[bank] as number) < amount) break;
        balances[bank] = (balances[bank] as number) - amount;
        balances[creditor] = (balances[creditor] as number) + amount;
        settledAt[queue[0] as number] = minute;
        worklist.push(creditor);
      }
  }
  return settledAt;
}

const PSSIMPY: WindowRule = { overdraws: true, passes: true, backdates: true };
const windows = (rule: WindowRule) => (day: Day) => inWindows(day, rule);

/** From PSSimPy's rule to Corridor's: each says what it does not do that the one before does. */
export const RULES: readonly {
  readonly without: string;
  readonly settle: (day: Day) => Settled;
}[] = [
  { without: '', settle: windows(PSSIMPY) },
  {
    without: 'what is sent inside a window settles at its begin',
    settle: windows({ ...PSSIMPY, backdates: false }),
  },
  {
    without: 'payments that each fit a balance settle though together they exceed it',
    settle: windows({ overdraws: false, passes: true, backdates: false }),
  },
  {
    without: 'later payments pass the first that does not fit',
    settle: windows({ overdraws: false, passes: false, backdates: false }),
  },
  { without: 'money received counts from the next window on', settle: asSent },
];
