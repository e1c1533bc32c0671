/**
 * How large a message may be. Over topics verifier/verifier.ts judges; over HTTP `bodyLimit` of
 * gateway/http-server.ts, which answers `bodyTooLarge` (http-problems.ts).
 * The largest record of a log: platform/log/log.ts.
 */
export const PAYLOAD_BYTES_MAX = 65_536;
/** Names and values together: what is logged with a message for ever must not be the sender's to size. */
export const HEADER_CHARACTERS_MAX = 8_192;
/** Of a request, over HTTP: what it is asked and its headers, in bytes. */
export const REQUEST_HEADERS_BYTES_MAX = 16_384;
