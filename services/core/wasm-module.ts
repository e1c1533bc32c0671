/**
 * The WebAssembly core's exports as TypeScript sees them. Addresses are byte offsets into `memory`;
 * what lies there is laid out in assembly/ and named by the files of this folder, which alone touch
 * that memory.
 */
export interface CoreExports {
  readonly memory: WebAssembly.Memory;

  /** Reserves the verifier's tables; 0 where memory cannot hold them. Once an instance. */
  startVerifier(keysMax: number, recordsMax: number, messageBytesMax: number): number;
  keyInputAddress(): number;
  signatureInputAddress(): number;
  recordsAddress(): number;
  messagesAddress(): number;
  messageAddress(): number;
  verdictsAddress(): number;
  /** The key's handle, or a reason below 0 (batch-size-and-key-room.ts). */
  registerVerificationKey(admitMixedOrder: number): number;
  /** 0 done, 1 a batch failed and was verified one by one, -1 refused. */
  verifyRecords(count: number, path: number): number;
  verifyUnregistered(messageLength: number): number;

  /** Room for signing keys, behind the verifier's tables; 0 where there is none. Once an instance. */
  startSigner(keysMax: number): number;
  /** Takes the secret key at keyInputAddress; its handle, or a number below 0 where there is no room. */
  registerSigningKey(): number;
  /** 0 where one of the records names no key or no message. */
  signRecords(count: number): number;

  /** What a transparency log hashes: assembly/evidence/tree-hashing.ts. */
  startTreeHashing(eventsMax: number): number;
  treeEventsAddress(): number;
  treeEntriesAddress(): number;
  treeHashesAddress(): number;
  treeOpeningsAddress(): number;
  takeSaltKey(): void;
  hashEvents(count: number, firstNumber: bigint, opens: number): void;
  hashNodes(count: number): void;

  /** Entry points for tests of the arithmetic: assembly/crypto/arithmetic-for-tests.ts. */
  inspectionAddress(): number;
  inspect(operation: number): number;
  inspectSha512(length: number): void;

  /** The settlement core's buffers and steps: assembly/settlement/state-machine.ts. */
  settlementStart(outputEventsMax: number): number;
  settlementInputMax(): number;
  settlementOutput(): number;
  settlementPut(records: number): void;
  settlementStep(): number;
  settlementDone(): number;
  settlementConserved(): number;
  settlementLive(): number;
  settlementAccount(participant: number, currency: number): number;
  settlementBalance(account: number): bigint;
  settlementCreditLine(account: number): bigint;
  settlementEarmarked(account: number): bigint;

  /** What stands in the queues: assembly/settlement/state-for-host.ts. */
  settlementParticipants(): number;
  settlementCurrencies(): number;
  settlementMechanism(currency: number): number;
  settlementBypasses(currency: number): number;
  settlementOffsets(currency: number): number;
  settlementOffsettingMinimum(currency: number): number;
  settlementSharesLosses(currency: number): number;
  settlementIssuer(currency: number): number;
  settlementWeight(currency: number): bigint;
  settlementHaircut(currency: number): number;
  settlementAggregateLimit(participant: number): bigint;
  settlementPooledCollateral(participant: number): bigint;
  settlementCrossCurrency(participant: number): number;
  settlementReserved(account: number, priority: number): bigint;
  settlementFirstQueued(): number;
  settlementNextLeg(leg: number): number;
  settlementNextQueued(payment: number): number;
  settlementDescribe(payment: number): number;
  settlementLimits(): number;
  settlementDescribeLimit(index: number): number;
  settlementProposal(): number;
  settlementProposalBytes(): number;
  settlementPauseBefore(cycle: number): void;
  settlementNextCycle(): number;
  settlementOffsetsNext(): number;
  settlementCycleCurrency(): number;
  settlementPaused(): number;
  settlementGoOn(): void;
}

/** A string of AssemblyScript: UTF-16 code units, their byte length in the four bytes before. */
function textAt(memory: WebAssembly.Memory | undefined, address: number): string {
  if (memory === undefined || address === 0) return '?';
  const length = new DataView(memory.buffer).getUint32(address - 4, true);
  return new TextDecoder('utf-16le').decode(new Uint8Array(memory.buffer, address, length));
}

/** Bytes of the core's memory as they stand in it: while it does not grow. Addresses above 2 GiB come as negative. */
export const memoryView = ({ memory }: CoreExports, address: number, length: number): Uint8Array =>
  new Uint8Array(memory.buffer, address >>> 0, length);

/**
 * An instance of its own, with its own memory.
 * @param wasm the bytes of dist/assembly/corridor.wasm, or the compiled module
 */
export function instantiate(wasm: Uint8Array | WebAssembly.Module): CoreExports {
  const module =
    wasm instanceof WebAssembly.Module ? wasm : new WebAssembly.Module(new Uint8Array(wasm));
  let memory: WebAssembly.Memory | undefined;
  const abort = (message: number, file: number, line: number, column: number): never => {
    throw new Error(
      `core: ${textAt(memory, message)} at ${textAt(memory, file)}:${line}:${column}`,
    );
  };
  const exports = new WebAssembly.Instance(module, { env: { abort } })
    .exports as unknown as CoreExports;
  memory = exports.memory;
  return exports;
}
