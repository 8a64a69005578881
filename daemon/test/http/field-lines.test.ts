import { expect } from 'chai';
import { FieldLines } from '../../src/http/field-lines.js';

/** A line, or why there is none. */
function made(lines: FieldLines, name: string, value: number | string | readonly string[]): string {
  try {
    return lines.of(name, value);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

describe('lines of header fields', () => {
  it('say what is given, also of a name that said something else before [DAEMON-46]', () => {
    const lines = new FieldLines();
    const given = [1, '1', 'a', 'a', ['a', 'b'], 'a', 2, 'x'.repeat(300), 'x'.repeat(300), ''];
    expect(given.map((value) => made(lines, 'x-one', value))).to.deep.equal(
      given.map((value) => [value].flat().reduce<string>((text, each) => `${text}x-one: ${each}\r\n`, '')),
    );
  });

  it('are not made of what is no name or no value, though a name was right before [DAEMON-46]', () => {
    const lines = new FieldLines();
    expect([
      made(lines, 'x', 'right'),
      made(lines, 'x', 'right\r\ny: wrong'),
      made(lines, 'x', ['right', 'wrong\n']),
      made(lines, 'x', '\u20ac'),
      made(lines, 'x y', 'right'),
      made(lines, 'x', 'right'),
    ]).to.deep.equal([
      'x: right\r\n',
      'ERR_INVALID_CHAR',
      'ERR_INVALID_CHAR',
      'ERR_INVALID_CHAR',
      'ERR_INVALID_HTTP_TOKEN',
      'x: right\r\n',
    ]);
  });

  it('are right past the number of names that is remembered [DAEMON-46]', () => {
    const lines = new FieldLines();
    const names = Array.from({ length: 200 }, (_, n) => `x-${n}`);
    const twice = [...names, ...names];
    expect(twice.map((name, n) => made(lines, name, n % 150))).to.deep.equal(
      twice.map((name, n) => `${name}: ${n % 150}\r\n`),
    );
  });
});
