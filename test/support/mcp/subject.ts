import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Talk } from './talk.js';

/** A server that others wrote, and what a client does with it. */
export interface Subject {
  readonly command: string;
  readonly args: readonly string[];
  /** What is asked, by a name for it; each on a connection of its own age, in this order. */
  readonly steps: Readonly<Record<string, (talk: Talk) => Promise<unknown>>>;
}

const installed = createRequire(import.meta.url);
const program = (name: string): string =>
  join(dirname(installed.resolve(`@modelcontextprotocol/${name}/package.json`)), 'dist/index.js');

/** The second SDK says among a server's progress that it answers a question for us: the server's roots, which it asks for when it likes. */
const ofClientItself = (step: unknown): boolean =>
  String((step as { message?: unknown }).message).startsWith('Fulfilling input required');

/** The reference server with some of everything. */
export const EVERYTHING: Subject = {
  command: process.execPath,
  args: [program('server-everything'), 'stdio'],
  steps: {
    'tools are listed': (talk) => talk.listTools(),
    'prompts are listed': (talk) => talk.listPrompts(),
    'resources are listed': (talk) => talk.listResources(),
    'templates are listed': (talk) => talk.listResourceTemplates(),
    'a tool answers text': (talk) => talk.callTool({ name: 'echo', arguments: { message: 'héllo' } }),
    'a tool computes': (talk) => talk.callTool({ name: 'get-sum', arguments: { a: 2, b: 3.5 } }),
    'a tool answers an image': (talk) => talk.callTool({ name: 'get-tiny-image', arguments: {} }),
    'a tool answers structured content': (talk) =>
      talk.callTool({ name: 'get-structured-content', arguments: { location: 'Chicago' } }),
    'a tool answers annotated content': (talk) =>
      talk.callTool({ name: 'get-annotated-message', arguments: { messageType: 'error', includeImage: true } }),
    'a tool answers links': (talk) => talk.callTool({ name: 'get-resource-links', arguments: { count: 4 } }),
    'arguments that do not fit are refused': (talk) => talk.callTool({ name: 'get-sum', arguments: { a: 'two' } }),
    'a tool that is not there is refused': (talk) => talk.callTool({ name: 'no-such-tool', arguments: {} }),
    'a tool tells its progress': async (talk) => {
      const steps: unknown[] = [];
      const result = await talk.callTool(
        { name: 'trigger-long-running-operation', arguments: { duration: 1.2, steps: 4 } },
        (step) => {
          if (!ofClientItself(step)) steps.push(step);
        },
      );
      // The first SDK forgets who waits for progress with the answer, so what comes right before it may be lost: on a slow machine also
      // what comes a moment before.
      return { ...(result as object), steps: steps.slice(0, 3) };
    },
    'a tool asks the model': (talk) =>
      talk.callTool({ name: 'trigger-sampling-request', arguments: { prompt: 'hi', maxTokens: 5 } }),
    'a tool asks the user': (talk) => talk.callTool({ name: 'trigger-elicitation-request', arguments: {} }),
    'a prompt': (talk) => talk.getPrompt({ name: 'simple-prompt' }),
    'a prompt with arguments': (talk) =>
      talk.getPrompt({ name: 'args-prompt', arguments: { city: 'Graz', state: 'Styria' } }),
    'a prompt without its arguments is refused': (talk) => talk.getPrompt({ name: 'args-prompt', arguments: {} }),
    'a prompt that is not there is refused': (talk) => talk.getPrompt({ name: 'no-such-prompt' }),
    'a completion': (talk) =>
      talk.complete({
        ref: { type: 'ref/prompt', name: 'completable-prompt' },
        argument: { name: 'department', value: 'E' },
      }),
    'a completion that depends on another argument': (talk) =>
      talk.complete({
        ref: { type: 'ref/prompt', name: 'completable-prompt' },
        argument: { name: 'name', value: '' },
        context: { arguments: { department: 'Engineering' } },
      }),
    'a resource': (talk) => talk.readResource({ uri: 'demo://resource/static/document/features.md' }),
    'a resource that is not there is refused': (talk) => talk.readResource({ uri: 'demo://resource/none' }),
  },
};

/** The reference server of files, allowed into one folder, which has `greeting.txt` in it. */
export const filesystem = (folder: string): Subject => ({
  command: process.execPath,
  args: [program('server-filesystem'), folder],
  steps: {
    'tools are listed': (talk) => talk.listTools(),
    'a file is read': (talk) =>
      talk.callTool({ name: 'read_text_file', arguments: { path: join(folder, 'greeting.txt') } }),
    'a folder is listed': (talk) => talk.callTool({ name: 'list_directory', arguments: { path: folder } }),
    'a file is written': (talk) =>
      talk.callTool({ name: 'write_file', arguments: { path: join(folder, 'written.txt'), content: 'new' } }),
    'a file is changed': async (talk) => {
      const path = join(folder, 'edited.txt');
      await talk.callTool({ name: 'write_file', arguments: { path, content: 'one\ntwo\n' } });
      return talk.callTool({ name: 'edit_file', arguments: { path, edits: [{ oldText: 'two', newText: 'three' }] } });
    },
    'a path outside is refused': (talk) =>
      talk.callTool({ name: 'read_text_file', arguments: { path: '/etc/passwd' } }),
    'arguments that do not fit are refused': (talk) => talk.callTool({ name: 'read_text_file', arguments: {} }),
  },
});
