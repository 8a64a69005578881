import { expect } from 'chai';
import fc from 'fast-check';
import { DEFAULT_ACCESS_RULES, RoleAuthorizer } from '@ai-orchestrator/core';
import type { AccessRules } from '@ai-orchestrator/core';
import { DAEMON } from '@ai-orchestrator/core/plugin';
import type { Principal } from '@ai-orchestrator/core/plugin';
import { ROLES } from '@ai-orchestrator/protocol';
import type { Permission, Role } from '@ai-orchestrator/protocol';

function somebody(...roles: Role[]): Principal {
  return { id: 'somebody', kind: 'user', roles, credentialId: 'key-1' };
}

function authorizer(rules: Partial<AccessRules> = {}, now = () => 0) {
  return new RoleAuthorizer({ ...DEFAULT_ACCESS_RULES, ...rules }, { now, monotonicMs: now });
}

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const permission = fc.tuple(word, word).map(([noun, verb]): Permission => `${noun}:${verb}`);

describe('authorizer', () => {
  it('grants each role what the table says and nothing else [ACCESS-04]', () => {
    const asked: Permission[] = [
      'session:read',
      'agent:register',
      'agent:admin',
      'program:restart',
      'key:admin',
      'metrics:read',
    ];
    const allowed = ROLES.map((role) => [
      role,
      asked.filter((one) => authorizer().authorize(somebody(role), one).allowed),
    ]);
    expect(Object.fromEntries(allowed)).to.deep.equal({
      admin: asked,
      operator: ['session:read', 'agent:register', 'agent:admin', 'program:restart', 'metrics:read'],
      agent: ['session:read', 'agent:register'],
      observer: ['session:read', 'metrics:read'],
    });
  });

  it('denies whatever no role of the caller grants [ACCESS-04]', () => {
    const grants = fc.record({
      admin: fc.constant([]),
      operator: fc.array(permission),
      agent: fc.array(permission),
      observer: fc.array(permission),
    });
    fc.assert(
      fc.property(grants, fc.subarray([...ROLES]), permission, (table, roles, asked) => {
        const { allowed } = authorizer({ grants: table }).authorize(somebody(...roles), asked);
        expect(allowed).to.equal(roles.some((role) => (table[role] as Permission[]).includes(asked)));
      }),
    );
  });

  it('lets a forbid win over every grant, also over admin [ACCESS-05]', () => {
    fc.assert(
      fc.property(
        permission,
        fc.subarray([...ROLES]),
        fc.constantFrom('exact', 'noun', 'all'),
        (asked, roles, form) => {
          const noun = asked.split(':')[0] ?? '';
          const pattern: Permission = form === 'exact' ? asked : form === 'noun' ? `${noun}:*` : '*:*';
          const decision = authorizer({ forbids: [{ permission: pattern }] }).authorize(somebody(...roles), asked);
          expect(decision).to.deep.equal({ allowed: false, reason: 'forbidden by access.forbids[0]' });
        },
      ),
    );
  });

  it('forbids by principal, role and resource, and only where all that is said matches [ACCESS-05]', () => {
    const forbids = [
      { principal: 'team-a*', permission: 'agent:read', resource: 'agent/secret-' },
      { principal: 'team-b*', permission: 'message:request', resource: 'agent/' },
      { role: 'observer', permission: 'journal:*' },
    ] as const;
    const decide = authorizer({ forbids });
    const ask = (id: string, role: Role, asked: Permission, resource?: string) =>
      decide.authorize({ ...somebody(role), id }, asked, resource).allowed;
    expect([
      ask('team-b.1', 'admin', 'message:request', 'agent/echo'),
      ask('team-b.1', 'admin', 'message:request'),
      ask('team-c.1', 'admin', 'message:request', 'agent/echo'),
      ask('team-a.1', 'admin', 'agent:read', 'agent/secret-'),
      ask('team-a.1', 'admin', 'agent:read', 'agent/secret-1'),
      ask('somebody', 'observer', 'journal:read'),
      ask('somebody', 'operator', 'journal:read'),
    ]).to.deep.equal([false, true, true, false, true, false, true]);
  });

  it('decides by new rules at once, for a caller it has decided on before, and says so by its version [ACCESS-06]', () => {
    const caller = somebody('agent');
    const decide = authorizer();
    const before = [decide.version, decide.authorize(caller, 'message:request').allowed];
    decide.replace({ ...DEFAULT_ACCESS_RULES, forbids: [{ role: 'agent', permission: 'message:*' }] });
    expect([before, [decide.version, decide.authorize(caller, 'message:request').allowed]]).to.deep.equal([
      [1, true],
      [2, false],
    ]);
  });

  it('answers the same from memory as it did at first, however many resources are asked for [ACCESS-06]', () => {
    const decide = authorizer({ forbids: [{ permission: 'agent:read', resource: 'agent/7' }] });
    const caller = somebody('agent');
    const ask = () =>
      Array.from({ length: 2000 }, (_, i) => decide.authorize(caller, 'agent:read', `agent/${i}`).allowed);
    const first = ask();
    expect([ask(), first.indexOf(false), first.lastIndexOf(false)]).to.deep.equal([first, 7, 7]);
  });

  it('denies a principal whose credential has expired, from that moment on', () => {
    const time = { now: 999 };
    const decide = authorizer({}, () => time.now);
    const caller = { ...somebody('admin'), expiresAt: 1000 };
    const before = decide.authorize(caller, 'key:admin').allowed;
    time.now = 1000;
    expect([before, decide.authorize(caller, 'key:admin')]).to.deep.equal([
      true,
      { allowed: false, reason: 'the credential has expired' },
    ]);
  });

  it('grants a role nothing that only looks like a permission of its own', () => {
    const decide = authorizer();
    const odd = ['program', 'program:', 'programs:read', 'constructor:x', '*:*', '__proto__:x'] as Permission[];
    expect(odd.filter((asked) => decide.authorize(somebody('operator'), asked).allowed)).to.deep.equal(['program:']);
    expect(decide.authorize({ ...somebody(), roles: ['constructor' as Role] }, 'agent:read').allowed).to.equal(false);
  });

  it('refuses rules that are none, keeps the old ones, and names the rule', () => {
    const decide = authorizer();
    const bad = { ...DEFAULT_ACCESS_RULES, forbids: [{ permission: 'message' as Permission }] };
    expect(() => decide.replace(bad)).to.throw(Error, 'forbids[0]: "message" is no permission');
    expect([decide.version, decide.authorize(DAEMON, 'key:admin').allowed]).to.deep.equal([1, true]);
  });
});
