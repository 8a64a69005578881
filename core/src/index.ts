export { PLUGIN_CONTRACT } from './plugin/plugin.js';
