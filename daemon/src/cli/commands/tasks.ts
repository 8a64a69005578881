import type { Command } from 'commander';
import type { Context } from '../context.js';
import { subcommand } from '../subcommand.js';
import { tasksArtifact } from './tasks-artifact.js';
import { tasksCancel } from './tasks-cancel.js';
import { tasksExplain } from './tasks-explain.js';
import { tasksList } from './tasks-list.js';
import { tasksRespond } from './tasks-respond.js';
import { tasksShow } from './tasks-show.js';
import { tasksSubmit } from './tasks-submit.js';
import { tasksWatch } from './tasks-watch.js';

/** `orchestrator tasks …` */
export function tasks(command: Command, context: Context): void {
  tasksSubmit(subcommand(command, 'submit', 'have an agent, or whoever has a skill, work on something'), context);
  tasksList(subcommand(command, 'list', 'the tasks that you are party to, newest first'), context);
  tasksShow(subcommand(command, 'show', 'one task with its input, output and artifacts'), context);
  tasksArtifact(subcommand(command, 'artifact', 'what a task left, on stdout'), context);
  tasksWatch(subcommand(command, 'watch', 'follow a task until it ends'), context);
  tasksExplain(subcommand(command, 'explain', 'why a task is where it is, and what it waits for'), context);
  tasksRespond(subcommand(command, 'respond', 'give a task the input that it waits for'), context);
  tasksCancel(subcommand(command, 'cancel', 'end a task and its sub-tasks'), context);
}
