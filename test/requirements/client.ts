import type { Requirement } from './requirement.js';

export const client: readonly Requirement[] = [
  {
    id: 'CLIENT-01',
    source: 'issue 2, protocol',
    behaviour: 'openrpc.json is valid OpenRPC 1.3.2 and has every method.',
  },
  { id: 'CLIENT-02', source: 'issue 2, protocol', behaviour: 'Every method has an example.' },
  { id: 'CLIENT-03', source: 'issue 2, protocol', behaviour: 'Every example is valid for its method.' },
  { id: 'CLIENT-04', source: 'DESIGN 4', behaviour: 'A generated file that is stale fails a check.' },
  {
    id: 'CLIENT-05',
    source: 'issue 2, protocol',
    behaviour: 'The OpenRPC document can include the methods of plugins.',
  },
  {
    id: 'CLIENT-10',
    source: 'issue 2, protocol',
    behaviour: 'In Node the client logs in by the header at the upgrade and knows its session.',
  },
  {
    id: 'CLIENT-11',
    source: 'issue 2, protocol',
    behaviour: 'With a standard WebSocket, which can set no header, the client logs in by its first call.',
  },
  {
    id: 'CLIENT-12',
    source: 'issue 2, protocol',
    behaviour: 'A refused login and an unreachable daemon are clear errors; a refused login is not tried again.',
  },
  {
    id: 'CLIENT-13',
    source: 'issue 2, protocol',
    behaviour: "A call answers its result, or the daemon's error with its name, retryability and data.",
  },
  {
    id: 'CLIENT-14',
    source: 'issue 2, protocol',
    behaviour: 'Every call takes an AbortSignal and a time limit; both cancel the request at the daemon.',
  },
  {
    id: 'CLIENT-15',
    source: 'issue 2, protocol',
    behaviour: "Calls, bytes and messages past the client's bounds are refused before they are sent.",
  },
  {
    id: 'CLIENT-16',
    source: 'issue 2, protocol',
    behaviour:
      'After a lost connection only calls that are safe to repeat are sent again; another that was sent fails with connection_lost.',
  },
  {
    id: 'CLIENT-17',
    source: 'issue 2, protocol',
    behaviour: 'Calls made while there is no connection wait for the next one.',
  },
  {
    id: 'CLIENT-18',
    source: 'issue 2, protocol',
    behaviour:
      'The client holds calls back once the daemon goes away, and stays away as long as it asks; its status is an async iterator.',
  },
  {
    id: 'CLIENT-19',
    source: 'issue 2, protocol',
    behaviour: 'A connection that is dead without a word is noticed and replaced.',
  },
  {
    id: 'CLIENT-20',
    source: 'issue 2, protocol',
    behaviour: 'drain() takes no new calls, waits for those in flight, then closes.',
  },
];
