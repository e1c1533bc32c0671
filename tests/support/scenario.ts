/** A small scenario for the tests beside this file, and ways to bend it. */
import { type LoadOptions, loadScenario } from '../../services/scenario/load-scenario.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';

export const TEST_YAML = `name: test
seed: 42
businessDates: [2026-03-16]
zone: UTC
currencies:
  EUR: { opens: "08:00", closes: "16:00", zone: UTC }
  JPY: { opens: "07:00", closes: "15:00", zone: UTC }
participants:
  - bic: AAAADE00
    name: Bank A
    accounts:
      EUR: { balance: "1000.00", creditLine: "50.00" }
      JPY: { balance: "100000" }
  - bic: BBBBDE00
    name: Bank B
    accounts:
      EUR: { balance: "1000.00" }
      JPY: { balance: "100000" }
  - bic: DDDDJP00
    name: Dealer D
    role: dealer
    accounts:
      EUR: { balance: "5000.00" }
      JPY: { balance: "900000" }
rates:
  source: invented
  date: 2026-03-16
  base: EUR
  perBase: { JPY: "160.5" }
quotes:
  - dealer: DDDDJP00
    pairs: [EUR/JPY]
    spreadBasisPoints: 10
    covers: { EUR: "1000000.00", JPY: "160000000" }
profiles:
  day:
    zone: UTC
    parts:
      - { from: "08:00", to: "10:00", weight: 1 }
      - { from: "10:00", to: "14:00", weight: 3 }
traffic:
  - name: eur
    from: EUR
    paymentsPerDate: 50
    profile: day
    amounts: { median: "20.00", sigma: 1, min: "1.00", max: "500.00" }
    priorities: { urgent: 1, high: 2, normal: 7 }
  - name: eur-jpy
    from: EUR
    to: JPY
    paymentsPerDate: 50
    profile: day
    dealers: { DDDDJP00: 1 }
    amounts: { median: "20.00", sigma: 1, min: "1.00", max: "500.00" }
`;

export const TEST_FILE = 'pilots/test.yaml';

/** Loads `yaml` as pilots/test.yaml; `csv` is any other file that is asked for. */
export function loadText(yaml: string, set: readonly string[] = [], csv?: string): Scenario {
  const readFile: LoadOptions['readFile'] = (path) => {
    if (path === TEST_FILE) return yaml;
    if (csv !== undefined) return csv;
    throw new Error('no such file');
  };
  return loadScenario(TEST_FILE, { readFile, set });
}

/** The text with one piece replaced; the piece must be there. */
export function replaced(text: string, piece: string, by: string): string {
  if (!text.includes(piece)) throw new Error(`not in the text: ${piece}`);
  return text.replace(piece, by);
}
