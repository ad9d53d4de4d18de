/** The worker of Temporal's floor, a process of its own: address, namespace and task queue are its arguments. */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

const [address, namespace, taskQueue] = process.argv.slice(2) as [string, string, string];
Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } } });
const quiet = () => undefined;
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('./workflow.ts', import.meta.url)), webpackConfigHook: config => ({ ...config, mode: 'production' }),
  logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: console.error },
});
const worker = await Worker.create({ connection: await NativeConnection.connect({ address }), namespace, taskQueue, workflowBundle: { code }, maxConcurrentWorkflowTaskExecutions: 100 });
const running = worker.run();
process.send!('ready');
process.on('disconnect', () => worker.shutdown());
await running;
process.exit(0);
