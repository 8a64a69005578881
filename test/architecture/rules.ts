import type { IForbiddenRuleType } from 'dependency-cruiser';

const outside = (...own: string[]) => `^(?!(${own.join('|')}))(protocol|core|plugins|daemon)/`;

/** Who may import whom; DESIGN, "Packages". Paths are relative to the folder that is looked at. */
export const RULES: IForbiddenRuleType[] = [
  {
    // The test kit (protocol/src/testing) runs the core all the same: load-core.ts looks for it by its name when a test starts one, so that
    // the package is built, installed and used without it. It is an optional peer, and the core implements an interface of the kit.
    name: 'protocol-imports-nothing-of-ours',
    severity: 'error',
    from: { path: '^protocol/src/' },
    to: { path: outside('protocol/') },
  },
  {
    name: 'core-imports-protocol-only',
    severity: 'error',
    from: { path: '^core/src/' },
    to: { path: outside('core/', 'protocol/') },
  },
  {
    name: 'core-has-no-transport',
    severity: 'error',
    from: { path: '^core/src/' },
    to: { path: '(^|/)node_modules/(ws|hono|@hono|aedes|mqtt|pino|level|classic-level)/' },
  },
  {
    name: 'plugins-see-the-contract-only',
    severity: 'error',
    from: { path: '^plugins/([^/]+)/src/' },
    to: { path: outside('plugins/$1/', 'protocol/src/', 'core/src/plugin/') },
  },
  {
    name: 'the-daemon-imports-no-plugin',
    severity: 'error',
    from: { path: '^daemon/src/' },
    to: { path: '^plugins/' },
  },
  {
    name: 'the-client-needs-nothing-at-run-time',
    severity: 'error',
    from: { path: '^protocol/src/client/', pathNot: '/node[^/]*\\.ts$' },
    to: { path: '(^|/)node_modules/', dependencyTypesNot: ['type-only'] },
  },
  {
    // Its 370 modules would be a third of the start; `Type` of protocol makes the same schemas.
    name: 'typebox-is-for-types',
    severity: 'error',
    from: { path: '^(protocol|core|plugins/[^/]+|daemon)/src/' },
    to: { path: '(^|/)node_modules/typebox/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'no-circles',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
];
