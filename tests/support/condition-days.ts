import { createWorld, type World } from '../settlement/case-language.ts';
import { seeded } from '../settlement/random-draft.ts';

/** Banks, then attestors, by their handles; EUR is 0 and USD is 1. */
export const DAY_NAMES = ['A', 'B', 'C', 'D', 'O', 'P', 'Q'] as const;
const BANKS = DAY_NAMES.slice(0, 4);
const ATTESTORS = DAY_NAMES.slice(4);
const CURRENCIES = ['EUR', 'USD'] as const;

type Pick = (below: number) => number;

/** What the terms of a chain say besides its legs. */
function terms(pick: Pick, timeMs: number): string {
  const ahead = () => timeMs + 1000 + 1000 * pick(12);
  const condition = () => {
    const of = ATTESTORS.filter(() => pick(3) > 0);
    if (of.length === 0) of.push('O');
    const end = pick(2) === 0 ? '' : ` deadline ${ahead()}${pick(2) === 0 ? ' silence' : ''}`;
    return ` if ${1 + pick(of.length)}(${of})${end}`;
  };
  const kind = pick(8);
  const isConditional = kind < 6;
  const mode = isConditional && pick(2) === 0 ? 'trigger' : 'acceptance';
  const expiry = pick(2) === 0 ? ` until ${ahead()}${pick(2) === 0 ? ' continue' : ''}` : '';
  const earmark = kind > 2 ? ` earmark ${mode}${expiry}` : '';
  return kind === 7 ? '' : `${isConditional ? condition() : ''}${earmark}`;
}

/** Rows of a day in words with chains, with or without conditions and earmarks, and what can come between. */
function* rowsOf(pick: Pick, rows: number): Generator<string> {
  const one = <T>(of: readonly T[]): T => of[pick(of.length)] as T;
  const two = () => {
    const from = pick(BANKS.length);
    return [BANKS[from], BANKS[(from + 1 + pick(3)) % 4]] as [string, string];
  };
  const chains: { readonly name: string; readonly legs: number }[] = [];
  const links: string[] = [];
  let timeMs = 0;
  for (const currency of CURRENCIES) yield `open ${currency} 1`;
  for (let row = 1; row <= rows; row += 1) {
    const kind = pick(20);
    const [from, to] = two();
    if (kind < 5) {
      const own = terms(pick, timeMs);
      const legs = own.includes(' if ') ? 1 + pick(3) : 2 + pick(2);
      chains.push({ name: `x${row}`, legs });
      // Now and then the last one does not come.
      for (let leg = 1; leg <= (pick(6) === 0 ? legs - 1 : legs); leg += 1) {
        const [debtor, creditor] = two();
        links.push(`c${row}.${leg}`);
        if (own.includes(' if ') && leg > 1 && pick(3) === 0)
          yield `attest b${row}.${leg} ${one(ATTESTORS)} ${one(['accepts', 'refuses'])} x${row} of ${legs}`;
        yield `link c${row}.${leg} ${debtor}>${creditor} ${1 + pick(90)} ${one(CURRENCIES)} as ${leg}/${legs} of x${row}${own}`;
      }
    } else if (kind < 12 && chains.length > 0) {
      const { name, legs } = one(chains.slice(-5));
      const verdict = one(['accepts', 'accepts', 'accepts', 'refuses', 'holds']);
      yield `attest a${row} ${one(ATTESTORS)} ${verdict} ${name} of ${legs}`;
    } else if (kind < 13) yield `attest a${row} ${one(ATTESTORS)} records d${row}`;
    else if (kind < 14) yield `pay p${row} ${from}>${to} ${1 + pick(60)} ${one(CURRENCIES)}`;
    else if (kind < 16) yield `issue ${from} ${one(CURRENCIES)} ${1 + pick(60)}`;
    else if (kind < 17 && links.length > 0) yield `cancel k${row} ${one(links.slice(-6))}`;
    else {
      timeMs += 500 * (1 + pick(6));
      yield `at ${timeMs}`;
    }
  }
  // Some chains are left standing.
  if (pick(3) > 0) for (const currency of CURRENCIES) yield `close ${currency} 1`;
}

/** A random day that a seed names, settled by the core; of four days one has a cap on earmarks. */
export function conditionDay(wasm: WebAssembly.Module, seed: number, rows = 90): World {
  const pick = seeded(seed);
  const world = createWorld(
    wasm,
    {
      ...{ chainLegsMax: 16, conditions: true, livePaymentsMax: 400 },
      atClose: pick(2) === 0 ? 'cancel' : 'carryOver',
      earmarkCap: seed % 4 === 0 ? 60 : 0,
    },
    Object.fromEntries([
      ...BANKS.flatMap((bank) => CURRENCIES.map((of) => [`${bank} ${of}`, 40 + pick(120)])),
      ...ATTESTORS.map((attestor) => [`${attestor} EUR`, 0]),
    ]),
  );
  for (const row of rowsOf(pick, rows)) world.say(row);
  return world;
}
