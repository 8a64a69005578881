import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Authorizations } from './authorizations.js';
import { clientMetadata } from './client-identity.js';

const CONFIRMED = 'confirmed';

/** To whom an authorization server sends back: the `state` that a person brings is what lets them in. */
export async function answerCallback(authorizations: Authorizations, request: Request): Promise<Response> {
  const parameters = new URL(request.url).searchParams;
  const asked = authorizations.askedBy(parameters.get('state') ?? '');
  if (asked !== undefined && parameters.has('code') && parameters.get(CONFIRMED) !== 'yes') {
    return confirmation(asked, parameters);
  }
  try {
    const server = await authorizations.finish(parameters);
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

/** Only who was sent back here knows the code, and so only they can go on from this page. */
function confirmation({ asker, server }: { asker: string; server: string }, parameters: URLSearchParams): Response {
  const fields = [...parameters].filter(([name]) => name !== CONFIRMED);
  const hidden = fields.map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  );
  const button = `<button name="${CONFIRMED}" value="yes">I am ${escaped(asker)}: go on</button>`;
  return page(
    200,
    'Is this you?',
    `${asker} asks to use ${server} in your name. If that is not you, close this page.`,
    `<form method="get">${hidden.join('')}${button}</form>`,
  );
}

function page(status: number, title: string, text: string, form = ''): Response {
  const heading = escaped(title);
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${heading}</title><h1>${heading}</h1><p>${escaped(text)}</p>${form}</html>`;
  return new Response(html, { status, headers: { 'content-type': 'text/html; charset=utf-8' } });
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
