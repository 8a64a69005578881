import type { ClassicLevel } from 'classic-level';
import { Level as UniversalLevel } from 'level';

/** LevelDB. On Node `level` is classic-level; its own types tell only what browsers have too. */
export const Level = UniversalLevel as unknown as typeof ClassicLevel;

/** LevelDB with values as they are stored. */
export type Level = ClassicLevel<string, Buffer>;
