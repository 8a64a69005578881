// The bare hub: message.send of 1 KiB to an agent, settled by the answer to message.handle; over once it was answered.
import { answering, messagesTo } from '../_daemon.mjs';
export { kind, server, skip } from './25-hub-durable.mjs';

let items;
export const client = (addr) => (items ??= messagesTo(addr, answering('inbox')));
