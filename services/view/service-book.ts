import { SERVICE_SILENCE_MAX_MS } from '../live/alert-thresholds.ts';
import { type ServiceTelemetry, SHUT_DOWN } from '../protocol/records/telemetry.ts';
import type { ServiceState } from './told-to-page.ts';

/** What says nothing any more and is not missed is forgotten after so long. */
const FORGET_MS = 120_000;

/** What a service says of one of its readers. */
export type ServiceSample = Omit<ServiceTelemetry, 'kind'>;

interface Reader {
  last: ServiceSample;
  /** Of its first sample. */
  readonly begunMs: number;
}

/** A reader, and since when its process is silent or has stopped over a fault: null where it goes on. */
interface Looked extends Reader {
  readonly key: string;
  readonly group: string;
  readonly endedMs: number | null;
  readonly isShutDown: boolean;
  /** Its process says something, but no longer of this reader. */
  readonly isDropped: boolean;
}

/**
 * How services are, by what they say of themselves: the live view shows it, and alert-book.ts warns of it. After
 * how much silence: live/alert-thresholds.ts. One that fell silent or stopped over a fault is
 * missed until as many of its kind have begun since as have ended; one that was shut down is not.
 */
export class ServiceBook {
  readonly #readers = new Map<string, Reader>();

  take(sample: ServiceSample): void {
    const key = `${sample.instance}/${sample.service}/${sample.reader}`;
    const known = this.#readers.get(key);
    if (!known) this.#readers.set(key, { last: sample, begunMs: sample.atMs });
    else if (sample.atMs >= known.last.atMs) known.last = sample;
  }

  /** Those that work and those that are missed, by their names. */
  states(nowMs: number): ServiceState[] {
    const looked = this.#look(nowMs);
    const missed = looked.filter((one) => isMissed(one, looked));
    const missing = new Set(missed.map(({ group }) => group));
    for (const { key, group, last } of looked)
      if (nowMs - last.atMs > FORGET_MS && !missing.has(group)) this.#readers.delete(key);
    return looked
      .filter(
        (one) =>
          !one.isShutDown && !one.isDropped && (one.endedMs === null || missed.includes(one)),
      )
      .map(({ last }) => last)
      .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
      .map(({ isReady, position: _, ...last }) => ({
        ...last,
        state: stateOf(last, isReady, nowMs),
      }));
  }

  #look(nowMs: number): Looked[] {
    const processes = new Map<string, ServiceSample>();
    const processOf = ({ instance, service }: ServiceSample) => `${instance}/${service}`;
    for (const { last } of this.#readers.values()) {
      const newest = processes.get(processOf(last));
      if (!newest || newest.atMs < last.atMs) processes.set(processOf(last), last);
    }
    return [...this.#readers].map(([key, { last, begunMs }]) => {
      const { atMs, fault } = processes.get(processOf(last)) as ServiceSample;
      const isShutDown = fault === SHUT_DOWN;
      const hasEnded = !isShutDown && (fault !== '' || isSilent(atMs, nowMs));
      return {
        ...{ key, last, begunMs, isShutDown, endedMs: hasEnded ? atMs : null },
        group: `${last.service}/${poolOf(last.reader)}`,
        isDropped: atMs - last.atMs > SERVICE_SILENCE_MAX_MS,
      };
    });
  }
}

const isSilent = (atMs: number, nowMs: number): boolean => nowMs - atMs > SERVICE_SILENCE_MAX_MS;

function stateOf(
  { fault, atMs }: Pick<ServiceSample, 'fault' | 'atMs'>,
  isReady: boolean,
  nowMs: number,
): ServiceState['state'] {
  if (fault !== '') return 'stopped';
  if (isSilent(atMs, nowMs)) return 'silent';
  return isReady ? 'ready' : 'notReady';
}

const nameOf = ({ service, reader, instance }: ServiceSample) => `${service}/${reader}/${instance}`;

/** Empty for readers of the partitions of `payments`, which come and go, and of other shared topics. */
const poolOf = (reader: string): string => /^([^/]+)\/[a-z]/.exec(reader)?.[1] ?? '';

function isMissed({ group, endedMs, isDropped }: Looked, looked: readonly Looked[]): boolean {
  if (endedMs === null || isDropped) return false;
  const kind = new Map<string, { begunMs: number; endedMs: number | null }>();
  for (const one of looked.filter((other) => other.group === group)) {
    const { instance } = one.last;
    const begunMs = Math.min(one.begunMs, kind.get(instance)?.begunMs ?? one.begunMs);
    kind.set(instance, { begunMs, endedMs: one.endedMs });
  }
  const all = [...kind.values()];
  const ended = all.filter((one) => one.endedMs !== null && one.endedMs >= endedMs).length;
  return ended > all.filter(({ begunMs }) => begunMs > endedMs).length;
}
