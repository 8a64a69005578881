const ZERO = 0x30;
/** Digits of every whole number that a double holds exactly. */
const SAFE_DIGITS = 15;

/** Whether some bytes are these; for short ones, where calling into the runtime costs more than looking. */
export function equalBytes(bytes: Uint8Array, from: number, to: number, expected: Uint8Array): boolean {
  if (to - from !== expected.length) return false;
  for (let i = 0; i < expected.length; i++) if (bytes[from + i] !== expected[i]) return false;
  return true;
}

/** The whole number that some bytes write in at most 15 digits; -1 for anything else. */
export function readDigits(bytes: Uint8Array, from: number, to: number): number {
  if (to === from || to - from > SAFE_DIGITS) return -1;
  let number = 0;
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}
