import type * as Ajv from 'ajv';
import type * as Ajv2020 from 'ajv/dist/2020.js';
import type addFormats from 'ajv-formats';
import { createRequire } from 'node:module';
import type * as Semver from 'semver';

const load = createRequire(import.meta.url);

/**
 * Packages that no start needs, each loaded by its first use: together they would take a fifth of the start's time. At once and not as
 * a promise, because they are first used in the middle of a call.
 */
export const late = {
  ajv: () => load('ajv') as typeof Ajv,
  ajv2020: () => load('ajv/dist/2020.js') as typeof Ajv2020,
  ajvFormats: () => (load('ajv-formats') as typeof addFormats).default,
  semver: () => load('semver') as typeof Semver,
};
