/** How large a message may be, over a topic and over HTTP. */
export const PAYLOAD_BYTES_MAX = 65_536;
/** Names and values together: what is logged with a message for ever must not be the sender's to size. */
export const HEADER_CHARACTERS_MAX = 8_192;
