import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import { valid as validVersion, validRange } from 'semver';
import { fileURLToPath } from 'node:url';
import { readExamples } from '../scripts/read-examples.js';
import { ERRORS, METHODS, type MethodDeclaration } from '../src/index.js';

const directory = fileURLToPath(new URL('../../examples', import.meta.url));

function validator(): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
  addFormats.default(ajv, ['date-time', 'uuid']);
  ajv.addFormat('semver', (text: string) => validVersion(text) !== null);
  ajv.addFormat('semver-range', (text: string) => validRange(text) !== null);
  return ajv;
}

describe('protocol examples', () => {
  it('there is at least one of each method, and none of another [CLIENT-02]', async () => {
    const examples = await readExamples(directory);
    const shown = new Set(examples.map((example) => example.method));
    expect({
      missing: Object.keys(METHODS).filter((name) => !shown.has(name)),
      unknown: [...shown].filter((name) => !(name in METHODS)),
    }).to.deep.equal({ missing: [], unknown: [] });
  });

  it('each is valid for its method: params, and a result or an error of the table [CLIENT-03]', async () => {
    const ajv = validator();
    const methods: Record<string, MethodDeclaration> = METHODS;
    const problems: string[] = [];
    for (const { method, name, params, result, error } of await readExamples(directory)) {
      const declaration = methods[method];
      if (!declaration) continue;
      const say = (what: string) => problems.push(`${method}/${name}: ${what}`);
      if (!ajv.validate(declaration.params, params)) say(`params ${ajv.errorsText()}`);
      if (error) {
        const row = ERRORS[error.data.name];
        if (error.code !== row.code) say(`code ${String(error.code)} is not that of ${error.data.name}`);
        if (!declaration.errors.includes(error.data.name)) say(`${error.data.name} is not declared`);
      } else if (declaration.notification) {
        if (result !== undefined) say('a notification has no result');
      } else if (!ajv.validate(declaration.result, result)) say(`result ${ajv.errorsText()}`);
    }
    expect(problems).to.deep.equal([]);
  });
});
