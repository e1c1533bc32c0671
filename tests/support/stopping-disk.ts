import { dirname } from 'node:path';
import type { Log } from '../../services/platform/log/log.ts';
import type { Disk } from '../../services/platform/service/seal-folders.ts';

/** The process is over. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/**
 * A disk in memory that stops at a chosen step, and then, as after a loss of power, has of the names that were not
 * synchronised as many as it likes. A content without `write` having resolved may be anything.
 */
export class StoppingDisk {
  /** By path: a file's content; null: a folder. */
  #now: Names;
  #durable: Names;
  /** Changes of names since, each with the folder whose names it changes. */
  #unsynced: { readonly folder: string; readonly apply: (names: Names) => void }[] = [];
  #steps = 0;
  #stopAt = Number.POSITIVE_INFINITY;
  #isStopped = false;

  /** @param folders that are there, each behind the one that it is in */
  constructor(...folders: readonly string[]) {
    this.#durable = new Map(['/', ...folders].map((path) => [path, null]));
    this.#now = new Map(this.#durable);
  }

  get steps(): number {
    return this.#steps;
  }

  /** Stops at the n-th step from here; from then on whoever asks is told so. */
  stopAt(step: number): void {
    this.#steps = 0;
    this.#stopAt = step;
  }

  /** Also for what is no step of the disk. */
  readonly step = (): void => {
    this.#steps += 1;
    if (this.#isStopped || this.#steps >= this.#stopAt) {
      this.#isStopped = true;
      throw new Stopped('stopped');
    }
  };

  /** The next process finds what is synchronised, and of the rest the first so many changes (0 to 1). */
  restart(part: number): void {
    const kept = this.#unsynced.slice(0, Math.round(part * this.#unsynced.length));
    for (const { apply } of kept) apply(this.#durable);
    // A name in a folder that is not there is nobody's to find.
    for (const path of [...this.#durable.keys()].sort())
      if (path !== '/' && this.#durable.get(dirname(path)) !== null) this.#durable.delete(path);
    this.#now = new Map(this.#durable);
    this.#unsynced = [];
    this.#isStopped = false;
    this.#stopAt = Number.POSITIVE_INFINITY;
  }

  #change(path: string, apply: (names: Names) => void): void {
    apply(this.#now);
    this.#unsynced.push({ folder: dirname(path), apply });
  }

  readonly port: Disk = {
    read: (file) => this.#now.get(file) ?? null,
    create: async (file, bytes, mode) => {
      if (this.#now.has(file)) {
        this.step();
        return false;
      }
      await this.port.write(file, bytes, mode);
      return true;
    },
    write: async (file, bytes) => {
      this.step();
      if (this.#now.get(dirname(file)) !== null) throw new Error(`no folder of ${file}`);
      // Its name is there before its content is.
      const content = bytes.slice();
      this.#change(file, (names) => names.set(file, new Uint8Array(0)));
      this.step();
      this.#now.set(file, content);
      this.#unsynced.push({ folder: dirname(file), apply: (names) => names.set(file, content) });
      this.step();
    },
    rename: async (from, to) => {
      this.step();
      this.#change(to, (names) => {
        const content = names.get(from);
        if (content) names.set(to, content);
        names.delete(from);
      });
      this.step();
    },
    link: async (from, to) => {
      this.step();
      if (!this.#now.has(to))
        this.#change(to, (names) => {
          const content = names.get(from);
          if (content) names.set(to, content);
        });
      this.step();
    },
    makeFolder: async (path) => {
      this.step();
      if (!this.#now.has(path)) this.#change(path, (names) => names.set(path, null));
    },
    syncFolder: async (path) => {
      this.step();
      for (const { folder, apply } of this.#unsynced) if (folder === path) apply(this.#durable);
      this.#unsynced = this.#unsynced.filter(({ folder }) => folder !== path);
      this.step();
    },
    remove: async (path) => {
      this.step();
      this.#change(path, (names) => {
        for (const name of [...names.keys()])
          if (name === path || name.startsWith(`${path}/`)) names.delete(name);
      });
      this.step();
    },
  };

  /** A log that stops as the disk does, before what is written to it is there, or behind that. */
  stopping(log: Log): Log {
    return {
      ...log,
      produce: async (topic, messages) => {
        this.step();
        const places = await log.produce(topic, messages);
        this.step();
        return places;
      },
      read: log.read,
    };
  }

  /** What is there, but folders. */
  files(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#now].flatMap(([path, bytes]) => (bytes ? [[path, bytes]] : [])));
  }
}

type Names = Map<string, Uint8Array | null>;
