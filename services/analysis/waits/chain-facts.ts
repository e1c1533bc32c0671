import { furtherTermsOf } from '../../protocol/messages/chain.ts';
import { CHAIN } from '../../protocol/messages/instruction.ts';
import { documentOf } from '../../protocol/messages/payload.ts';
import { timeSeconds } from '../../protocol/messages/settlement-times.ts';
import { instantOf, type PaymentFacts } from './waiting-message.ts';

type FurtherFacts = Pick<PaymentFacts, 'isConditional' | 'earmark'>;

const NONE: FurtherFacts = {};

/**
 * What a chain waits for beside its legs. Few chains have further terms: their names, which JSON lets be written by
 * escapes, are looked for before the document is read.
 * @param payload of a leg that was taken
 * @param settlementDate days since 1970
 */
export function chainFacts(payload: Uint8Array, settlementDate: number): FurtherFacts {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  if (!FURTHER_TERMS.some((name) => bytes.includes(name))) return NONE;
  const { condition, earmark } = furtherTermsOf(documentOf(CHAIN, payload));
  return {
    ...(condition && { isConditional: true }),
    ...(earmark && {
      earmark: {
        when: earmark.when === 'trigger' ? 'trigger' : 'acceptance',
        expiryMs: instantOf(settlementDate, timeSeconds(earmark.expiry)),
      },
    }),
  };
}

const FURTHER_TERMS = ['Cond', 'Earmrk', '\\u'];
