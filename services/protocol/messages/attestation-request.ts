import { Type } from '@sinclair/typebox';
import type { Bic } from '../names/bic-and-uetr.ts';
import { ofPool } from './attestation.ts';
import {
  chainTermsElements,
  groupsElement,
  partOf,
  toldChainElements,
  writeGroups,
  writeTermsElements,
  writeToldChain,
} from './chain.ts';
import {
  agent,
  closed,
  documentBytes,
  id35,
  institution,
  LEG_NUMBER_PATTERN,
  oneOf,
  utcTime,
  writeHeader,
} from './document.ts';
import type { ChainCondition, ChainLegInstruction } from './instruction.ts';

/**
 * corridor.attestationrequest.1: an attestor is told of a chain whose condition names it, with all that its
 * corridor.attestation.1 names; and once more when nothing that it says counts any more. The elements are those of
 * corridor.chain.1.
 */
export const ATTESTATION_REQUEST = 'corridor.attestationrequest.1';

/** All legs of the chain have come, and it waits; the condition is met; the chain ended before it was. */
export const REQUEST_STATES = ['REQUESTED', 'MET', 'ENDED'] as const;
export type RequestState = (typeof REQUEST_STATES)[number];

export const AttestationRequestSchema = closed({
  AttstnReq: closed({
    MsgId: id35,
    CreDtTm: utcTime,
    /** That of the message that asked first: all that is told of the chain has the same. */
    ReqId: id35,
    Sts: oneOf(...REQUEST_STATES),
    /** Who is told. */
    Attstr: agent,
    ...toldChainElements,
    NbOfLegs: Type.String({ pattern: LEG_NUMBER_PATTERN }),
    /** Of a chain over two pools: names the pool that asks, of whose legs NbOfLegs is the number. */
    Ccy: ofPool,
    ...chainTermsElements,
    /** What the network's policy asks beside Cond: all of it. */
    PlcyGrp: Type.Optional(groupsElement),
  }),
});

export interface AttestationRequest {
  readonly messageId: string;
  readonly createdAtMs: number;
  readonly requestId: string;
  readonly state: RequestState;
  readonly attestor: Bic;
  /** Any of its legs. */
  readonly chain: ChainLegInstruction;
  /** Groups that the network's policy adds; none: it adds nothing. */
  readonly policy: ChainCondition['groups'];
}

/** @param decimals the minor units of a currency or security */
export function writeAttestationRequest(
  { messageId, createdAtMs, requestId, state, attestor, chain, policy }: AttestationRequest,
  decimals: (code: string) => number,
): Uint8Array {
  const part = partOf(chain);
  return documentBytes<typeof AttestationRequestSchema>({
    AttstnReq: {
      ...writeHeader(messageId, createdAtMs),
      ReqId: requestId,
      Sts: state,
      Attstr: institution(attestor),
      ...writeToldChain(chain),
      NbOfLegs: String(part.legs.length),
      ...(chain.synchronised && { Ccy: part.legs[0]?.code as string }),
      ...writeTermsElements(chain, decimals),
      ...(policy.length > 0 && { PlcyGrp: writeGroups(policy) }),
    },
  });
}
