// The bare hub, its log written by a thread while its loop goes on, as a hub needs that serves requests as well.
import { bareHub } from '../_hub.mjs';
export { client, kind, skip } from './25-hub-durable.mjs';
export const server = () => bareHub({ blocking: false });
