/**
 * Two faults of kafkajs 2.2.4, mended where they are; its version is pinned, and it is no longer
 * developed.
 */
import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(): void;
}

interface Connection {
  connect(): Promise<unknown>;
}

const load = createRequire(import.meta.url);

/**
 * It sets a timer with a negative delay after each response, of which newer versions of Node warn on
 * the console. Nothing waits for that timer unless requests are held back.
 */
function silenceTimers(): void {
  const { prototype } = load('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  const original = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) original.call(this);
  };
}

/**
 * Requests that find a connection closed each open it anew, side by side: all but the last of these
 * sockets stay open unused, and when one of them ends, it takes the live one with it.
 */
function shareConnecting(): void {
  const { prototype } = load('kafkajs/src/network/connection') as { prototype: Connection };
  const original = prototype.connect;
  const underway = new WeakMap<Connection, Promise<unknown>>();
  prototype.connect = function (this: Connection) {
    let connecting = underway.get(this);
    if (connecting === undefined) {
      connecting = original.call(this).finally(() => underway.delete(this));
      underway.set(this, connecting);
    }
    return connecting;
  };
}

let repaired = false;

/** Once, before kafkajs is used. */
export function repairKafkajs(): void {
  if (repaired) return;
  repaired = true;
  silenceTimers();
  shareConnecting();
}
