/** A text of ASCII as it may stand in a file: as it is, in UTF-16, in hex, and in base64 wherever in the bytes it begins. */
export function formsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    // The characters at both ends depend on what stands beside the text.
    return encoded.slice(Math.ceil((before * 4) / 3), -4);
  });
  const utf16 = Buffer.from(text, 'utf16le').toString('latin1');
  return [
    text,
    utf16,
    bytes.toString('hex'),
    ...base64,
    ...base64.map((form) => form.replace(/\+/g, '-').replace(/\//g, '_')),
  ];
}
