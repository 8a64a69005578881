import { integer } from './leaf.js';

/** Every bound of the core, by what it bounds. */
export const limits = {
  seriesPerInstrument: integer({
    doc: 'Label combinations that one instrument counts apart.',
    default: 200,
    minimum: 1,
    maximum: 10_000,
  }),
} as const;
