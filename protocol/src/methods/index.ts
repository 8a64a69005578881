import * as agent from './agent.js';
import * as context from './context.js';
import * as daemon from './daemon.js';
import * as deadLetter from './dead-letter.js';
import * as delivery from './delivery.js';
import * as inbox from './inbox.js';
import * as journal from './journal.js';
import * as key from './key.js';
import * as mcp from './mcp.js';
import * as message from './message.js';
import * as program from './program.js';
import * as rpc from './rpc.js';
import * as session from './session.js';
import * as state from './state.js';
import * as store from './store.js';
import * as task from './task.js';
import * as timeline from './timeline.js';
import * as toolCall from './tool-call.js';
import * as tool from './tool.js';

/** Every method of the protocol, by its name on the wire. Plugins may add methods of their own. */
export const METHODS = {
  'agent.deregister': agent.agentDeregister,
  'agent.get': agent.agentGet,
  'agent.heartbeat': agent.agentHeartbeat,
  'agent.list': agent.agentList,
  'agent.register': agent.agentRegister,
  'agent.replaced': agent.agentReplaced,
  'agent.resume': agent.agentResume,
  'agent.setState': agent.agentSetState,
  'agent.suspend': agent.agentSuspend,
  'context.append': context.contextAppend,
  'context.close': context.contextClose,
  'context.create': context.contextCreate,
  'context.erase': context.contextErase,
  'context.export': context.contextExport,
  'context.get': context.contextGet,
  'context.invite': context.contextInvite,
  'context.leave': context.contextLeave,
  'context.list': context.contextList,
  'context.pass': context.contextPass,
  'context.read': context.contextRead,
  'context.remove': context.contextRemove,
  'context.summarize': context.contextSummarize,
  'context.update': context.contextUpdate,
  'context.watch': context.contextWatch,
  'daemon.goingAway': session.daemonGoingAway,
  'daemon.ping': daemon.daemonPing,
  'daemon.setLogLevel': daemon.daemonSetLogLevel,
  'daemon.status': daemon.daemonStatus,
  'deadLetter.discard': deadLetter.deadLetterDiscard,
  'deadLetter.list': deadLetter.deadLetterList,
  'deadLetter.redeliver': deadLetter.deadLetterRedeliver,
  'deadLetter.show': deadLetter.deadLetterShow,
  'inbox.close': inbox.inboxClose,
  'inbox.get': inbox.inboxGet,
  'inbox.list': inbox.inboxList,
  'inbox.open': inbox.inboxOpen,
  'inbox.pull': inbox.inboxPull,
  'journal.read': journal.journalRead,
  'journal.subscribe': journal.journalSubscribe,
  'key.create': key.keyCreate,
  'key.list': key.keyList,
  'key.revoke': key.keyRevoke,
  'key.rotate': key.keyRotate,
  'mcp.add': mcp.mcpAdd,
  'mcp.authorize': mcp.mcpAuthorize,
  'mcp.change': mcp.mcpChange,
  'mcp.deauthorize': mcp.mcpDeauthorize,
  'mcp.import': mcp.mcpImport,
  'mcp.list': mcp.mcpList,
  'mcp.logs': mcp.mcpLogs,
  'mcp.remove': mcp.mcpRemove,
  'mcp.restart': mcp.mcpRestart,
  'mcp.status': mcp.mcpStatus,
  'message.ack': delivery.messageAck,
  'message.deliver': message.messageDeliver,
  'message.explain': delivery.messageExplain,
  'message.extend': delivery.messageExtend,
  'message.handle': delivery.messageHandle,
  'message.nack': delivery.messageNack,
  'message.part': message.messagePart,
  'message.partial': message.messagePartial,
  'message.receipt': delivery.messageReceipt,
  'message.request': message.messageRequest,
  'message.send': delivery.messageSend,
  'message.watch': delivery.messageWatch,
  'program.list': program.programList,
  'program.logs': program.programLogs,
  'program.restart': program.programRestart,
  'program.stop': program.programStop,
  'request.cancel': session.requestCancel,
  'rpc.discover': rpc.rpcDiscover,
  'session.authenticate': session.sessionAuthenticate,
  'session.get': session.sessionGet,
  'session.list': session.sessionList,
  'state.define': state.stateDefine,
  'state.get': state.stateGet,
  'state.history': state.stateHistory,
  'state.list': state.stateList,
  'state.patch': state.statePatch,
  'state.put': state.statePut,
  'state.resolve': state.stateResolve,
  'state.sync': state.stateSync,
  'state.watch': state.stateWatch,
  'store.verify': store.storeVerify,
  'subscription.cancel': session.subscriptionCancel,
  'subscription.closed': session.subscriptionClosed,
  'subscription.events': session.subscriptionEvents,
  'task.artifact': task.taskArtifact,
  'task.assign': task.taskAssign,
  'task.cancel': task.taskCancel,
  'task.canceled': task.taskCanceled,
  'task.close': task.taskClose,
  'task.complete': task.taskComplete,
  'task.explain': task.taskExplain,
  'task.fail': task.taskFail,
  'task.get': task.taskGet,
  'task.heartbeat': task.taskHeartbeat,
  'task.input': task.taskInput,
  'task.list': task.taskList,
  'task.needInput': task.taskNeedInput,
  'task.open': task.taskOpen,
  'task.progress': task.taskProgress,
  'task.pull': task.taskPull,
  'task.readArtifact': task.taskReadArtifact,
  'task.reject': task.taskReject,
  'task.respond': task.taskRespond,
  'task.submit': task.taskSubmit,
  'task.watch': task.taskWatch,
  'timeline.get': timeline.timelineGet,
  'timeline.watch': timeline.timelineWatch,
  'tool.approvals': toolCall.toolApprovals,
  'tool.approve': tool.toolApprove,
  'tool.call': toolCall.toolCall,
  'tool.calls': toolCall.toolCalls,
  'tool.cancel': toolCall.toolCancel,
  'tool.decide': toolCall.toolDecide,
  'tool.deprecate': tool.toolDeprecate,
  'tool.diff': tool.toolDiff,
  'tool.get': tool.toolGet,
  'tool.invoke': tool.toolInvoke,
  'tool.list': tool.toolList,
  'tool.pending': tool.toolPending,
  'tool.progress': toolCall.toolProgress,
  'tool.progressed': toolCall.toolProgressed,
  'tool.providers': toolCall.toolProviders,
  'tool.register': tool.toolRegister,
  'tool.reject': tool.toolReject,
  'tool.remove': tool.toolRemove,
  'tool.search': tool.toolSearch,
} as const;

/** The declarations by name, as types. */
export type Methods = typeof METHODS;
/** The name of a method of the protocol. */
export type MethodName = keyof Methods;
/** The name of a method that clients call. */
export type DaemonMethodName = {
  [N in MethodName]: Methods[N]['answeredBy'] extends 'daemon' ? N : never;
}[MethodName];
/** The name of a method that the daemon calls, or of a notification to clients. */
export type ClientMethodName = Exclude<MethodName, DaemonMethodName>;
