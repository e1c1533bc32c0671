// The module's only exports. Each takes and returns numbers; bytes go through buffers whose
// addresses the module gives. services/core is the one place that calls them.

export { inspect, inspectionAddress, inspectSha512 } from './crypto/inspection';
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
export { reserve } from './memory';

export {
  settlementAccount,
  settlementAggregateLimit,
  settlementBalance,
  settlementBypasses,
  settlementConserved,
  settlementCreditLine,
  settlementCrossCurrency,
  settlementCurrencies,
  settlementDescribe,
  settlementDescribeLimit,
  settlementDone,
  settlementFirstQueued,
  settlementGoOn,
  settlementHaircut,
  settlementInputMax,
  settlementIssuer,
  settlementLimits,
  settlementLive,
  settlementMechanism,
  settlementNextCycle,
  settlementNextQueued,
  settlementOffsets,
  settlementOutput,
  settlementParticipants,
  settlementPauseBefore,
  settlementPaused,
  settlementPooledCollateral,
  settlementPut,
  settlementQueueLength,
  settlementQueueSumHigh,
  settlementQueueSumLow,
  settlementReserved,
  settlementStart,
  settlementStep,
  settlementWeight,
} from './settlement/index';
