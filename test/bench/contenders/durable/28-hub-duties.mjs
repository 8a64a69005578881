// The bare hub that also reads calls as JSON, keeps a hash-chained journal, and an index in LevelDB, each as lean as it gets; nothing else of ours.
import { duties } from '../_duties.mjs';
import { bareHub } from '../_hub.mjs';
export { client, kind, skip } from './25-hub-durable.mjs';
export const server = () => bareHub({ blocking: true, duties });
