import { events, OrchestratorError, taskMethods } from '@ai-orchestrator/protocol';
import type { AgentRegistry } from '../agents/agent-registry.js';
import type { Contexts } from '../contexts/contexts.js';
import { corePart } from '../core-part.js';
import type { DeadLetterDesk } from '../messages/dead-letter-desk.js';
import type { MessageRouter } from '../messages/message-router.js';
import { MessageIds } from '../messages/message-ids.js';
import { connectionOf } from '../rpc/session-handlers.js';
import type { Principal } from '../permissions/principal.js';
import type { Effects } from '../store/effects.js';
import { Signals } from '../store/signals.js';
import { Assigner } from './assigner.js';
import { Openings } from './openings.js';
import type { Recipient } from './task.js';
import { TaskAccess } from './task-access.js';
import { TaskArtifacts } from './task-artifacts.js';
import { TaskBoard } from './task-board.js';
import { TaskCancellation } from './task-cancellation.js';
import { TaskExplanation } from './task-explanation.js';
import { TaskInputs } from './task-inputs.js';
import { TaskDeadLetters } from './task-dead-letters.js';
import { TaskErasure } from './task-erasure.js';
import { TaskIntake } from './task-intake.js';
import { TaskLeases } from './task-leases.js';
import { TASK_LIMITS } from './task-limits.js';
import { TaskMeters } from './task-meters.js';
import { TaskOutcomes } from './task-outcomes.js';
import { TaskPulls } from './task-pulls.js';
import { TaskReads } from './task-reads.js';
import { TaskRetention } from './task-retention.js';
import { TaskTimeline } from './task-timeline.js';
import { TaskWork } from './task-work.js';
import type { Tasks } from './tasks.js';
import { workedOn } from './task-lineage.js';
import { WaitingTasks } from './waiting-tasks.js';

const DEFAULT_WINDOW = 32;

/** Work that principals have agents do. */
export const tasksPart = corePart({
  methods: {
    taskSubmit: taskMethods.taskSubmit,
    taskGet: taskMethods.taskGet,
    taskList: taskMethods.taskList,
    taskExplain: taskMethods.taskExplain,
    taskCancel: taskMethods.taskCancel,
    taskWatch: taskMethods.taskWatch,
    taskOpen: taskMethods.taskOpen,
    taskClose: taskMethods.taskClose,
    taskPull: taskMethods.taskPull,
    taskHeartbeat: taskMethods.taskHeartbeat,
    taskProgress: taskMethods.taskProgress,
    taskComplete: taskMethods.taskComplete,
    taskFail: taskMethods.taskFail,
    taskReject: taskMethods.taskReject,
    taskNeedInput: taskMethods.taskNeedInput,
    taskRespond: taskMethods.taskRespond,
    taskArtifact: taskMethods.taskArtifact,
    taskReadArtifact: taskMethods.taskReadArtifact,
  },
  events: {
    taskSubmitted: events.taskSubmitted,
    taskAssigned: events.taskAssigned,
    taskAttemptFailed: events.taskAttemptFailed,
    taskInterrupted: events.taskInterrupted,
    taskCompleted: events.taskCompleted,
    taskFailed: events.taskFailed,
    taskCanceled: events.taskCanceled,
    taskRejected: events.taskRejected,
    taskLateResult: events.taskLateResult,
    taskInputRequired: events.taskInputRequired,
    taskInputGiven: events.taskInputGiven,
    taskArtifactAdded: events.taskArtifactAdded,
    taskRedelivered: events.taskRedelivered,
    taskDiscarded: events.taskDiscarded,
  },
  async start(
    { store, clock, timers, random, authorizer, sessions, instruments, log, limits, defer, onSweepError },
    {
      registry,
      effects,
      contexts,
      messages,
      deadLetters,
    }: {
      readonly registry: AgentRegistry;
      readonly effects: Effects;
      readonly contexts: Contexts;
      readonly messages: MessageRouter;
      readonly deadLetters: DeadLetterDesk;
    },
  ) {
    const taskLimits = { ...TASK_LIMITS, ...limits.tasks };
    const { directory } = registry;
    // Apart, so that no watcher takes the place of a pull.
    const signals = { watchers: new Signals(taskLimits.watchers), pulls: new Signals(taskLimits.pullWaiters) };
    const board = new TaskBoard(store, clock, taskLimits, signals.watchers, contexts, (held) => {
      leases.lost(held);
    });
    messages.findWork((id, { principal }) => workedOn(board, id, principal));
    const openings = new Openings(board.held, clock, taskLimits.aloneMs);
    const waiting: WaitingTasks = new WaitingTasks(store, clock, timers, authorizer, directory.ranges, taskLimits, {
      ready: (lane) => {
        assigner.pumpLane(lane);
      },
      over: (entry) => cancellation.over(entry),
      failed: onSweepError,
    });
    const meters = new TaskMeters(instruments, board.held, waiting);
    const assigner: Assigner = new Assigner(
      board,
      openings,
      waiting,
      authorizer,
      timers,
      signals.pulls,
      meters,
      log,
      (held, epoch, answer) => {
        work.answered(held, epoch, answer);
      },
      (held, reason) => {
        work.unsent(held, reason);
      },
    );
    const access = new TaskAccess(board, authorizer, directory);
    const outcomes = new TaskOutcomes(board, openings, waiting, assigner, meters, random, timers, log);
    const work: TaskWork = new TaskWork(board, waiting, assigner, outcomes, access, effects, meters, timers, log);
    const cancellation: TaskCancellation = new TaskCancellation(board, waiting, outcomes, access, effects, log);
    outcomes.onCascade = (taskId) => {
      cancellation.cascadeSoon(taskId);
    };
    const ids = new MessageIds(clock, random);
    const intake = new TaskIntake(
      board,
      waiting,
      assigner,
      registry,
      authorizer,
      effects,
      contexts,
      messages,
      ids,
      meters,
    );
    deadLetters.add(new TaskDeadLetters(board, intake));
    const inputs = new TaskInputs(board, waiting, work, access, effects, registry.schemas, random);
    const artifacts = new TaskArtifacts(board, waiting, work, access);
    const reads = new TaskReads(board, access, artifacts, signals.watchers);
    const explanation = new TaskExplanation(board, waiting, openings, access, directory, authorizer);
    const pulls = new TaskPulls(board, waiting, assigner, registry, signals.pulls, timers);
    const leases: TaskLeases = new TaskLeases(board, assigner, outcomes, timers);
    const retention = new TaskRetention(board, cancellation, timers);

    defer(await waiting.start());
    defer(await leases.start(onSweepError));
    defer(() => leases.returnAll('the daemon stops'));
    defer(sessions.onDrain(() => leases.drain()));
    defer(retention.start(onSweepError));
    await cancellation.resume();
    defer(contexts.addErasureSource(new TaskErasure(board, waiting, cancellation)));

    return {
      services: {
        timeline: new TaskTimeline(board, access),
        tasks: {
          keepMs: taskLimits.keepMs,
          takes: (to, principal) => isTaken(intake, openings, to, principal),
          submit: (params, call) => intake.submit(params, call),
          get: (params, call) => reads.get(params, call),
          list: (params, call) => reads.list(params, call),
          cancel: (params, call) => cancellation.cancel(params, call),
          respond: (params, call) => inputs.respond(params, call),
          follow: (taskId, principal, signal) => reads.follow(taskId, principal, signal),
        } satisfies Tasks,
      },
      handlers: {
        taskSubmit: (params, call) => intake.submit(params, call),
        taskGet: (params, call) => reads.get(params, call),
        taskList: (params, call) => reads.list(params, call),
        taskExplain: (params, call) => explanation.explain(params, call),
        taskCancel: (params, call) => cancellation.cancel(params, call),
        taskWatch: (params, call) => reads.watch(params, call),
        taskOpen({ agentId, window = DEFAULT_WINDOW }, call) {
          const agent = directory.owned(agentId, call);
          const opening = assigner.open(agent, connectionOf(call), Math.min(window, taskLimits.window));
          return { window: opening.window };
        },
        taskClose({ agentId }, call) {
          directory.owned(agentId, call);
          const opening = openings.get(agentId);
          if (opening !== undefined) assigner.close(opening);
          return { held: board.held.ofAgent(agentId)?.size ?? 0 };
        },
        taskPull: (params, call) => pulls.pull(params, call),
        taskHeartbeat: (params, call) => work.heartbeat(params, call),
        taskProgress: (params, call) => work.progress(params, call),
        taskComplete: (params, call) => work.complete(params, call),
        taskFail: (params, call) => work.fail(params, call),
        taskReject: (params, call) => work.reject(params, call),
        taskNeedInput: (params, call) => inputs.need(params, call),
        taskRespond: (params, call) => inputs.respond(params, call),
        taskArtifact: (params, call) => artifacts.add(params, call),
        taskReadArtifact: (params, call) => artifacts.read(params, call),
      },
    };
  },
});

/** Whether one of those that a task would be for is connected and takes tasks as calls. */
function isTaken(intake: TaskIntake, openings: Openings, to: Recipient, principal: Principal): boolean {
  try {
    const { agents, fits } = intake.candidates(to, principal);
    return agents.some((agent) => openings.get(agent.id)?.usable === true && fits(agent));
  } catch (error) {
    if (error instanceof OrchestratorError) return false;
    throw error;
  }
}
