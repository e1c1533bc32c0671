/**
 * The version of what banks build against: topics, headers, messages, routes. It moves by semantic
 * versioning: the major version where a bank that did all right must change something. Against which
 * version a change is held: docs/contracts/README.md.
 */
export const CONTRACT_VERSION = '1.0.0';
