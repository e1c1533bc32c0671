import { createWorld, type World } from './case-language.ts';

export const BANKS = ['A', 'B', 'C', 'D'];
export const CURRENCIES = ['EUR', 'USD'];
const RULES = ['fifo', 'bypassFifo'] as const;

/**
 * Rows of a day with chains that are funded before they settle, and all that can come between.
 * @param isCapped each earmark has an expiry, as a cap on earmarks needs it
 */
export function* earmarkRows(pick: (end: number) => number, isCapped = false): Generator<string> {
  const one = (of: readonly string[]): string => of[pick(of.length)] as string;
  const two = (): [string, string] => {
    const from = pick(4);
    return [BANKS[from] as string, BANKS[(from + 1 + pick(3)) % 4] as string];
  };
  const links: string[] = [];
  let sent = 0;
  let timeMs = 0;
  for (const currency of CURRENCIES) yield `open ${currency} 1`;
  for (let row = 0; row < 120; row += 1) {
    const kind = pick(24);
    const currency = one(CURRENCIES);
    const [from, to] = two();
    sent += 1;
    if (kind < 8) {
      const legs = 2 + pick(3);
      const mode = one(['acceptance', 'acceptance', 'trigger']);
      const until = isCapped || pick(2) === 0 ? ` until ${timeMs + 1000 + 1000 * pick(8)}` : '';
      const rest = until === '' ? '' : `${until}${pick(2) === 0 ? ' continue' : ''}`;
      const till = pick(4) === 0 ? ` till ${timeMs + 1000 + 1000 * pick(8)}` : '';
      for (let leg = 1; leg <= legs; leg += 1) {
        const [debtor, creditor] = two();
        const name = `c${sent}.${leg}`;
        const terms = `${debtor}>${creditor} ${1 + pick(90)} ${one(CURRENCIES)}`;
        const urgency = one(['urgent', 'high', 'normal', 'normal']);
        links.push(name);
        yield `link ${name} ${terms} as ${leg}/${legs} of x${sent} ${urgency} earmark ${mode}${rest}${till}`;
      }
    } else if (kind < 12) yield `pay p${sent} ${from}>${to} ${1 + pick(60)} ${currency}`;
    else if (kind < 14) yield `issue ${from} ${currency} ${1 + pick(60)}`;
    else if (kind < 15) yield `redeem ${from} ${currency} ${1 + pick(60)}`;
    else if (kind < 16) yield `line ${from} ${currency} ${pick(60)}`;
    else if (kind < 18 && links.length > 0) yield `cancel k${sent} ${one(links)}`;
    else if (kind < 19 && links.length > 0)
      yield `reorder r${sent} ${one(links)} ${one(['urgent', 'normal'])}`;
    else if (kind < 20) yield `limit l${sent} ${from}>${to} ${currency} ${pick(150) - 1}`;
    else if (kind < 21)
      yield `reserve v${sent} ${from} ${currency} ${one(['urgent', 'high'])} ${pick(40)}`;
    else if (kind < 22) yield 'cycle';
    else {
      timeMs += 500 * (1 + pick(6));
      yield `at ${timeMs}`;
    }
  }
  for (const currency of CURRENCIES) yield `close ${currency} 1`;
}

/**
 * A world of theirs; rules and balances follow from the seed.
 * @param earmarkCap on amount x time, minor units x seconds; 0: none
 */
export function earmarkWorld(
  wasm: WebAssembly.Module,
  seed: number,
  pick: (end: number) => number,
  earmarkCap = 0,
): World {
  const accounts = Object.fromEntries(
    BANKS.flatMap((bank) =>
      CURRENCIES.map((c) => [`${bank} ${c}`, [pick(80), pick(3) * 20] as const]),
    ),
  );
  const rules = {
    ...{ chainLegsMax: 16, conditions: true, gridlockResolution: true, certificates: true },
    ...{ queueRule: RULES[seed % 2], atClose: seed % 3 === 0 ? 'carryOver' : 'cancel' },
    ...(earmarkCap > 0 && { earmarkCap }),
    ...{ entryOffsetting: true, bilateralOffsetting: seed % 4 === 0, livePaymentsMax: 400 },
  } as const;
  return createWorld(wasm, rules as never, accounts);
}
