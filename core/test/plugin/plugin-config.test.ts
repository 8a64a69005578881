import { expect } from 'chai';
import Type from 'typebox';
import { checkConfig } from '../../src/plugin/plugin-config.js';

const schema = Type.Object({
  path: Type.String(),
  limitBytes: Type.Integer({ minimum: 1, default: 1024 }),
  retry: Type.Optional(Type.Object({ attempts: Type.Integer() })),
  mode: Type.Optional(Type.Union([Type.Literal('fast'), Type.Literal('safe')])),
});

describe("a plugin's configuration", () => {
  it('gets its defaults filled in, and what was given is not changed [PLUGIN-04]', () => {
    const given = { path: '/x' };
    expect([checkConfig(schema, given), given]).to.deep.equal([
      { ok: true, config: { path: '/x', limitBytes: 1024 } },
      { path: '/x' },
    ]);
  });

  it('is refused with each key that is unknown, missing or wrong, and never a value [PLUGIN-04]', () => {
    const result = checkConfig(schema, {
      limitbytes: 5,
      limitBytes: 0,
      zzz: 'secret',
      retry: { attemps: 3, attempts: 'secret' },
    });
    expect(result).to.deep.equal({
      ok: false,
      problems: [
        'config key "path" is missing',
        'config key "limitbytes" is not known; did you mean "limitBytes"?',
        'config key "zzz" is not known; known keys: path, limitBytes, retry, mode',
        'config key "limitBytes" must be >= 1',
        'config key "retry.attemps" is not known; did you mean "attempts"?',
        'config key "retry.attempts" must be integer',
      ],
    });
  });

  it('is empty for a plugin that declares none', () => {
    expect([checkConfig(undefined, undefined), checkConfig(undefined, { port: 1 })]).to.deep.equal([
      { ok: true, config: {} },
      { ok: false, problems: ['config key "port" is not known; known keys: none'] },
    ]);
  });

  it('has the defaults when nothing is configured', () => {
    const { limitBytes, mode } = schema.properties;
    const optional = Type.Object({ limitBytes, mode });
    expect([checkConfig(optional, undefined), checkConfig(optional, {})]).to.deep.equal([
      { ok: true, config: { limitBytes: 1024 } },
      { ok: true, config: { limitBytes: 1024 } },
    ]);
  });

  it('has the defaults of its defaults', () => {
    const nested = Type.Object({ retry: Type.Object({ attempts: Type.Integer({ default: 3 }) }, { default: {} }) });
    expect(checkConfig(nested, undefined)).to.deep.equal({ ok: true, config: { retry: { attempts: 3 } } });
  });

  it('is refused when nothing is configured and a key without a default is required [PLUGIN-04]', () => {
    expect(checkConfig(schema, undefined)).to.deep.equal({
      ok: false,
      problems: ['config key "path" is missing'],
    });
  });

  it('may have free keys where the schema says so', () => {
    const open = Type.Object({}, { additionalProperties: Type.String() });
    expect(checkConfig(open, { any: 'thing' })).to.deep.equal({ ok: true, config: { any: 'thing' } });
  });

  it('names a schema that cannot be used', () => {
    const broken = { type: 'object', propertees: {} } as unknown as typeof schema;
    expect(checkConfig(broken, {})).to.deep.equal({
      ok: false,
      problems: ['declares a config schema that is not valid: strict mode: unknown keyword: "propertees"'],
    });
  });
});
