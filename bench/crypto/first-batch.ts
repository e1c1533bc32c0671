// Run in a process of its own by crypto.bench.ts: how long the first batch of 1,024 takes in a new
// process, as it comes ("cold") or after warmUp ("warm"). Prints milliseconds.
import { VerificationBuffer } from '../../services/core/verification/batch-size-and-key-room.ts';
import { nowNs } from '../measure.ts';
import { registered } from './contestants.ts';
import { makeTraffic, type Signed, wasmBytes } from './traffic.ts';

const traffic = makeTraffic(64, 1024);
const buffer = new VerificationBuffer(wasmBytes());
if (process.argv[2] === 'warm') buffer.warmUp();
const handles = registered(buffer, traffic);
const start = nowNs();
for (const { key, message, signature } of traffic.signed as readonly Signed[])
  buffer.input.append(handles[key] as number, message, signature);
buffer.verify();
process.stdout.write(`${(nowNs() - start) / 1e6}\n`);
