import type { Requirement } from './requirement.js';

export const rpc: readonly Requirement[] = [
  {
    id: 'RPC-01',
    source: 'DESIGN 10',
    behaviour: 'The scan of a frame accepts exactly what JSON.parse accepts, within the limits.',
  },
  { id: 'RPC-02', source: 'PERFORMANCE 2', behaviour: 'A member of the envelope that is there twice is refused.' },
  {
    id: 'RPC-03',
    source: 'issue 2, show 2',
    behaviour: 'Every example of the JSON-RPC 2.0 specification is answered as printed there.',
  },
  {
    id: 'RPC-04',
    source: 'DESIGN 4',
    behaviour: 'Ids are echoed as sent; ids past 2^53 and fractional ones are refused.',
  },
  { id: 'RPC-05', source: 'issue 2, show 2', behaviour: 'Names that every object inherits are no methods.' },
  {
    id: 'RPC-06',
    source: 'DESIGN 10',
    behaviour: 'A relayed member is handed on byte by byte, never parsed, and refused when it is there twice.',
  },
  {
    id: 'RPC-07',
    source: 'DESIGN 4',
    behaviour: 'An error that is not ours is logged under an incident and answered without its text.',
  },
  {
    id: 'RPC-08',
    source: 'DESIGN 4',
    behaviour: 'Existence, then permission, then shape: who may not call learns no shape.',
  },
  { id: 'RPC-09', source: 'issue 2, core', behaviour: 'Invalid params are answered with each member that is wrong.' },
  {
    id: 'RPC-10',
    source: 'issue 2, core',
    behaviour: 'Calls are limited by rate for each principal, those of a batch one by one.',
  },
  {
    id: 'RPC-11',
    source: 'DESIGN 12',
    behaviour: 'Login by bearer token at the upgrade or by the first call; before it only public methods.',
  },
  {
    id: 'RPC-12',
    source: 'DESIGN 8',
    behaviour: 'Live sessions end within 5 s of their credential being revoked or expired.',
  },
  {
    id: 'RPC-13',
    source: 'DESIGN 4',
    behaviour: 'A call can be canceled, and its handler learns of that and of the end of the connection.',
  },
  { id: 'RPC-14', source: 'DESIGN 10', behaviour: 'Requests of a session that are not answered yet are bounded.' },
  { id: 'RPC-15', source: 'issue 2, show 2', behaviour: 'Only our subprotocol is ever selected.' },
  {
    id: 'RPC-16',
    source: 'RFC 6455',
    behaviour: 'Frames are read and written as the specification says; bad ones end the connection with its code.',
  },
  { id: 'RPC-17', source: 'DESIGN 11', behaviour: 'Before authentication: 5 s, 64 KiB, few calls, few connections.' },
  {
    id: 'RPC-18',
    source: 'DESIGN 4',
    behaviour: 'The daemon calls clients too; only the one that was called can answer.',
  },
  {
    id: 'RPC-19',
    source: 'issue 2, daemon',
    behaviour: 'A drain tells clients, refuses new requests, lets those in flight end, and closes.',
  },
  {
    id: 'RPC-20',
    source: 'DESIGN 8',
    behaviour: 'A subscription ends, and says why, when its principal may no longer have it.',
  },
  {
    id: 'RPC-22',
    source: 'DESIGN 10',
    behaviour:
      'All connections together are read for a bounded time in one turn of the event loop, each of them at least one message.',
  },
  {
    id: 'RPC-21',
    source: 'DESIGN 8',
    behaviour: 'A connection that floods the daemon is read by turns: others are heard in between.',
  },
  {
    id: 'F24',
    source: 'FAULTS F24',
    behaviour: 'A slow reader is paused, then closed with a cursor; others and memory are not affected.',
  },
  {
    id: 'F26',
    source: 'FAULTS F26',
    behaviour:
      'A half-open connection ends within two ping intervals; its agent is back without a gap within its lease, and offline after it.',
  },
  { id: 'F65', source: 'FAULTS F65', behaviour: 'JSON nested 10,000 to 1,000,000 deep is refused before it is used.' },
  { id: 'F66', source: 'FAULTS F66', behaviour: 'An object of 1,000,000 members is refused by their number.' },
  { id: 'F67', source: 'FAULTS F67', behaviour: '__proto__ and constructor.prototype are refused as members.' },
  {
    id: 'F68',
    source: 'FAULTS F68',
    behaviour: 'A batch of 200,000 calls is refused; each call of a batch is metered and authorized.',
  },
  { id: 'F71', source: 'FAULTS F71', behaviour: 'Compression is never agreed to, so that nothing inflates.' },
];
