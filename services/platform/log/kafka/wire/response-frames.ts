/**
 * A broker's responses, put together from the pieces that a socket brings: each a size of four bytes, big-endian, and so
 * many bytes. A response's memory is taken once, when its size is known, and each piece is copied into it as it comes; so
 * the piece's own memory may be written again at once (`socketInto`). kafkajs keeps the pieces and copies all of them when
 * the last is there, and after a connection that broke in the middle of a response it takes the next one's for its end.
 */
import { connect, type Socket } from 'node:net';
import { isTlsAlert, TLS_ALERT } from './refusals.ts';

const SIZE_BYTES = 4;
/** Far beyond what Corridor asks for; who answers with more is no Kafka. */
const RESPONSE_BYTES_MAX = 256 * 1_048_576;

export class ResponseFrames {
  readonly #size = Buffer.alloc(SIZE_BYTES);
  #response: Buffer | null = null;
  #filled = 0;

  /**
   * Takes the next piece.
   * @param each is handed each response that is whole with it, behind its size
   * @throws RangeError where it cannot be a broker's
   */
  take(piece: Buffer, each: (response: Buffer) => void): void {
    for (let at = 0; at < piece.length; ) {
      const into = this.#response ?? this.#size;
      const end = Math.min(piece.length, at + into.length - this.#filled);
      piece.copy(into, this.#filled, at, end);
      this.#filled += end - at;
      at = end;
      if (this.#filled < into.length) return;
      if (this.#response === null) this.#begin();
      if (this.#response !== null && this.#filled === this.#response.length) {
        const whole = this.#response;
        this.#response = null;
        this.#filled = 0;
        each(whole);
      }
    }
  }

  #begin(): void {
    const bytes = this.#size.readInt32BE();
    if (isTlsAlert(bytes)) throw new RangeError(TLS_ALERT);
    if (bytes < 0 || bytes > RESPONSE_BYTES_MAX)
      throw new RangeError(`a response of ${bytes} bytes: what answers is no Kafka`);
    this.#response = Buffer.allocUnsafe(SIZE_BYTES + bytes);
    this.#size.copy(this.#response);
  }
}

const PIECE_BYTES = 65_536;
const KEEP_ALIVE_MS = 60_000;

/** A socket that reads into the same memory again and again: whoever listens copies what it is to keep. */
export function socketInto(host: string, port: number, onConnect: () => void): Socket {
  const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  const socket: Socket = connect(
    {
      ...{ host, port },
      onread: {
        buffer,
        callback(bytes) {
          socket.emit('data', buffer.subarray(0, bytes));
          return true;
        },
      },
    },
    onConnect,
  );
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  return socket;
}
