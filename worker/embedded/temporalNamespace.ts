/** Makes a Temporal server ready for Iter: the namespace and the three things that its lists can be searched by. */
import { Connection } from '@temporalio/client';
import { waitFor } from './serverProcess.ts';

const RETENTION_DAYS = 30;
// temporal.api.enums.v1.IndexedValueType
const KEYWORD = 2;
const BOOL = 5;
const SEARCH_ATTRIBUTES = { IterProcess: KEYWORD, IterState: KEYWORD, IterIncident: BOOL };
const GRPC_NOT_FOUND = 5;
const GRPC_ALREADY_EXISTS = 6;

/** Whether a server answers there. Never throws. */
export async function isTemporalHealthy(address: string): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: 2_000 });
    await connection.close();
    return true;
  } catch {
    return false;
  }
}

/** Idempotent. Throws what the server answers where it refuses (a Temporal Cloud namespace is made in its console). */
export async function prepareNamespace(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 10_000 });
  try {
    if (!(await hasNamespace(connection, namespace))) {
      await ignoring(GRPC_ALREADY_EXISTS, () =>
        connection.workflowService.registerNamespace({
          namespace,
          description: 'Cases of Iter',
          workflowExecutionRetentionPeriod: { seconds: RETENTION_DAYS * 86_400 as never },
        }),
      );
    }
    // A new namespace reaches the server's caches within seconds.
    let failure: unknown;
    const isDone = await waitFor(async () => {
      try {
        await addSearchAttributes(connection, namespace);
        return true;
      } catch (error) {
        failure = error;
        if (grpcCode(error) !== GRPC_NOT_FOUND) throw error;
        return false;
      }
    }, 30_000);
    if (!isDone) throw failure;
  } finally {
    await connection.close();
  }
}

async function hasNamespace(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return true;
  } catch (error) {
    if (grpcCode(error) === GRPC_NOT_FOUND) return false;
    throw error;
  }
}

async function addSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => !(name in (customAttributes ?? {})));
  if (missing.length === 0) return;
  await ignoring(GRPC_ALREADY_EXISTS, () =>
    connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(missing) }),
  );
}

async function ignoring(code: number, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (grpcCode(error) !== code) throw error;
  }
}

function grpcCode(error: unknown): number | undefined {
  return (error as { code?: number }).code;
}
