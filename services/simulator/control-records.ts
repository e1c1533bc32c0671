import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import type { Command, ControlRecord } from '../protocol/records/control-record.ts';
import type { PlannedAction } from '../scenario/run-plan.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { recordAt, simulatedRevocation } from './keys-and-genesis.ts';

/** What the operator of a simulated network writes for an action that is no message of a bank. */
export function controlRecord(scenario: Scenario, action: PlannedAction): ControlRecord {
  return recordAt(action.atMs, commandOf(scenario, action));
}

function commandOf(scenario: Scenario, action: PlannedAction): Command {
  const code = (currency: number) => scenario.currencies[currency]?.code as string;
  const codeOrAll = (currency: number | null) => (currency === null ? null : code(currency));
  const bicOf = (participant: number) => scenario.participants[participant]?.bic as Bic;
  const account = (of: { readonly participant: number; readonly currency: number }) => ({
    bic: bicOf(of.participant),
    currency: code(of.currency),
  });
  const { kind } = action;
  switch (kind) {
    case 'open': {
      const { currency, businessDate: date, closesMs: closesAtMs } = action;
      return { kind, currency: code(currency), date, closesAtMs };
    }
    case 'close':
      return { kind, currency: code(action.currency), date: action.businessDate };
    case 'creditLine':
      return { kind, ...account(action), amountMinor: action.amountMinor.toString() };
    case 'collateral': {
      const { amountMinor, haircutBasisPoints } = action;
      const collateralMinor = amountMinor.toString();
      return { kind, ...account(action), collateralMinor, haircutBasisPoints };
    }
    case 'issue':
    case 'redeem': {
      // The currency's central bank, where it has one, is who asks for it.
      const issuer = scenario.currencies[action.currency]?.issuer ?? null;
      const amountMinor = action.amountMinor.toString();
      const asks = issuer !== null && { issuer: bicOf(issuer) };
      return { kind, ...account(action), amountMinor, ...asks };
    }
    case 'default':
      return { kind, bic: bicOf(action.participant), currency: codeOrAll(action.currency) };
    case 'revocation':
      return simulatedRevocation(scenario, bicOf(action.participant));
    case 'cycle':
      return { kind, currency: codeOrAll(action.currency) };
    case 'tick':
      return { kind };
    default:
      throw new Error(`a ${kind} is no control record`);
  }
}
