import { furtherTermsOf } from '../../protocol/messages/chain.ts';
import { CHAIN } from '../../protocol/messages/message-types.ts';
import { documentOf } from '../../protocol/messages/payload.ts';
import { instantOf, timeSeconds } from '../../protocol/messages/settlement-times.ts';
import type { PreValidation } from '../../protocol/records/control-record.ts';
import { type AskedCondition, askedOf } from '../../protocol/records/pre-validation.ts';
import type { PaymentFacts } from './waiting-message.ts';

interface FurtherFacts extends Pick<PaymentFacts, 'isConditional' | 'earmark'> {
  /** Its condition, for who says whom it waits for. */
  readonly asked?: AskedCondition;
}

const NONE: FurtherFacts = {};

/**
 * Whether anything may be asked of a chain beside its legs. Few chains have further terms: their names, which JSON lets
 * be written by escapes, are looked for before the document is read, unless a policy of the network asks something.
 * @param payload of a leg that was taken
 * @param rules of the network's pre-validation
 */
export function mayHaveFurtherTerms(payload: Uint8Array, rules: readonly PreValidation[]): boolean {
  if (rules.length > 0) return true;
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  return FURTHER_TERMS.some((name) => bytes.includes(name));
}

const FURTHER_TERMS = ['Cond', 'Earmrk', '\\u'];

/**
 * What a chain waits for beside its legs.
 * @param payload of a leg that was taken
 * @param settlementDate days since 1970
 * @param rules of the network's pre-validation
 */
export function chainFacts(
  payload: Uint8Array,
  settlementDate: number,
  rules: readonly PreValidation[],
): FurtherFacts {
  if (!mayHaveFurtherTerms(payload, rules)) return NONE;
  const document = documentOf(CHAIN, payload);
  const terms = furtherTermsOf(document);
  const { earmark } = terms;
  const asked = askedOf(document, rules, terms);
  return {
    ...(asked && { isConditional: true, asked }),
    ...(earmark && {
      earmark: {
        when: earmark.when === 'trigger' ? 'trigger' : 'acceptance',
        expiryMs: instantOf(settlementDate, timeSeconds(earmark.expiry)),
      },
    }),
  };
}
