import type { Command } from 'commander';

/** Adds a command under another; its summary, as a sentence, is its description. */
export function subcommand(parent: Command, name: string, summary: string): Command {
  return parent.command(name).summary(summary).description(sentence(summary));
}

/** A summary as a sentence. */
export function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}
