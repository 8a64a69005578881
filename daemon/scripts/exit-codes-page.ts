import { EXIT_CODES } from '../src/exit-codes.js';

/** `docs/reference/exit-codes.md` */
export function exitCodesPage(): string {
  const rows = Object.entries(EXIT_CODES).map(([name, { code, meaning }]) => `| ${code} | \`${name}\` | ${meaning} |`);
  return `# Exit codes

What \`orchestrator\` ends with. The numbers and names are stable. With \`--json\` the error object on stderr has the name as \`exit\`.
This page is generated from \`daemon/src/exit-codes.ts\`.

| code | name | when |
| ---: | --- | --- |
${rows.join('\n')}

A command whose reader closes the pipe early, as \`head\` does, ends with 0.
`;
}
