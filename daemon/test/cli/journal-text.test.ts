import { expect } from 'chai';
import { recordText } from '../../src/cli/journal-text.js';
import { Output } from '../../src/cli/output.js';

describe('recordText', () => {
  it('has columns that ids do not break where there is room for them', () => {
    const record = {
      sequence: 7,
      time: '2026-01-01T00:00:00.000Z',
      action: 'tool.called',
      principal: 'admin',
      outcome: 'success' as const,
      node: 'n',
      hash: 'h',
      previous: 'p',
    };
    const resources = ['agent/echo', 'approval/01981234-0000-7000-8000-000000000000'];
    const columnsAt = (columns: number | undefined): readonly number[] => {
      const terminal = { isTTY: columns !== undefined, ...(columns !== undefined && { columns }), write: () => true };
      const output = new Output(['--no-color'], {}, terminal, terminal);
      return resources.map((resource) => recordText({ ...record, resource }, output).indexOf('admin'));
    };
    expect([columnsAt(undefined), columnsAt(160), columnsAt(90)]).to.deep.equal([
      [87, 87],
      [87, 87],
      [62, -1],
    ]);
  });
});
