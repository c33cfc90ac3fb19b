/** The controller as one value: what `ascend serve` runs. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { asAscendError } from '../proto/errors.ts';
import { createApp, type Services } from './api/app.ts';
import { systemClock } from './clock.ts';
import { addressOf, publicHost, type Config } from './config.ts';
import { startWeb } from './https.ts';
import { openAuthority } from './link/authority.ts';
import { startLink } from './link/server.ts';
import { makeToken } from './link/token.ts';
import { createAgentSide, createServices } from './rooms.ts';
import { openStore } from './store/open.ts';

export interface RunningController extends AsyncDisposable {
  /** Of the API and the console. */
  readonly url: string;
  /** "host:port", as agents reach them. */
  readonly linkAddress: string;
  readonly enrolAddress: string;
  /** What the controller's CA is recognised by. */
  readonly pin: string;
  readonly services: Services;
}

const minuteMs = 60_000;
const consoleDir = fileURLToPath(new URL('console/dist', import.meta.url));

/** @throws config.invalid, state.invalid */
export async function startController(config: Config, { log }: { log: Logger }): Promise<RunningController> {
  await using started = new AsyncDisposableStack();
  const report = (thrown: unknown) => log.warn({ err: asAscendError(thrown) }, 'failed in the background');
  // Only we may look: it holds password hashes and the keys of the CA.
  await mkdir(config.data, { recursive: true, mode: 0o700 });
  const store = await openStore(join(config.data, 'controller.db'));
  started.defer(() => store.destroy());
  const authority = await openAuthority(join(config.data, 'authority'));

  const side = createAgentSide({ store, clock: systemClock });
  const link = started.use(
    await startLink({
      ...side,
      authority,
      report,
      listen: { host: config.link.host, linkPort: config.link.port, enrolmentPort: config.enrol.port },
      ...(config.publicHost === undefined ? {} : publicLink(config)),
    }),
  );
  const enrolAddress = addressOf(publicHost(config, config.enrol), link.enrolmentPort);
  const makeTokenHere = () => makeToken({ address: enrolAddress, pin: authority.pin });
  const services = createServices(side, {
    sessions: link.sessions,
    makeToken: makeTokenHere,
    log,
    report,
    consoleDir,
  });
  started.use(services.schedules);
  const app = createApp(services);
  const web = started.use(await startWeb({ config, issuer: authority, fetch: app.fetch, report }));
  await side.orders.expire();
  const sweep = setInterval(() => void side.orders.expire().catch(report), minuteMs);
  started.defer(() => clearInterval(sweep));
  await services.schedules.start();

  const running = started.move();
  return {
    url: web.url,
    linkAddress: addressOf(publicHost(config, config.link), link.linkPort),
    enrolAddress,
    pin: authority.pin,
    services,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Port 0 would be known too late to be told to agents, but then nobody has configured a public name either. */
function publicLink(config: Config): { publicLinkAddress: string } {
  return { publicLinkAddress: addressOf(publicHost(config, config.link), config.link.port) };
}
