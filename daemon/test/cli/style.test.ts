import { expect } from 'chai';
import { style, wantsColour } from '../../src/cli/style.js';

describe('wantsColour', () => {
  it('follows the terminal, NO_COLOR, FORCE_COLOR and --no-color', () => {
    expect({
      terminal: wantsColour([], {}, true),
      pipe: wantsColour([], {}, false),
      dumb: wantsColour([], { TERM: 'dumb' }, true),
      noColor: wantsColour([], { NO_COLOR: '1' }, true),
      emptyNoColor: wantsColour([], { NO_COLOR: '' }, true),
      forced: wantsColour([], { FORCE_COLOR: '1' }, false),
      noColorWins: wantsColour([], { NO_COLOR: '1', FORCE_COLOR: '1' }, true),
      option: wantsColour(['--no-color'], { FORCE_COLOR: '1' }, true),
    }).to.deep.equal({
      terminal: true,
      pipe: false,
      dumb: false,
      noColor: false,
      emptyNoColor: true,
      forced: true,
      noColorWins: false,
      option: false,
    });
  });
});

describe('style.state', () => {
  it('colours a state by its kind', () => {
    const { state, green, yellow, dim, red } = style(true);
    expect(['ready', 'draining', 'offline', 'failed'].map(state)).to.deep.equal([
      green('ready'),
      yellow('draining'),
      dim('offline'),
      red('failed'),
    ]);
  });
});
