import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Reads what cannot be counted as it happens; called for each scrape. */
export interface Readings {
  agents(): Promise<Readonly<Record<string, number>>>;
  runs(): Promise<Readonly<Record<string, number>>>;
  watchers(): number;
}

/** Prometheus metrics of this controller. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Histogram<'method' | 'route' | 'status'>;
  readonly #eventLag: Histogram;
  readonly #events: Counter;
  readonly #signIns: Counter<'outcome'>;

  constructor() {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#requests = new Histogram({
      name: 'ascend_http_request_seconds',
      help: 'Time until an answer began',
      labelNames: ['method', 'route', 'status'],
      registers,
    });
    this.#events = new Counter({
      name: 'ascend_run_events_total',
      help: 'Run events stored, each once',
      registers,
    });
    this.#eventLag = new Histogram({
      name: 'ascend_run_event_lag_seconds',
      help: 'From an event at the agent to its being durable here',
      buckets: [0.05, 0.1, 0.5, 1, 5, 30, 300, 3600, 86_400],
      registers,
    });
    this.#signIns = new Counter({
      name: 'ascend_sign_ins_total',
      help: 'Sign-ins with a password',
      labelNames: ['outcome'],
      registers,
    });
  }

  /** Adds what is read at each scrape; once, when the rooms that know it are there. */
  read(readings: Readings): void {
    const registers = [this.#registry];
    readGauge(registers, 'ascend_agents', 'Agents that are not revoked', 'state', () => readings.agents());
    readGauge(registers, 'ascend_runs', 'Runs by state', 'state', () => readings.runs());
    new Gauge({
      name: 'ascend_event_streams',
      help: 'Open event streams',
      registers,
      collect() {
        this.set(readings.watchers());
      },
    });
  }

  request(seen: { method: string; route: string; status: number; seconds: number }): void {
    const { method, route, status, seconds } = seen;
    this.#requests.observe({ method, route, status }, seconds);
  }

  eventStored(lagSeconds: number): void {
    this.#events.inc();
    this.#eventLag.observe(Math.max(0, lagSeconds));
  }

  signIn(outcome: 'done' | 'refused'): void {
    this.#signIns.inc({ outcome });
  }

  /** In the text format that Prometheus scrapes. */
  async expose(): Promise<{ text: string; contentType: string }> {
    return { text: await this.#registry.metrics(), contentType: this.#registry.contentType };
  }
}

function readGauge(
  registers: Registry[],
  name: string,
  help: string,
  label: string,
  read: () => Promise<Readonly<Record<string, number>>>,
): void {
  new Gauge({
    name,
    help,
    labelNames: [label],
    registers,
    async collect() {
      this.reset();
      for (const [value, count] of Object.entries(await read())) this.set({ [label]: value }, count);
    },
  });
}
