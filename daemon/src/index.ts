export { WebSocketServer } from './web-socket-server.js';
export { WEB_SOCKET_DEFAULTS, WebSocketOptions } from './web-socket/options.js';
