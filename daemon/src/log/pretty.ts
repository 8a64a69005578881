const COLOURS: Readonly<Record<string, string>> = { warn: '33', error: '31', fatal: '31' };
const OWN = new Set(['level', 'time', 'logger', 'message', 'pid', 'node']);

/** One JSON line of the log as a person reads it at a terminal. */
export function pretty(line: string, colour: boolean): string {
  const record = JSON.parse(line) as Record<string, unknown>;
  const { level, time, logger, message } = record;
  const fields = Object.entries(record)
    .filter(([name]) => !OWN.has(name))
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const word = String(level).toUpperCase().padEnd(5);
  const code = COLOURS[String(level)];
  const shown = colour && code !== undefined ? `\u001b[${code}m${word}\u001b[0m` : word;
  const name = typeof logger === 'string' ? `${logger}: ` : '';
  return `${String(time).slice(11, 23)} ${shown} ${name}${String(message)}${fields.join('')}\n`;
}
