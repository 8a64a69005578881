const ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const ID_LENGTH = 64;

/** What keeps a value from being a plugin, each a phrase for people; empty when it is one. */
export function shapeProblems(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return ['the default export is not an object made by definePlugin'];
  const { id, contract, start, config, requires, provides, methods, events } = value as Record<string, unknown>;
  const problems: string[] = [];
  if (typeof id !== 'string' || id.length > ID_LENGTH || !ID.test(id)) {
    problems.push(`"id" is not a kebab-case name of at most ${ID_LENGTH} characters`);
  }
  if (typeof contract !== 'string') problems.push('"contract" is missing: make the plugin with definePlugin');
  if (typeof start !== 'function') problems.push('"start" is not a function');
  if (config !== undefined && !isRecord(config)) problems.push('"config" is not a schema');
  problems.push(...ofTokens('requires', requires), ...ofTokens('provides', provides));
  problems.push(...ofDeclarations('methods', methods), ...ofDeclarations('events', events));
  return problems;
}

function ofTokens(member: string, value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (!isRecord(value)) return [`"${member}" is not an object of tokens`];
  return Object.entries(value)
    .filter(([, token]) => typeof token !== 'symbol')
    .map(([name]) => `"${member}.${name}" is not a token: import the service's token, not only its type`);
}

function ofDeclarations(member: 'methods' | 'events', value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (!isRecord(value)) return [`"${member}" is not an object of declarations`];
  return Object.entries(value)
    .filter(([, declaration]) => !isRecord(declaration) || typeof declaration.name !== 'string')
    .map(
      ([name]) => `"${member}.${name}" is not a declaration made by ${member === 'methods' ? 'method()' : 'event()'}`,
    );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
