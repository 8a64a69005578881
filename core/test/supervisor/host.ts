import { shell, supervisor } from './programs.js';

/** A stand-in for the daemon: runs programs with children and grandchildren until it is killed. `argv`: identity, mark. */
const [identity = '', mark = ''] = process.argv.slice(2);
const programs = supervisor({ identity });
for (const name of ['one', 'two']) {
  const script = `trap "" TERM HUP; sleep ${mark} & (setsid sleep ${mark} &) ; (sleep ${mark} & sleep ${mark}) & while :; do sleep ${mark}; done`;
  programs.start(shell(name, script));
}
process.stdout.write('started\n');
