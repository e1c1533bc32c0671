// The module's only exports. Each takes and returns numbers; bytes go through buffers whose
// addresses the module gives. services/core is the one place that calls them.

export { inspect, inspectionAddress, inspectSha512 } from './crypto/arithmetic-for-tests';
export {
  keyInputAddress,
  messageAddress,
  messagesAddress,
  recordsAddress,
  registerVerificationKey,
  signatureInputAddress,
  startVerifier,
  verdictsAddress,
  verifyRecords,
  verifyUnregistered,
} from './crypto/batch-or-one-by-one';
export { registerSigningKey, signRecords, startSigner } from './crypto/signing';
export {
  hashEvents,
  hashNodes,
  startTreeHashing,
  takeSaltKey,
  treeEntriesAddress,
  treeEventsAddress,
  treeHashesAddress,
  treeOpeningsAddress,
} from './evidence/tree-hashing';
export { reserve } from './memory';

export * from './settlement/index';
