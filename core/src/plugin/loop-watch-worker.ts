import { Session, type Debugger } from 'node:inspector';
import { parentPort, workerData } from 'node:worker_threads';
import type { BlockedStack, LoopWatchData } from './loop-watch.js';

/*
 * Runs beside the main thread. While the main thread's beat moves on this only looks at one number now and then. When the beat stands
 * still it asks the inspector for the main thread's stack, once a standstill, and lets go at once.
 */
const { beats, blockedMs, lookMs } = workerData as LoopWatchData;
const beat = new Int32Array(beats);
let seen = Atomics.load(beat, 0);
let standstillMs = 0;

setInterval(() => {
  const now = Atomics.load(beat, 0);
  // Counted in this thread's own looks: when the whole process was stopped, this thread stood still as well.
  standstillMs = now === seen ? standstillMs + lookMs : 0;
  seen = now;
  if (standstillMs >= blockedMs && standstillMs < blockedMs + lookMs) capture(now);
}, lookMs);

function capture(at: number): void {
  const session = new Session();
  const files = new Map<string, string>();
  session.connectToMainThread();
  session.on('Debugger.scriptParsed', ({ params }) => void files.set(params.scriptId, params.url));
  session.on('Debugger.paused', ({ params }) => {
    const stack = params.callFrames.map((frame) => lineOf(frame, files));
    const stillBlocked = Atomics.load(beat, 0) === at;
    session.post('Debugger.resume', () => session.disconnect());
    // A stack taken a moment too late would blame whoever happened to run next.
    if (stillBlocked) parentPort?.postMessage(stack satisfies BlockedStack);
  });
  // Together, so that both take effect at the same moment: where a native call returns, before its caller does.
  session.post('Debugger.enable');
  session.post('Debugger.pause');
}

function lineOf(frame: Debugger.CallFrame, files: ReadonlyMap<string, string>): BlockedStack[number] {
  const { scriptId, lineNumber } = frame.location;
  return { name: frame.functionName, file: files.get(scriptId) ?? '', line: lineNumber + 1 };
}
