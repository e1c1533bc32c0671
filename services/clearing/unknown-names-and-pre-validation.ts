import { type Reason, reasonNumber } from '../core/settlement/reasons.ts';
import { NONE16, NONE32 } from '../core/settlement/records.ts';
import {
  agentsOfLegs,
  attestorsOf,
  synchronisationOperatorOf,
} from '../protocol/messages/chain.ts';
import { OPERATOR_ROLE } from '../protocol/names/participant-roles.ts';
import type { PreValidation } from '../protocol/records/control-record.ts';
import { isPreValidated } from '../protocol/records/pre-validation.ts';
import type { Said } from '../protocol/records/verified-content.ts';
import type { VerifiedHead } from '../protocol/records/verified-record.ts';
import type { Names } from './names-to-handles.ts';

/**
 * What a message that its sender's key signed is refused for, 0 where nothing. A name that the log has not registered
 * becomes a refusal, so that the sender is told which.
 * @param rules of the network's pre-validation
 * @param document of a leg of a chain, by which the other legs are judged; absent: they are sound
 */
export const refusalOfMessage = (
  verified: VerifiedHead & Said,
  names: Names,
  rules: readonly PreValidation[],
  document?: unknown,
): number =>
  verified.reason ||
  unknownName(verified, names) ||
  (document === undefined ? 0 : unknownInTerms(document, names)) ||
  notPreValidated(verified, rules);

/** The reason for the first currency or agent that this pool does not know, 0 where it knows all. */
function unknownName({ kind, content }: Said, names: Names): number {
  switch (kind) {
    case 'payment':
    case 'pvpLeg':
      return (
        unknownCurrency(names, content.currency1, content.currency2) ||
        unknownAgent(names, content.debtorAgent, 'debtorAgentUnknown') ||
        unknownAgent(names, content.creditorAgent, 'creditorAgentUnknown') ||
        (kind === 'payment' ? unknownAgent(names, content.dealer, 'dealerUnknown') : 0)
      );
    case 'chainLeg':
    case 'return':
      return (
        unknownCurrency(names, content.currency1, null) ||
        unknownAgent(names, content.creditorAgent, 'creditorAgentUnknown')
      );
    case 'reply':
      return unknownAgent(names, content.receiver, 'debtorAgentUnknown');
    case 'quote':
      return unknownCurrency(names, content.baseCurrency, content.quoteCurrency);
    case 'limit':
      return (
        unknownCurrency(names, content.currency, null) ||
        unknownAgent(names, content.counterparty, 'creditorAgentUnknown')
      );
    case 'reservation':
      return unknownCurrency(names, content.currency, null);
    case 'query':
      return (
        unknownCurrency(names, content.currency, null) ||
        unknownAgent(names, content.about?.sender ?? null, 'debtorAgentUnknown')
      );
    default:
      return 0;
  }
}

function unknownCurrency(names: Names, first: string | null, second: string | null): number {
  const isUnknown = (code: string | null) =>
    code !== null && code !== '' && names.currency(code) === NONE16;
  return isUnknown(first) || isUnknown(second) ? reasonNumber('currencyUnknown') : 0;
}

const unknownAgent = (names: Names, bic: string | null, reason: Reason): number =>
  bic !== null && names.participant(bic) === NONE32 ? reasonNumber(reason) : 0;

/**
 * The same of all agents of a chain, of its attestors and its operator, and of the account that each agent has in what
 * its leg moves: what waits for a leg that nobody can instruct waits in vain.
 */
function unknownInTerms(document: unknown, names: Names): number {
  const agents = [...agentsOfLegs(document)];
  const stranger = agents.find(({ bic }) => names.participant(bic) === NONE32);
  if (stranger) return reasonNumber(`${stranger.side}Unknown`);
  for (const { bic } of attestorsOf(document))
    if (names.participant(bic) === NONE32) return reasonNumber('formatInvalid');
  const operator = synchronisationOperatorOf(document);
  if (operator && names.roleOf(operator.bic) !== OPERATOR_ROLE)
    return reasonNumber('formatInvalid');
  const hasAll = agents.every(({ bic, code }) => names.hasAccount(bic, code));
  return hasAll ? 0 : reasonNumber('accountMissing');
}

/** A payment, or a leg of a PvP, of a corridor that takes chains alone. */
function notPreValidated({ kind, content }: Said, rules: readonly PreValidation[]): number {
  if (rules.length === 0 || (kind !== 'payment' && kind !== 'pvpLeg')) return 0;
  const { debtorAgent, creditorAgent, currency1, currency2 } = content;
  const currencies = currency2 ? [currency1, currency2] : [currency1];
  const dealer = 'dealer' in content ? content.dealer : null;
  const terms = { debtorAgent, creditorAgent, dealer, currencies };
  return isPreValidated(rules, terms, kind === 'pvpLeg') ? reasonNumber('preValidationMissing') : 0;
}
