import type { Requirement } from './requirement.js';

const rows: readonly (readonly [id: string, behaviour: string])[] = [
  [
    'TOOL-01',
    'a tool is called by who may call it, every call being journaled; who may not see it learns nothing of it',
  ],
  [
    'TOOL-02',
    'who is not admin or operator sees only tools that are granted: by principal, role, name, provider or label',
  ],
  ['TOOL-03', 'what is forbidden is denied to everybody, whatever is granted'],
  ['TOOL-04', 'grants say with which arguments and capabilities tools may be called'],
  ['TOOL-05', 'a set narrows the tools of who may use it, and is nothing to others'],
  ['TOOL-06', 'rules of tools hold at once when the configuration is reloaded, and wrong ones are refused whole'],
  [
    'TOOL-07',
    'a definition that was changed in any field that a model or caller relies on waits for approval, field by field shown; the approved one keeps working',
  ],
  ['TOOL-08', 'a provider that goes back to the approved definition leaves quarantine'],
  ['TOOL-09', 'a definition is approved by the hash that was looked at'],
  ['TOOL-10', 'a definition that was rejected is not asked about again'],
  ['TOOL-11', 'approvals and what waits for approval survive restarts'],
  ['TOOL-12', 'the first definition of a tool is believed on first use, or waits, as the configuration says'],
  ['TOOL-13', 'definitions that wait are shown to and decided by nobody who is forbidden to'],
  ['TOOL-14', 'versions of a tool are there side by side and chosen by range'],
  [
    'TOOL-15',
    'a new version waits unless it is described as an approved one, or somebody registers it who may approve',
  ],
  ['TOOL-16', 'a name belongs to the provider that offered it first'],
  [
    'TOOL-17',
    'a definition that is wrong is refused with what is wrong: name, version, size, depth, schema, remote references',
  ],
  ['TOOL-18', 'providers, definitions and versions are bounded'],
  ['TOOL-19', 'tools of a provider that is away are withdrawn, and no others, until it is back'],
  ['TOOL-20', 'versions are deprecated from a date on, with a successor'],
  ['TOOL-21', 'versions that nobody offers are removed by who keeps them'],
  ['TOOL-22', 'listings are answered from memory while nothing changes'],
  ['TOOL-23', 'listings of tools are paged by name, in entries and bytes'],
  ['TOOL-24', 'a tool that the caller may not see is as one that does not exist, in every answer of the registry'],
  ['TOOL-25', 'a search ranks tools by words of name, title and description'],
  ['TOOL-26', 'an agent offers tools on its connection and is called there'],
  ['TOOL-27', 'tools of an agent go and come back with it'],
  ['TOOL-28', 'changed tools of an agent wait for somebody else to approve them'],
  ['TOOL-29', 'an agent that tries the name of another tool learns nothing of it, and the attempt is recorded'],
  ['TOOL-30', 'rules of tools hold on SIGHUP also for who is connected; wrong ones are refused'],
  ['TOOL-31', 'what waits for approval survives kill -9, and is decided by what changed'],
  [
    'TOOL-73',
    'while a provider has given up an approved name, every new name waits until one is approved in its place, or one where its tools are of several parties',
  ],
  [
    'TOOL-74',
    'approvals and rejections are forgotten only by who may approve; removed by anybody else a tool is withdrawn',
  ],
  ['TOOL-79', 'an agent that comes or goes costs no principal but its own what is remembered of its tools'],
  ['TOOL-76', 'rules name agents: whoever has such an agent registered, for as long as it is'],
  ['TOOL-75', 'no provider has a new name that begins as those of another do, by its prefix or, for agents, by its id'],
];

export const tools: readonly Requirement[] = rows.map(([id, behaviour]) => ({ id, source: 'issue 4', behaviour }));
