/**
 * The tables as queries see them. Times are ISO 8601 text in UTC, flags are 0 or 1 and documents are JSON text, on every
 * database (values.ts), so that a query means the same on SQLite and on PostgreSQL.
 */
import type { FindingJson, MachineJson } from '../../proto/machine-json.ts';
import type { Fold } from '../runs/fold.ts';
import type { RunEventJson } from '../runs/run-event.ts';
import type { RestoreOptions, RunError, RunSummary, TargetAddress } from '../runs/run.ts';
import type { Selector, When } from '../schedules/schedule.ts';

/** ISO 8601 in UTC with milliseconds: sorts as text. */
export type Instant = string;
export type Flag = 0 | 1;
/** JSON text that holds a T. */
export type JsonText<T> = string & { readonly holds?: T };

export interface Tables {
  sites: { id: string; name: string; created_at: Instant };
  agents: {
    id: string;
    site_id: string;
    name: string;
    version: string | null;
    host_findings: JsonText<FindingJson[]>;
    enrolled_at: Instant;
    last_seen_at: Instant | null;
    revoked_at: Instant | null;
  };
  enrolment_tokens: {
    id: string;
    site_id: string;
    secret_sha256: string;
    created_by: string;
    created_at: Instant;
    expires_at: Instant;
    used_at: Instant | null;
    agent_id: string | null;
  };
  providers: {
    agent_id: string;
    role: 'source' | 'target';
    kind: string;
    title: string;
    option_schema: JsonText<Record<string, unknown>>;
    abilities: JsonText<string[]>;
  };
  targets: {
    agent_id: string;
    name: string;
    kind: string;
    networks: JsonText<string[]>;
    reachable: Flag;
    problem: string | null;
  };
  repositories: { agent_id: string; name: string; location: string };
  /** How far the catalogue of an agent is known: the wire's CatalogPosition. */
  catalogs: { agent_id: string; lineage: string; revision: number; whole: Flag };
  backups: {
    id: string;
    agent_id: string;
    repository: string;
    path: string;
    backup_id: string;
    platform: string;
    machine_name: string;
    captured_at: Instant | null;
    parent_id: string | null;
    stored_bytes: number;
    disk_bytes: number;
    usable: Flag;
    /** Lower case: machine, platform, repository, path and guest, for search. */
    search_text: string;
    machine: JsonText<MachineJson> | null;
    findings: JsonText<FindingJson[]>;
    first_seen_at: Instant;
    /** In which the agent has named it last. */
    lineage: string;
    files_modified_at: Instant | null;
  };
  runs: {
    id: string;
    kind: string;
    agent_id: string;
    state: string;
    backup: JsonText<RunSummary['backup']>;
    target: string;
    options: JsonText<RestoreOptions>;
    /** What the events of the run amount to so far (fold.ts). */
    fold: JsonText<Fold>;
    error: JsonText<RunError> | null;
    step: string | null;
    created_by: string;
    schedule_id: string | null;
    created_at: Instant;
    sent_at: Instant | null;
    started_at: Instant | null;
    finished_at: Instant | null;
    cancel_requested_at: Instant | null;
    idempotency_key: string | null;
    request_sha256: string;
  };
  run_events: {
    agent_id: string;
    sequence: number;
    run_id: string;
    at: Instant;
    received_at: Instant;
    event: JsonText<RunEventJson>;
  };
  /** The last picture of a rehearsal's screen: apart from the events, which are read as a whole. */
  rehearsal_screens: { run_id: string; png: Buffer };
  orders: {
    id: string;
    agent_id: string;
    run_id: string;
    action: 'restore' | 'cancel';
    issued_at: Instant;
    expires_at: Instant;
    /** When the link first took it: from then on the agent may have it. */
    taken_at: Instant | null;
    settled_at: Instant | null;
    /** "accepted", "withdrawn", "expired", or the code of the agent's refusal. */
    outcome: string | null;
  };
  users: {
    id: string;
    name: string;
    role: string;
    password_hash: string;
    must_change_password: Flag;
    created_at: Instant;
  };
  sessions: {
    secret_sha256: string;
    user_id: string;
    created_at: Instant;
    last_used_at: Instant;
    expires_at: Instant;
  };
  api_tokens: {
    id: string;
    user_id: string;
    name: string;
    role: string;
    secret_sha256: string;
    created_at: Instant;
    expires_at: Instant;
    last_used_at: Instant | null;
  };
  schedules: {
    id: string;
    name: string;
    kind: string;
    selector: JsonText<Selector>;
    target: JsonText<TargetAddress>;
    options: JsonText<RestoreOptions>;
    occurs: JsonText<When>;
    time_zone: string;
    enabled: Flag;
    created_by: string;
    created_at: Instant;
    last_fired_at: Instant | null;
    last_run_id: string | null;
    last_problem: string | null;
    missed_at: Instant | null;
  };
  audit: {
    sequence: number;
    at: Instant;
    actor: string;
    actor_by: string;
    remote: string;
    action: string;
    subject: string;
    outcome: string;
    detail: string;
    previous_hash: string;
    hash: string;
  };
}
