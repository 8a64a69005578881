import { expect } from 'chai';
import { bytesText, durationText, parseDuration, relativeTime } from '../../src/cli/time-text.js';

describe('time and size texts', () => {
  it('say a duration in its two largest units', () => {
    const texts = [0, 999, 1000, 61_000, 3_600_000, 3_660_000, 90_061_000, 86_400_000 + 5_000].map(durationText);
    expect(texts).to.deep.equal(['0 ms', '999 ms', '1 s', '1 m 1 s', '1 h', '1 h 1 m', '1 d 1 h', '1 d']);
  });

  it('say how long ago a time was, or how long until it comes', () => {
    const now = Date.parse('2026-11-22T12:00:00Z');
    const times = ['2026-11-22T11:59:48Z', '2026-11-22T12:00:00.400Z', '2026-11-24T12:00:00Z', 'soon', undefined];
    expect(times.map((time) => relativeTime(time, now))).to.deep.equal(['12 s ago', 'now', 'in 2 d', 'soon', '-']);
  });

  it('read durations as they are written, and nothing else', () => {
    const texts = ['500ms', '30s', '15m', '12h', '7d', '30', '-1s', '1.5h', 's', ''];
    expect(texts.map(parseDuration)).to.deep.equal([
      500,
      30_000,
      900_000,
      43_200_000,
      604_800_000,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('say bytes in binary units', () => {
    expect([0, 1023, 1024, 88_604_672, 5 * 1024 ** 4].map(bytesText)).to.deep.equal([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '84.5 MiB',
      '5.0 TiB',
    ]);
  });
});
