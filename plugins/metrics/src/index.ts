import { definePlugin, Http, Instruments } from '@ai-orchestrator/core/plugin';
import { Type } from '@ai-orchestrator/protocol';
import { CONTENT_TYPES, expose } from './exposition.js';
import { negotiate } from './negotiate.js';
import { processMetrics } from './process-metrics.js';

export default definePlugin({
  id: 'metrics',
  config: Type.Object(
    {
      path: Type.String({
        pattern: '^/[a-zA-Z0-9/_-]*[a-zA-Z0-9_-]$',
        default: '/metrics',
        description: 'Where it is served.',
      }),
      public: Type.Boolean({
        default: false,
        description: 'Serve it without a key; only while the listener is on a loopback address.',
      }),
    },
    { additionalProperties: false },
  ),
  requires: { http: Http, instruments: Instruments },
  start({ config, services, defer }) {
    const { http, instruments } = services;
    if (config.public && !http.loopback) {
      throw new Error(
        'plugins.metrics.config.public needs http.host to be a loopback address; give the scraper a key with the role observer',
      );
    }
    defer(
      http.mount({
        path: config.path,
        methods: ['GET', 'HEAD'],
        permission: config.public ? 'public' : 'metrics:read',
        async handle(request) {
          const format = negotiate(request.headers.get('accept'));
          const text = expose([...instruments.snapshot(), ...(await processMetrics())], format);
          return new Response(text, {
            headers: { 'content-type': CONTENT_TYPES[format], 'cache-control': 'no-store', vary: 'Accept' },
          });
        },
      }),
    );
  },
});
