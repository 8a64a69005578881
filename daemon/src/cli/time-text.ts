const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** A duration as people say it, in its two largest units: `3 d 4 h`, `12 s`, `350 ms`. */
export function durationText(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1000) return `${whole} ms`;
  const parts: string[] = [];
  let rest = whole;
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
    rest -= count * size;
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}

/** A duration to three digits where it is short: `350 ms`, `1.15 s`; past a minute as {@link durationText}. */
export function exactDuration(ms: number): string {
  return ms < 1000 || ms >= 60_000 ? durationText(ms) : `${(ms / 1000).toPrecision(3)} s`;
}

/** How long ago a time was, or how long until it comes, rounded to its largest unit: `12 s ago`, `in 3 d`, `now`; `-` where there is none. */
export function relativeTime(time: string | undefined, now: number): string {
  if (time === undefined) return '-';
  const difference = now - Date.parse(time);
  if (Number.isNaN(difference)) return time;
  if (Math.abs(difference) < 1000) return 'now';
  const [unit, size] = UNITS.find((candidate) => Math.abs(difference) >= candidate[1]) ?? ['s', 1000];
  const rounded = `${Math.round(Math.abs(difference) / size)} ${unit}`;
  return difference > 0 ? `${rounded} ago` : `in ${rounded}`;
}

/**
 * Milliseconds of a duration as it is written on a command line: `500ms`, `30s`, `15m`, `12h`, `7d`.
 *
 * @returns undefined when it is not one
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})\s*(ms|s|m|h|d)$/.exec(text.trim());
  if (match === null) return undefined;
  const size = match[2] === 'ms' ? 1 : UNITS.find(([unit]) => unit === match[2])?.[1];
  return size === undefined ? undefined : Number(match[1]) * size;
}

/** Bytes as people say them: `512 B`, `1.5 MiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? 'B'}`;
}

/** The time of day where the reader is: `14:03:05`. */
export function clockTime(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
