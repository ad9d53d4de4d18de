/** The one place of the engine that knows Temporal's client. It only ever signals: one truth, in PostgreSQL. */
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

export const TASK_QUEUE = 'iter';
const CALL_TIMEOUT_MS = 5_000;

export interface TemporalTarget {
  namespace: string;
  connection: ConnectionOptions;
  /** Default `iter`: another one only where several installations share a namespace. */
  taskQueue?: string;
}
export interface CaseOfProcess { process: string; caseId: string; /** The state now, if it is known. */ state?: string | undefined }

/** Starts a case's life or tells it that there is something to read. Throws what the client throws. */
export type SignalCase = (which: CaseOfProcess) => Promise<void>;

export interface TemporalLink { signal: SignalCase; client: Client; close(): Promise<void> }

const PROCESS = defineSearchAttributeKey('IterProcess', SearchAttributeType.KEYWORD);
const STATE = defineSearchAttributeKey('IterState', SearchAttributeType.KEYWORD);
const INCIDENT = defineSearchAttributeKey('IterIncident', SearchAttributeType.BOOL);

/** Connects at the first call, and again by itself: a Temporal that is away costs an error per call, no more. */
export function linkTemporal({ namespace, connection: options, taskQueue = TASK_QUEUE }: TemporalTarget): TemporalLink {
  const connection = Connection.lazy({ connectTimeout: CALL_TIMEOUT_MS, ...options });
  const client = new Client({ connection, namespace });
  return { client, signal: which => signalCase(client, taskQueue, which), close: () => connection.close() };
}

export const workflowIdOf = ({ process, caseId }: CaseOfProcess): string => `${process}/${caseId}`;

async function signalCase(client: Client, taskQueue: string, which: CaseOfProcess): Promise<void> {
  const { process, caseId, state } = which;
  await client.withDeadline(Date.now() + CALL_TIMEOUT_MS, () => client.workflow.signalWithStart(process, {
    workflowId: workflowIdOf(which), taskQueue, args: [{ caseId }], signal: 'nudge', signalArgs: [],
    // A case that was over may live again: an operator retries one of its effects.
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    // Given at the start they cost nothing; changed later, an event and a write.
    typedSearchAttributes: [{ key: PROCESS, value: process }, { key: INCIDENT, value: false }, ...(state === undefined ? [] : [{ key: STATE, value: state }])],
  }));
}

const GRPC = { deadlineExceeded: 4, notFound: 5, resourceExhausted: 8, unavailable: 14 } as const;

/** Temporal is away, overloaded, or its namespace not there yet: the same call may succeed later. */
export function isTemporalAway(error: unknown): boolean {
  for (let found = error; found instanceof Error; found = found.cause) {
    const { code, name } = found as { code?: unknown; name: string };
    if (Object.values(GRPC).includes(code as never) || name === 'NamespaceNotFoundError') return true;
    // A namespace just prepared: the server's caches learn of its search attributes within seconds.
    if (found.message.includes('no mapping defined for search attribute')) return true;
  }
  return false;
}
