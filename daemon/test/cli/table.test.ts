import { expect } from 'chai';
import { style } from '../../src/cli/style.js';
import { pairs } from '../../src/cli/pairs.js';
import { printable } from '../../src/cli/printable.js';
import { table } from '../../src/cli/table.js';

const plain = style(false);

describe('table', () => {
  it('aligns columns under their titles, without trailing blanks', () => {
    const text = table(
      [{ title: 'agent' }, { title: 'count', align: 'right' }, { title: 'note' }],
      [
        ['a', '5', 'long enough'],
        ['another', '1234567', ''],
      ],
      { style: plain, width: undefined },
    );
    expect(text.split('\n')).to.deep.equal([
      'AGENT      COUNT  NOTE',
      'a              5  long enough',
      'another  1234567',
    ]);
  });

  it('cuts its flexible column to the width of the terminal', () => {
    const rows = [['echo', 'x'.repeat(100)]];
    const text = table([{ title: 'agent' }, { title: 'about', flexible: true }], rows, { style: plain, width: 40 });
    expect(text.split('\n').map((line) => line.length <= 40)).to.deep.equal([true, true]);
    expect(text).to.contain('…');
  });

  it('cuts its flexible columns one after another, the last one first, none below its least width', () => {
    const rows = [['y'.repeat(30), 'x'.repeat(30)]];
    const columns = [
      { title: 'one', flexible: true },
      { title: 'two', flexible: true },
    ];
    const [, row = ''] = table(columns, rows, { style: plain, width: 40 }).split('\n');
    expect(row.split('  ').map((cell) => cell.length)).to.deep.equal([26, 12]);
  });

  it('writes everything out where there is no terminal', () => {
    const rows = [['echo', 'x'.repeat(100)]];
    expect(
      table([{ title: 'agent' }, { title: 'about', flexible: true }], rows, { style: plain, width: undefined }),
    ).to.contain('x'.repeat(100));
  });

  it('measures colours as nothing', () => {
    const coloured = style(true);
    const text = table(
      [{ title: 'state' }, { title: 'n' }],
      [
        [coloured.state('ready'), '1'],
        ['offline', '2'],
      ],
      { style: coloured, width: undefined },
    );
    const ends = text
      .split('\n')
      .slice(1)
      .map((line) =>
        printable(line)
          .replace(/\u001b\[[0-9;]*m/g, '')
          .indexOf(line.at(-1) ?? ''),
      );
    expect(ends[0]).to.equal(ends[1]);
  });
});

describe('pairs', () => {
  it('aligns values, also those of several lines, and leaves out what has none', () => {
    const text = pairs(
      [
        ['node', 'a'],
        ['listening', 'x\ny'],
        ['absent', undefined],
      ],
      plain,
    );
    expect(text.split('\n')).to.deep.equal(['node       a', 'listening  x', '           y']);
  });
});

describe('printable', () => {
  it('lets no escape sequence of somebody else reach the terminal', () => {
    expect(printable('\u001b]0;title\u0007 \u001b[2J red\u001b[31m\u009b')).to.equal(
      '\ufffd]0;title\ufffd \ufffd[2J red\u001b[31m\ufffd',
    );
  });
});
