// The module's only exports. Each takes and returns numbers; bytes go through buffers whose
// addresses the module gives. services/core is the one place that calls them.
export { reserve } from './memory';
export {
  keyInputAddress,
  messagesAddress,
  recordsAddress,
  registerVerificationKey,
  signatureInputAddress,
  startVerifier,
  verdictsAddress,
  verifyRecords,
  verifyUnregistered,
} from './crypto/verification';
export { inspect, inspectionAddress, inspectSha512 } from './crypto/inspection';
