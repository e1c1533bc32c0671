import type { Bic } from '../protocol/names/identifiers.ts';
import type { ControlRecord } from '../protocol/records/control-record.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { PlannedAction } from '../scenario/timeline.ts';

/** What the operator of a simulated network writes for an action that is no message of a bank. */
export function controlRecord(scenario: Scenario, action: PlannedAction): ControlRecord {
  const code = (currency: number) => scenario.currencies[currency]?.code as string;
  const bic = (participant: number) => scenario.participants[participant]?.bic as Bic;
  const timeMs = action.atMs;
  switch (action.kind) {
    case 'open':
      return {
        kind: 'open',
        timeMs,
        currency: code(action.currency),
        date: action.businessDate,
        closesAtMs: action.closesMs,
      };
    case 'close':
      return { kind: 'close', timeMs, currency: code(action.currency), date: action.businessDate };
    case 'creditLine':
      return {
        kind: 'creditLine',
        timeMs,
        bic: bic(action.participant),
        currency: code(action.currency),
        amountMinor: action.amountMinor.toString(),
      };
    case 'collateral':
      return {
        kind: 'collateral',
        timeMs,
        bic: bic(action.participant),
        currency: code(action.currency),
        collateralMinor: action.amountMinor.toString(),
        haircutBasisPoints: action.haircutBasisPoints,
      };
    case 'issue':
    case 'redeem': {
      // The currency's central bank, where it has one, is who asks for it.
      const issuer = scenario.currencies[action.currency]?.issuer ?? null;
      return {
        kind: action.kind,
        timeMs,
        bic: bic(action.participant),
        currency: code(action.currency),
        amountMinor: action.amountMinor.toString(),
        ...(issuer !== null && { issuer: bic(issuer) }),
      };
    }
    case 'default':
      return {
        kind: 'default',
        timeMs,
        bic: bic(action.participant),
        currency: action.currency === null ? null : code(action.currency),
      };
    case 'cycle':
      return {
        kind: 'cycle',
        timeMs,
        currency: action.currency === null ? null : code(action.currency),
      };
    case 'tick':
      return { kind: 'tick', timeMs };
    default:
      throw new Error(`a ${action.kind} is no control record`);
  }
}
