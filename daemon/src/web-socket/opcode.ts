/** What a frame is [RFC 6455 §5.2]. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** From here on opcodes are of control frames. */
export const FIRST_CONTROL = 8;
/** Longest payload of a control frame [RFC 6455 §5.5]. */
export const MAX_CONTROL_BYTES = 125;
