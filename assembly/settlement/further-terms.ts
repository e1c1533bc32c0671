// What the terms of a chain say besides its legs, as it comes in before each leg.
//
// Invariant: the record of a leg whose terms go further stands directly behind that of those terms, at one position.
import { IN_FURTHER_TERMS, IN_POSITION, RECORD_BYTES } from './record-numbers';

let any: bool = false;
/** The last record of further terms. */
const gathered: usize = memory.data(128, 16);

/** What the genesis asks for: whether chains have conditions and earmarks. */
export function setConditions(on: bool): void {
  any = on;
}

export function hasConditions(): bool {
  return any;
}

/** Takes the further terms of the leg that is to follow at the same position. */
export function gatherTerms(record: usize): void {
  memory.copy(gathered, record, RECORD_BYTES);
}

/** The further terms of the leg at hand, or 0: it has none. */
export function furtherTermsOf(record: usize): usize {
  return load<u8>(record, IN_FURTHER_TERMS) != 0 ? gathered : 0;
}

/** Whether the further terms that a leg says it has are there. */
export function furtherTermsStand(record: usize): bool {
  if (load<u8>(record, IN_FURTHER_TERMS) == 0) return true;
  return any && load<u64>(gathered, IN_POSITION) == load<u64>(record, IN_POSITION);
}
