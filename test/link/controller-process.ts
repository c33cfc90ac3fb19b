/** A controller to be killed: `node controller-process.ts AUTHORITY EVENTS AGENT PORT`; prints its port when it listens. */
import { Directory, Events } from './store.ts';
import { TestController } from './bench.ts';

const [authorityDirectory, eventsPath, agentId = '', port] = process.argv.slice(2);
const directory = new Directory();
directory.agents.set(agentId, { id: agentId, siteId: 'site', revoked: false });
const controller = await TestController.start({
  authorityDirectory,
  directory,
  events: new Events(eventsPath),
  linkPort: Number(port),
});
process.stdout.write(`${controller.running.linkPort}\n`);
