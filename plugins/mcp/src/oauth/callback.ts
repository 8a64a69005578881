import type { HttpMount } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { CALLBACK_PATH, CLIENT_PATH, type Authorizations } from './authorizations.js';
import { clientMetadata } from './client-identity.js';

/** Where authorization servers send people back to; the `state` that they bring is what lets them in. */
export function callbackMount(authorizations: Authorizations): HttpMount {
  return {
    path: CALLBACK_PATH,
    methods: ['GET'],
    permission: 'public',
    async handle(request) {
      try {
        const server = await authorizations.finish(new URL(request.url).searchParams);
        return page(200, 'Authorized', `The orchestrator can use ${server} now. You can close this page.`);
      } catch (error) {
        if (!(error instanceof OrchestratorError)) throw error;
        return page(400, 'Not authorized', error.message);
      }
    },
  };
}

/** The daemon's client ID metadata document, where others can fetch it; its id is its own URL. */
export function clientDocumentMount(authorizations: Authorizations): HttpMount {
  return {
    path: CLIENT_PATH,
    methods: ['GET'],
    permission: 'public',
    handle() {
      const face = authorizations.face();
      if (face.metadataUrl === undefined) return new Response(null, { status: 404 });
      return Response.json({ client_id: face.metadataUrl, ...clientMetadata(face) });
    },
  };
}

function page(status: number, title: string, text: string): Response {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title><h1>${escaped(title)}</h1><p>${escaped(text)}</p></html>`;
  return new Response(html, { status, headers: { 'content-type': 'text/html; charset=utf-8' } });
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
