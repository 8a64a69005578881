import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Authorizations } from './authorizations.js';
import { clientMetadata } from './client-identity.js';

/** To whom an authorization server sends back: the `state` that a person brings is what lets them in. */
export async function answerCallback(authorizations: Authorizations, request: Request): Promise<Response> {
  try {
    const server = await authorizations.finish(new URL(request.url).searchParams);
    return page(200, 'Authorized', `The orchestrator can use ${server} now. You can close this page.`);
  } catch (error) {
    if (!(error instanceof OrchestratorError)) throw error;
    return page(400, 'Not authorized', error.message);
  }
}

/** The daemon's client ID metadata document; its id is its own URL. */
export function answerClientDocument(authorizations: Authorizations): Response {
  const face = authorizations.face();
  if (face.metadataUrl === undefined) {
    throw new OrchestratorError(
      'not_found',
      'the daemon has no client ID metadata document without an https publicUrl',
    );
  }
  return Response.json({ client_id: face.metadataUrl, ...clientMetadata(face) });
}

function page(status: number, title: string, text: string): Response {
  const heading = escaped(title);
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${heading}</title><h1>${heading}</h1><p>${escaped(text)}</p></html>`;
  return new Response(html, { status, headers: { 'content-type': 'text/html; charset=utf-8' } });
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
