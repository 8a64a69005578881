import { expect } from 'chai';
import { connectLegacy, modern, startGateway } from './gateway-under-test.js';

describe('clients of /mcp', () => {
  it('are recorded once for each revision that they speak, and shown with it, up to a bound [MCP-72]', async () => {
    const gateway = await startGateway({ limits: { knownClients: 2 } });
    try {
      await connectLegacy(gateway, { version: '2025-06-18' });
      await connectLegacy(gateway, { version: '2025-06-18' });
      await connectLegacy(gateway, { version: '2025-11-25' });
      await modern(gateway, 'tools/list', {}, { id: 1 });
      await modern(gateway, 'tools/list', {}, { id: 2 });
      const { sessions, known } = gateway.status();
      expect({
        recorded: gateway.met.map(({ principal, revision }) => [principal, revision]),
        sessions,
        known: known.map(({ revision }) => revision),
        heard: known.every(({ lastAt }) => lastAt > 0),
      }).to.deep.equal({
        recorded: [
          ['ada', '2025-06-18'],
          ['ada', '2025-11-25'],
          ['ada', '2026-07-28'],
        ],
        sessions: { '2025-06-18': 2, '2025-11-25': 1 },
        known: ['2026-07-28', '2025-11-25'],
        heard: true,
      });
    } finally {
      await gateway.stop();
    }
  });
});
