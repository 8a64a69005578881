#!/usr/bin/env node
// Plain JavaScript that is committed, so that npm can link it before anything was built.
import { existsSync } from 'node:fs';

const main = new URL('../dist/src/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write('orchestrator is not built yet: run "npm run build" in the repository first.\n');
  process.exitCode = 1;
}
