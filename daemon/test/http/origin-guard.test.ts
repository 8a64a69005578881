import { expect } from 'chai';
import { OriginGuard } from '../../src/http/origin-guard.js';

const NAMES = { host: '10.0.0.5', allowedHosts: ['Agents.Example'], allowedOrigins: ['https://console.example'] };
const FOREIGN_HOST = 'the Host header names another host; add it to http.allowedHosts if it is this daemon';
const FOREIGN_ORIGIN = 'pages of this Origin may not call; add it to http.allowedOrigins if they should';

describe('the guard of Host and Origin', () => {
  it('lets through the names that the daemon has, with any port and in any case [DAEMON-12]', () => {
    const guard = new OriginGuard(NAMES);
    const hosts = [
      '10.0.0.5:7420',
      '10.0.0.5',
      'localhost:1',
      'LOCALHOST',
      '127.0.0.1',
      '[::1]:7420',
      'agents.example:80',
    ];
    expect(hosts.map((host) => guard.refusal('http', host, undefined))).to.deep.equal(hosts.map(() => undefined));
  });

  it('refuses others, also after one of its own, and a request without one [DAEMON-12]', () => {
    const guard = new OriginGuard(NAMES);
    const hosts = [
      'localhost',
      'evil.example',
      'localhost:7420',
      'localhost.evil.example',
      'localhost:123456',
      '',
      undefined,
    ];
    expect(hosts.map((host) => guard.refusal('http', host, undefined))).to.deep.equal([
      undefined,
      FOREIGN_HOST,
      undefined,
      FOREIGN_HOST,
      FOREIGN_HOST,
      FOREIGN_HOST,
      'a request needs a Host header',
    ]);
  });

  it('lets only pages of its own address and of listed ones call [DAEMON-12]', () => {
    const guard = new OriginGuard(NAMES);
    const origins = [
      'http://localhost:7420',
      'https://console.example',
      'https://localhost:7420',
      'http://evil.example',
      'null',
    ];
    expect(origins.map((origin) => guard.refusal('http', 'localhost:7420', origin))).to.deep.equal([
      undefined,
      undefined,
      FOREIGN_ORIGIN,
      FOREIGN_ORIGIN,
      FOREIGN_ORIGIN,
    ]);
  });
});
