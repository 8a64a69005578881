import { expect } from 'chai';
import { MessageFamilies } from '../../src/messages/message-families.js';

/** What growing a family comes to: how to undo it, or the name of the error and its chain. */
function grown(families: MessageFamilies, rootId: string, by = 1): (() => void) | unknown[] {
  try {
    return families.grow(rootId, by, ['a', 'b']);
  } catch (error) {
    const { errorName, data } = error as { errorName: string; data: { chain: unknown } };
    return [errorName, data.chain];
  }
}

describe('the messages that one brings about', () => {
  it('are bounded all together; past the bound the error has the chain [DELIVERY-10]', () => {
    const families = new MessageFamilies(3, 10);
    const results = [grown(families, 'x', 2), grown(families, 'x', 2), grown(families, 'x'), grown(families, 'x')];
    const refused = ['fan_out_limit', ['a', 'b']];
    expect(results.map((result) => (Array.isArray(result) ? result : 'taken'))).to.deep.equal([
      'taken',
      refused,
      'taken',
      refused,
    ]);
    expect(grown(families, 'other')).to.be.a('function');
  });

  it('count only where they were taken in, and as long as their first one is remembered [DELIVERY-10]', () => {
    const families = new MessageFamilies(1, 2);
    const undo = grown(families, 'x');
    if (typeof undo === 'function') undo();
    expect(grown(families, 'x')).to.be.a('function');
    grown(families, 'y');
    grown(families, 'z');
    expect(grown(families, 'x')).to.be.a('function');
    expect(grown(families, 'z')).to.deep.equal(['fan_out_limit', ['a', 'b']]);
  });
});
