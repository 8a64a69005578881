/** Methods of the protocol that a client calls and that are answered; a daemon's plugins may have more. */
export async function callableMethods(): Promise<readonly string[]> {
  const { METHODS } = await import('@ai-orchestrator/protocol');
  return Object.values(METHODS)
    .filter((method) => method.answeredBy === 'daemon' && !method.notification)
    .map((method) => method.name);
}
