const DIGITS = 16;

/** Where what belongs to tasks is stored. */
export const TASK_KEYS = {
  records: 'tasks/record/',
  /** Tasks that a worker has, so that a start need not look at all of them. */
  held: 'tasks/held/',
  /** Tasks whose sub-tasks are to be canceled. */
  cascades: 'tasks/cascade/',
  /** Lanes whose name does not say whom they are for. */
  targets: 'tasks/target/',
  dead: 'tasks/dead/',
  record: (taskId: string): string => `tasks/record/${taskId}`,
  input: (taskId: string): string => `tasks/input/${taskId}`,
  output: (taskId: string): string => `tasks/output/${taskId}`,
  children: (parentId: string): string => `tasks/children/${parentId}/`,
  events: (taskId: string): string => `tasks/event/${taskId}/`,
  event: (taskId: string, event: number): string => `tasks/event/${taskId}/${padded(event)}`,
  late: (taskId: string): string => `tasks/late/${taskId}/`,
  answers: (taskId: string): string => `tasks/answer/${taskId}/`,
  artifacts: (taskId: string): string => `tasks/artifact/${taskId}/`,
  artifact: (taskId: string, artifactId: string): string => `tasks/artifact/${taskId}/${artifactId}/`,
  version: (taskId: string, artifactId: string, version: number): string =>
    `tasks/artifact/${taskId}/${artifactId}/${padded(version)}`,
  chunks: (taskId: string): string => `tasks/chunk/${taskId}/`,
  chunk: (taskId: string, artifactId: string, version: number, chunk: number): string =>
    `tasks/chunk/${taskId}/${artifactId}/${padded(version)}/${padded(chunk)}`,
  /** Before everything of a task that there may be several of. */
  contents: (taskId: string): string[] => [
    `tasks/event/${taskId}/`,
    `tasks/late/${taskId}/`,
    `tasks/answer/${taskId}/`,
    `tasks/chunk/${taskId}/`,
    `tasks/artifact/${taskId}/`,
  ],
  ofContext: (contextId: string): string => `context-items/${contextId}/task/`,
} as const;

/** What says that the sub-tasks of a task are to be canceled. */
export function cascadeMark(taskId: string): { readonly key: string; readonly text: string } {
  return { key: TASK_KEYS.cascades + taskId, text: 'null' };
}

/** The first key after all that begin with a prefix that ends with `/`. */
export function keysEnd(prefix: string): string {
  return `${prefix.slice(0, -1)}0`;
}

function padded(n: number): string {
  return String(n).padStart(DIGITS, '0');
}
