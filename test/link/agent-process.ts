/** An agent to be killed: `node agent-process.ts STATE AGENT [append]`; appends events for ever, or ends when all are delivered. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TestAgent, event } from './bench.ts';

const [stateDirectory = '', agentId = '', append] = process.argv.slice(2);
await using agent = new TestAgent(stateDirectory, agentId).start();
while (append === 'append') {
  agent.outbox.append(event(Number(agent.outbox.newest()) + 1));
  await sleep(1);
}
while (agent.outbox.unacknowledged({ limit: 1 }).length > 0) await sleep(20);
