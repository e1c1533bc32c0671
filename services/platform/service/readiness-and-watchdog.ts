/**
 * Whether a process works: the readiness of its services, and a watchdog over their readers. A reader
 * that stands still while its log grows is the failure that nobody notices, so it is told three
 * times: in the log, as a figure, and by /readyz. What a service waits for before it is ready it says itself
 * (`probes.readiness` in its *-service.ts).
 */
import { Gauge, type Registry } from 'prom-client';

interface Progress {
  position(): number | null;
  end(): Promise<number>;
  nextRecord?(from: number): Promise<number | null>;
}

interface Watched {
  readonly service: string;
  readonly name: string;
  readonly progress: Progress;
  position: number | null;
  /** Since when it has stood at `position` with something left to read; null: it has not. */
  sinceMs: number | null;
  stalled: boolean;
  /** Whether its log has ever said where it ends: until then nobody knows whether it works. */
  answered: boolean;
  /** Since when the log has not said where it ends; null: it has. */
  unansweredSinceMs: number | null;
  /** The log's end as it was seen, oldest first, from the first look that lies before `position`. */
  ends: { readonly atMs: number; readonly end: number }[];
  lagRecords: number;
  lagMs: number;
  /** Position at the last sample that was taken. */
  sampled: number | null;
  /** Up to this offset the log has no record for it; -1: not known of any. */
  emptyBefore: number;
  /** Where a record stands that it has not taken; -1: not known of any. */
  recordAt: number;
}

/** How one reader is. */
interface ReaderSample {
  readonly service: string;
  readonly reader: string;
  readonly isReady: boolean;
  /** Left out: not known, or it reads nothing. */
  readonly position?: number;
  readonly lagRecords: number;
  readonly lagMs: number;
  /** Records handled since the sample before. */
  readonly records: number;
}

interface WatchLogger {
  info(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

export interface Health {
  /** Probes for one service of the process. */
  of(service: string): {
    /** @returns takes the check back */
    readiness(name: string, check: () => string | null): () => void;
    consumer(name: string, progress: Progress): void;
  };
  /** What is missing, a line each; empty: ready. */
  faults(): string[];
  /** Every reader as the last look found it, and services that read nothing. */
  samples(): ReaderSample[];
  /** Looks at every reader once. */
  look(): Promise<void>;
  /** Records that readers have not handled yet, all together; null: not all of them can tell. */
  outstanding(): Promise<number | null>;
  /** Begins to look every second. */
  start(): void;
  stop(): void;
}

const LOOK_MS = 1_000;
/** An hour of looks: a longer lag is told as that. */
const ENDS_KEPT = 3_600;

export interface HealthOptions {
  readonly registry: Registry;
  readonly logger: WatchLogger;
  readonly stallMs: number;
  readonly elapsedMs: () => number;
}

export function createHealth({ registry, logger, stallMs, elapsedMs }: HealthOptions): Health {
  const checks: { service: string; name: string; check: () => string | null }[] = [];
  /** That have had a check: one whose checks are taken back is told on, as silence would say that it died. */
  const checked = new Set<string>();
  const watched: Watched[] = [];
  const labelNames = ['service', 'consumer'];
  const lag = new Gauge({
    name: 'corridor_lag_records',
    help: 'Records that a reader has not handled yet',
    labelNames,
    registers: [registry],
  });
  const stalled = new Gauge({
    name: 'corridor_stalled',
    help: '1 while a reader makes no progress although its log has more for it',
    labelNames,
    registers: [registry],
  });
  let timer: NodeJS.Timeout | undefined;
  let looking = false;

  async function lookAt(one: Watched): Promise<void> {
    const { service, name, progress } = one;
    const position = progress.position();
    // A log that cannot be asked, or never answers, cannot be said to grow: it is told as that.
    one.unansweredSinceMs ??= elapsedMs();
    const end = await endFor(one, position).catch(() => null);
    if (end === null) return;
    one.unansweredSinceMs = null;
    one.answered = true;
    if (position === null) return;
    const labels = { service, consumer: name };
    lag.set(labels, Math.max(0, end - position));
    if (end <= position) one.ends = [];
    else one.ends.push({ atMs: elapsedMs(), end });
    while (one.ends.length > ENDS_KEPT || (one.ends[0]?.end ?? end) <= position) {
      one.ends.shift();
      if (one.ends.length === 0) break;
    }
    one.lagRecords = Math.max(0, end - position);
    one.lagMs = one.ends[0] ? Math.round(elapsedMs() - one.ends[0].atMs) : 0;
    const stands = position === one.position && end > position;
    one.position = position;
    if (!stands) one.sinceMs = null;
    else one.sinceMs ??= elapsedMs();
    const isStalled = one.sinceMs !== null && elapsedMs() - one.sinceMs >= stallMs;
    stalled.set(labels, isStalled ? 1 : 0);
    if (isStalled && !one.stalled)
      logger.error(
        { service, consumer: name, position, end },
        'a reader makes no progress while its log grows',
      );
    if (!isStalled && one.stalled)
      logger.info({ service, consumer: name, position }, 'the reader makes progress again');
    one.stalled = isStalled;
  }

  const look = async () => {
    if (looking) return;
    looking = true;
    await Promise.all(watched.map(lookAt));
    looking = false;
  };

  /** A reader's first look is not left to the clock: its service is not ready before. */
  async function begin(one: Watched): Promise<void> {
    await lookAt(one);
    if (!one.answered) setTimeout(() => void begin(one), LOOK_MS).unref();
  }

  return {
    of: (service) => ({
      readiness(name, check) {
        const entry = { service, name, check };
        checks.push(entry);
        checked.add(service);
        return () => {
          checks.splice(checks.indexOf(entry), 1);
        };
      },
      consumer(name, progress) {
        const one: Watched = {
          service,
          name,
          progress,
          position: null,
          sinceMs: null,
          stalled: false,
          answered: false,
          unansweredSinceMs: null,
          ends: [],
          lagRecords: 0,
          lagMs: 0,
          sampled: null,
          emptyBefore: -1,
          recordAt: -1,
        };
        watched.push(one);
        void begin(one);
      },
    }),
    faults() {
      const missing = checks.flatMap(({ service, name, check }) => {
        const fault = check();
        return fault === null ? [] : [`${service} ${name}: ${fault}`];
      });
      const standing = watched
        .filter((one) => one.stalled)
        .map(({ service, name, position }) => `${service} ${name}: stalled at ${position}`);
      const isLate = (since: number | null) => since !== null && elapsedMs() - since >= stallMs;
      const unanswered = watched
        .filter(({ unansweredSinceMs: since, answered }) => !answered || isLate(since))
        .map(({ service, name, answered }) => {
          const how = answered ? 'does not answer' : 'has not answered yet';
          return `${service} ${name}: its log ${how}`;
        });
      return [...missing, ...standing, ...unanswered];
    },
    samples() {
      const isReady = (service: string) =>
        checks.every((one) => one.service !== service || one.check() === null);
      const readers = watched.map((one) => {
        const { service, name, position, lagRecords, lagMs, stalled } = one;
        const records = position === null ? 0 : position - (one.sampled ?? position);
        one.sampled = position;
        return {
          ...named(service, name),
          isReady: isReady(service) && one.answered && !stalled,
          ...(position !== null && { position }),
          lagRecords,
          lagMs,
          records,
        };
      });
      const reading = new Set(readers.map(({ service }) => service));
      const others = [...checked]
        .filter((service) => !reading.has(named(service, '').service))
        .map((service) => ({
          ...named(service, ''),
          isReady: isReady(service),
          lagRecords: 0,
          lagMs: 0,
          records: 0,
        }));
      return [...readers, ...others];
    },
    look,
    async outstanding() {
      const lags = watched.map(async ({ progress }) => {
        const position = progress.position();
        const end = await progress.end();
        if (position === null) return Number.NaN;
        if (position >= end) return 0;
        const next = progress.nextRecord ? await progress.nextRecord(position) : position;
        return next === null ? 0 : end - position;
      });
      const sum = (await Promise.all(lags)).reduce((a, b) => a + b, 0);
      return Number.isNaN(sum) ? null : sum;
    },
    start() {
      timer ??= setInterval(() => void look(), LOOK_MS).unref();
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
  };
}

/**
 * Where its log ends for a reader. One that stands may have everything: what follows is asked for then,
 * and once, since it stays.
 */
async function endFor(one: Watched, position: number | null): Promise<number> {
  const { progress } = one;
  const end = await progress.end();
  if (position === null || position !== one.position || position >= end) return end;
  if (!progress.nextRecord) return end;
  if (one.emptyBefore >= end) return position;
  if (one.recordAt === position) return end;
  const next = await progress.nextRecord(position);
  if (next === null) one.emptyBefore = end;
  else one.recordAt = position;
  return next === null ? position : end;
}

/** The service alone, and what it reads with the pool before it: of `clearing(main)` reads `main/input`. */
function named(service: string, reader: string): { service: string; reader: string } {
  const [, plain, pool] = /^([^(]*)(?:\((.*)\))?$/.exec(service) ?? [];
  return {
    service: plain ?? service,
    reader: [pool, reader].filter((part) => part).join('/'),
  };
}
