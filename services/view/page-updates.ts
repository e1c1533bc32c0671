import { startLoop } from '../live/retry-loop.ts';
import type { RunningService, ServiceContext } from '../live/service-context.ts';
import type { ViewDelta, ViewState } from './told-to-page.ts';
import type { ViewModel } from './view-model.ts';

/** A page that listens: false where it takes no more for now, and is to come again. */
export interface Listener {
  send(text: string): boolean;
  end(): void;
}

/** What a page may leave unread before it has to come again. */
export const UNREAD_BYTES_MAX = 4_194_304;

const PUBLISH_MS = 250;
/** Where a delta is longer than LARGE, the next comes so much later. */
const LARGE_BYTES = 131_072;
const LARGE_PUBLISH_MS = 1_000;
/** Deltas are kept so long for pages that come again. */
const RESUME_MS = 30_000;
/** Deltas kept for pages that come again, and the memory for them. */
const KEPT_MAX = 240;
const KEPT_BYTES_MAX = 8_388_608;

interface Kept {
  readonly version: number;
  readonly text: string;
}

/**
 * Sends what changed to every page that listens, as server-sent events: first a `snapshot`, then
 * `delta`s with the members that changed. An event's id is `<epoch>-<version>`; a page that names the
 * last it had goes on behind it, or gets a snapshot where that is no longer kept or was another
 * server's.
 */
export class Publisher {
  readonly #epoch: string;
  readonly #snapshot: () => ViewState;
  readonly #listeners = new Set<Listener>();
  #kept: Kept[] = [];
  #keptBytes = 0;
  #version = 0;

  /** @param epoch a name of this server's run: letters and digits */
  constructor(epoch: string, snapshot: () => ViewState) {
    this.#epoch = epoch;
    this.#snapshot = snapshot;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Returns what to call when the page has gone. */
  join(listener: Listener, lastEventId: string | undefined): () => void {
    const missed = this.#missed(lastEventId);
    const texts = missed ?? [this.#event('snapshot', this.#snapshot())];
    for (const text of texts) listener.send(text);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The deltas behind an id; null where they are not all here. */
  #missed(lastEventId: string | undefined): string[] | null {
    const [epoch, digits] = (lastEventId ?? '').split('-');
    const version = Number(digits);
    if (epoch !== this.#epoch || !Number.isSafeInteger(version) || version > this.#version)
      return null;
    const first = this.#kept[0]?.version ?? this.#version + 1;
    if (version + 1 < first) return null;
    return this.#kept.filter((kept) => kept.version > version).map(({ text }) => text);
  }

  /** Returns the length of what was sent. */
  publish(delta: ViewDelta): number {
    this.#version += 1;
    const text = this.#event('delta', delta);
    this.#keep({ version: this.#version, text });
    for (const listener of [...this.#listeners])
      if (!listener.send(text)) {
        this.#listeners.delete(listener);
        listener.end();
      }
    return text.length;
  }

  #keep(kept: Kept): void {
    this.#kept.push(kept);
    this.#keptBytes += kept.text.length;
    while (this.#kept.length > KEPT_MAX || this.#keptBytes > KEPT_BYTES_MAX)
      this.#keptBytes -= this.#kept.shift()?.text.length ?? 0;
  }

  #event(name: string, data: ViewDelta): string {
    return `event: ${name}\nid: ${this.#epoch}-${this.#version}\ndata: ${JSON.stringify(data)}\n\n`;
  }

  close(): void {
    for (const listener of this.#listeners) listener.end();
    this.#listeners.clear();
  }
}

/** Tells pages what changed, at a pace that they can follow; where none listens, for a while. */
export function publishing(
  context: ServiceContext,
  model: ViewModel,
  publisher: Publisher,
): RunningService {
  let quietSinceMs = context.elapsedMs();
  return startLoop(context, async () => {
    const nowMs = context.elapsedMs();
    if (publisher.listeners > 0) quietSinceMs = nowMs;
    let bytes = 0;
    if (nowMs - quietSinceMs < RESUME_MS) bytes = publisher.publish(model.delta());
    else model.skip();
    await context.pause(bytes > LARGE_BYTES ? LARGE_PUBLISH_MS : PUBLISH_MS);
  });
}
