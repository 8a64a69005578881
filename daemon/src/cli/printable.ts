/** Text of somebody else without the control characters that would move a terminal's cursor or change its title; our colours stay. */
export function printable(text: string): string {
  return text.replace(/\u001b\[[0-9;]*m|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (found) =>
    found.endsWith('m') ? found : '\ufffd',
  );
}
