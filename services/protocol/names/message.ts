import type { Headers } from './message-headers.ts';

/** A message for a topic, as the log takes it. */
export interface Message {
  readonly key: string | null;
  readonly value: Uint8Array;
  readonly headers: Headers;
  readonly timestampMs?: number;
}

/** A message for a topic that its writer chooses. */
export interface AddressedMessage {
  readonly topic: string;
  readonly message: Message;
}

/** In their order inside each topic. */
export function byTopic(messages: readonly AddressedMessage[]): Map<string, Message[]> {
  const topics = new Map<string, Message[]>();
  for (const { topic, message } of messages) {
    const list = topics.get(topic);
    if (list) list.push(message);
    else topics.set(topic, [message]);
  }
  return topics;
}

/** A message as read from a topic, with its coordinates. */
export interface ReceivedMessage {
  readonly partition: number;
  readonly logOffset: number;
  /** The log's append time, ms. */
  readonly timestampMs: number;
  readonly value: Uint8Array;
  readonly headers: Headers;
  /** Absent or null: it has none. */
  readonly key?: string | null;
  /** Why what lies there cannot be read; only for readers that ask for it. */
  readonly unreadable?: string;
  /** Of what cannot be read: whom its records name as their senders, as far as that can be seen. */
  readonly claims?: readonly string[];
}
