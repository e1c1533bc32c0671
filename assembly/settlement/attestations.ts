// Attestations as they come in: what a participant says of a chain, or of a document.
//
// Invariant: an attestation that stands alone changes nothing but that it was made.
import { setOutcome } from './identities';
import { writeOfInstruction } from './instructions';
import {
  EVENT_RECORDED,
  IN_TERMS,
  IN_TERMS_END,
  IN_VERDICT,
  OUT_BALANCE_2,
  REASON_CHAIN_UNKNOWN,
  REASON_FORMAT_INVALID,
  REASON_NONE,
  VERDICT_RECORDED,
} from './records';

let any: bool = false;

/** What the genesis asks for: whether chains have conditions. */
export function setConditions(on: bool): void {
  any = on;
}

export function hasConditions(): bool {
  return any;
}

/** The first 20 bytes of the digest that a record names, into its event. */
function addNamed(event: usize, record: usize): void {
  v128.store(event, v128.load(record, IN_TERMS), OUT_BALANCE_2);
  store<u32>(event, load<u32>(record, IN_TERMS_END), OUT_BALANCE_2 + 16);
}

/** Counts an attestation, or says why not. */
export function acceptAttestation(record: usize, serial: u64): i32 {
  const verdict = <i32>load<u8>(record, IN_VERDICT);
  if (verdict > VERDICT_RECORDED) return REASON_FORMAT_INVALID;
  if (verdict != VERDICT_RECORDED) return REASON_CHAIN_UNKNOWN;
  addNamed(writeOfInstruction(EVENT_RECORDED, REASON_NONE, record), record);
  setOutcome(serial, EVENT_RECORDED, REASON_NONE);
  return REASON_NONE;
}
