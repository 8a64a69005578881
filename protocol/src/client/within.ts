interface Options {
  readonly signal?: AbortSignal;
  readonly traceparent?: string;
}

/** How something is asked for within work: canceled with it, and under its trace unless said. */
export function within<O extends Options>(
  options: O,
  { signal, envelope }: { readonly signal: AbortSignal; readonly envelope: { readonly traceparent?: string } },
): O & { readonly signal: AbortSignal } {
  const { traceparent } = envelope;
  return {
    ...(traceparent === undefined ? {} : { traceparent }),
    ...options,
    signal: options.signal ? AbortSignal.any([signal, options.signal]) : signal,
  };
}
