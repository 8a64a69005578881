import { expect } from 'chai';
import { Output } from '../../src/cli/output.js';
import { timelineText } from '../../src/cli/timeline-text.js';
import { TimelineTree, type TimelineEntry } from '../../src/cli/timeline-tree.js';
import { fitted, visibleLength } from '../../src/cli/visible-text.js';

const at = (ms: number): string => new Date(Date.UTC(2026, 0, 1, 12) + ms).toISOString();
const ID = '019b76da-a800-7000-8000-9a31df8b4e4f';

const ENTRIES: readonly TimelineEntry[] = [
  { id: `message/${ID}`, kind: 'message', at: at(0), agent: 'desk', details: { type: 'order', attempts: 1 } },
  { id: 'message/1/delivery/1', cause: `message/${ID}`, kind: 'delivery', at: at(5), attempt: 1 },
  {
    id: `task/${ID}`,
    cause: `message/${ID}`,
    kind: 'task',
    at: at(10),
    agent: 'worker',
    details: { skill: 'work', state: 'working' },
  },
  {
    id: 'task/1/step/2',
    cause: `task/${ID}`,
    kind: 'step',
    at: at(1250),
    agent: 'worker',
    details: { step: 'assigned' },
  },
  // It came last, and happened before.
  {
    id: 'message/2',
    cause: `message/${ID}`,
    kind: 'message',
    at: at(7),
    agent: 'log',
    outcome: 'deadLettered',
    durationMs: 61_000,
    details: { type: 'note', attempts: 5 },
  },
];

function drawn(entries: readonly TimelineEntry[], columns?: number): string[] {
  const stdout = { write: () => true, ...(columns === undefined ? {} : { isTTY: true, columns }) };
  const tree = new TimelineTree();
  for (const entry of entries) tree.add(entry);
  const text = timelineText(tree, new Output(['--no-color'], {}, stdout, stdout));
  return text.split('\n').map((line) => line.replace(/^( *)\d\d:\d\d:\d\d/, '$1hh:mm:ss'));
}

describe('a timeline as text', () => {
  it('is a tree of causes, effects in the order in which they happened, with outcomes and durations', () => {
    expect(drawn(ENTRIES)).to.deep.equal([
      `hh:mm:ss  message order → desk  pending  ${ID}`,
      '   +5 ms  ├─ delivery 1  in flight',
      '   +7 ms  ├─ message note → log  deadLettered  1 m 1 s  2',
      `  +10 ms  └─ task work → worker  working  ${ID}`,
      ' +1.25 s     └─ assigned to worker',
    ]);
  });

  it('shows an entry that came again as it is now, and what has no cause there at the top', () => {
    const again: TimelineEntry = { ...ENTRIES[1], outcome: 'handled', durationMs: 3 } as TimelineEntry;
    const lost: TimelineEntry = {
      id: 'task/9',
      cause: 'task/8',
      kind: 'task',
      at: at(20),
      details: { state: 'failed' },
    };
    const lines = drawn([...ENTRIES, again, lost]);
    expect([lines[1], lines.at(-1)]).to.deep.equal([
      '   +5 ms  ├─ delivery 1  handled  3 ms',
      'hh:mm:ss  task  failed  9',
    ]);
  });

  it('keeps its branches under each other however long ago it began, and says no type where there is none to tell', () => {
    const late = { id: 'message/3', cause: `message/${ID}`, kind: 'message', at: at(1_573_000), agent: 'log' } as const;
    expect(drawn([...ENTRIES.slice(0, 2), { ...late, details: { type: 'message' } }])).to.deep.equal([
      `  hh:mm:ss  message order → desk  pending  ${ID}`,
      '     +5 ms  ├─ delivery 1  in flight',
      '+26 m 13 s  └─ message → log  pending  3',
    ]);
  });

  it('leaves out ids and cuts lines that are wider than the terminal', () => {
    expect(drawn(ENTRIES, 60)[0]).to.equal('hh:mm:ss  message order → desk  pending');
    expect(
      drawn(ENTRIES, 20)
        .map(visibleLength)
        .every((length) => length <= 20),
    ).to.equal(true);
    expect(fitted('\u001b[1mbold words\u001b[22m end', 6)).to.equal('\u001b[1mbold …\u001b[22m');
  });
});

describe('a picture on the terminal', () => {
  it('is drawn in the place of the one before, the last lines of it where there are too many', () => {
    let written = '';
    const stdout = { isTTY: true, rows: 3, write: (text: string) => ((written += text), true) };
    const draw = new Output([], {}, stdout, stdout).picture();
    draw('1');
    draw('1\n2\n3');
    expect(written).to.equal('1\n\u001b[1F\u001b[J2\n3\n');
  });
});
