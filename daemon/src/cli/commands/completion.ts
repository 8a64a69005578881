import { Argument, type Command } from 'commander';
import { bashScript } from '../completion/bash.js';
import { fishScript } from '../completion/fish.js';
import { places } from '../completion/tree.js';
import { zshScript } from '../completion/zsh.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { callableMethods } from '../methods.js';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** `orchestrator completion` */
export function completion(command: Command, context: Context, whole: () => Promise<Command>): void {
  command.addArgument(new Argument('<shell>', 'which shell it is for').choices(Object.keys(SCRIPTS)));
  examples(command, [
    { says: 'bash, now; put the line into ~/.bashrc to keep it', line: 'source <(orchestrator completion bash)' },
    { says: 'zsh, in the same way in ~/.zshrc after compinit', line: 'source <(orchestrator completion zsh)' },
    { says: 'fish', line: 'orchestrator completion fish > ~/.config/fish/completions/orchestrator.fish' },
  ]).action(async (shell: keyof typeof SCRIPTS) => {
    const tree = places(await whole(), await callableMethods());
    const script = SCRIPTS[shell](tree);
    context.output.answer({ shell, script }, () => script);
  });
}
