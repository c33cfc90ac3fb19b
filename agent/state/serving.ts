/** One serving process an agent: two would take each other's orders, and the controller would see one agent twice. */
import { AscendError } from '../../proto/errors.ts';
import type { AgentDatabase } from './database.ts';
import { isAlive, ownIdentity } from './owner.ts';

/** @throws state.conflict while another process serves with this state */
export function claimServing(database: AgentDatabase): void {
  database.exec(
    'create table if not exists serving (one integer primary key check (one = 1), owner text not null) strict',
  );
  database
    .transaction(() => {
      const row = database.prepare<[], { owner: string }>('select owner from serving').get();
      if (row && isAlive(row.owner) && row.owner !== ownIdentity()) throw alreadyServing(row.owner);
      database.prepare('insert or replace into serving (one, owner) values (1, ?)').run(ownIdentity());
    })
    .immediate();
}

function alreadyServing(owner: string): AscendError {
  const pid = owner.split(':')[1] ?? 'unknown';
  return new AscendError('state.conflict', `This agent is served already, by process ${pid}.`, {
    context: { pid },
    hint: 'Stop that process first, or give this one a state folder of its own with --state.',
  });
}
