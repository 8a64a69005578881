import type { Health, Http } from '@ai-orchestrator/core/plugin';

const JSON_TYPE = { 'content-type': 'application/json' } as const;

/** Mounts `/livez`, `/readyz` and `/startupz`: public, and without a word about the inside, since anyone on this host may ask. */
export function mountProbes(http: Http, health: Health, state: { started(): boolean; ready(): boolean }): void {
  const probe = (path: string, healthy: () => boolean) =>
    http.mount({
      path,
      methods: ['GET'],
      permission: 'public',
      handle: () => {
        const up = healthy();
        return new Response(JSON.stringify({ status: up ? 'ok' : 'unavailable' }), {
          status: up ? 200 : 503,
          headers: JSON_TYPE,
        });
      },
    });
  // Alive is whoever can answer: what is wrong but would not be mended by a restart is readiness.
  probe('/livez', () => true);
  probe('/startupz', () => state.started());
  probe('/readyz', () => state.ready() && health.results().every(({ healthy }) => healthy));
}

/** Mounts `/openrpc.json`; the document is made when it is asked for, since plugins may add methods. */
export function mountOpenRpc(http: Http, document: () => object): void {
  http.mount({
    path: '/openrpc.json',
    methods: ['GET'],
    permission: 'public',
    handle: () => new Response(JSON.stringify(document()), { headers: JSON_TYPE }),
  });
}
