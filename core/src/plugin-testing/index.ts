import 'reflect-metadata';

export { startPlugin } from './start-plugin.js';
export type { EmittedEvent, StartedPlugin, StartPluginOptions } from './start-plugin.js';
export { silentLog } from './silent-log.js';
