import { expect } from 'chai';
import { recordText } from '../../src/cli/journal-text.js';
import { Output } from '../../src/cli/output.js';

const record = {
  sequence: 7,
  time: '2026-01-01T00:00:00.000Z',
  action: 'tool.called',
  resource: 'agent/echo',
  principal: 'admin',
  outcome: 'success' as const,
  node: 'n',
  hash: 'h',
  previous: 'p',
};
const id = '01981234-0000-7000-8000-0000deadbeef';

/** Of a terminal so wide, or of none; without colours. */
function outputOf(columns: number | undefined): Output {
  const terminal = { isTTY: columns !== undefined, ...(columns !== undefined && { columns }), write: () => true };
  return new Output(['--no-color'], {}, terminal, terminal);
}

describe('recordText', () => {
  it('has columns that ids do not break', () => {
    const columnsAt = (columns: number | undefined): readonly number[] =>
      ['agent/echo', `approval/${id}`, `tool/${'x'.repeat(40)}`].map((resource) =>
        recordText({ ...record, resource }, outputOf(columns)).indexOf('admin'),
      );
    expect([undefined, 160, 119, 100, 80].map(columnsAt)).to.deep.equal([
      [89, 89, 89],
      [89, 89, 89],
      [104, 104, 104],
      [85, 85, 85],
      [65, 65, 65],
    ]);
  });

  it('has the details of a record below it in a narrow terminal, each line no wider than that', () => {
    const denied = {
      ...record,
      action: 'tool.approvalRequested',
      resource: `approval/${id}`,
      principal: 'somebody-with-a-long-name',
      outcome: 'denied' as const,
      details: { tool: 'files__delete', reason: 'x'.repeat(100) },
    };
    const text = recordText(denied, outputOf(80));
    expect(text.replace(/\d\d:\d\d:\d\d/, 'HH:MM:SS').split('\n')).to.deep.equal([
      '     7  HH:MM:SS  tool.approvalRequested  approval/0…00deadbeef  somebod…ng-name',
      '                  denied  tool=files__delete reason=xxxxxxxxxxxxxxxxxxxxxxxxxxx…',
    ]);
    expect(text.split('\n').map((line) => line.length <= 80)).to.deep.equal([true, true]);
    expect(recordText(denied, outputOf(undefined)).split('\n').length).to.equal(1);
  });

  it('is one line in a narrow terminal where there are no details', () => {
    expect(recordText(record, outputOf(80)).split('\n').length).to.equal(1);
  });
});
