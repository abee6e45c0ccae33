// A thread of run.mjs: told what to compare, it answers with what came of it.
import { parentPort } from 'node:worker_threads';
import { run } from './compare.mjs';

parentPort.on('message', async (task) => parentPort.postMessage(await run(task)));
