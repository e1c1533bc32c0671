/** A file that is written in pieces and hashed meanwhile: who wants its digest need not read megabytes back. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { ByteWriter } from 'hyparquet-writer';

/** Bytes from which on what was gathered is written. */
const WRITTEN_FROM = 0x4_0000;

export class HashedFile extends ByteWriter {
  readonly #file: number;
  readonly #hash = createHash('sha256');

  constructor(path: string) {
    super();
    this.#file = openSync(path, 'w');
  }

  override ensure(size: number): void {
    if (this.index > WRITTEN_FROM) this.#write();
    super.ensure(size);
  }

  /** What is long is written from where it stands. */
  override appendBytes(bytes: Uint8Array): void {
    if (bytes.length < WRITTEN_FROM) {
      super.appendBytes(bytes);
      return;
    }
    this.#write();
    this.#writePiece(bytes);
    this.offset += bytes.length;
  }

  /** The file is whole when it returns. */
  override finish(): void {
    this.#write();
    closeSync(this.#file);
  }

  /** SHA-256 of all of it, hex, once it is whole. */
  digest(): string {
    return this.#hash.digest('hex');
  }

  #write(): void {
    if (this.index === 0) return;
    this.#writePiece(new Uint8Array(this.buffer, 0, this.index));
    this.index = 0;
  }

  #writePiece(piece: Uint8Array): void {
    for (let at = 0; at < piece.length; ) at += writeSync(this.#file, piece, at);
    this.#hash.update(piece);
  }
}
