import { furtherTermsOf } from '../../protocol/messages/chain.ts';
import { CHAIN } from '../../protocol/messages/instruction.ts';
import { documentOf } from '../../protocol/messages/payload.ts';
import { timeSeconds } from '../../protocol/messages/settlement-times.ts';
import type { PreValidation } from '../../protocol/records/control-record.ts';
import { askedOf } from '../../protocol/records/pre-validation.ts';
import { instantOf, type PaymentFacts } from './waiting-message.ts';

type FurtherFacts = Pick<PaymentFacts, 'isConditional' | 'earmark'>;

const NONE: FurtherFacts = {};

/**
 * What a chain waits for beside its legs. Few chains have further terms: their names, which JSON lets be written by
 * escapes, are looked for before the document is read, unless a policy of the network asks something of chains.
 * @param payload of a leg that was taken
 * @param settlementDate days since 1970
 * @param rules of the network's pre-validation
 */
export function chainFacts(
  payload: Uint8Array,
  settlementDate: number,
  rules: readonly PreValidation[],
): FurtherFacts {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  if (rules.length === 0 && !FURTHER_TERMS.some((name) => bytes.includes(name))) return NONE;
  const document = documentOf(CHAIN, payload);
  const { earmark } = furtherTermsOf(document);
  return {
    ...(askedOf(document, rules) && { isConditional: true }),
    ...(earmark && {
      earmark: {
        when: earmark.when === 'trigger' ? 'trigger' : 'acceptance',
        expiryMs: instantOf(settlementDate, timeSeconds(earmark.expiry)),
      },
    }),
  };
}

const FURTHER_TERMS = ['Cond', 'Earmrk', '\\u'];
