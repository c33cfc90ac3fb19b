import { Text } from '@mantine/core';
import type { RunEvent } from '../../data/use-run-events.ts';
import { Empty } from '../../parts/empty.tsx';
import { ClockTime } from '../../parts/time.tsx';
import { tellEvent } from './tell-event.ts';
import classes from './event-list.module.css';

interface EventListProps {
  readonly events: readonly RunEvent[];
  readonly ended: boolean;
}

/** Every durable event, the newest first, so that what happens now is in view. */
export function EventList({ events, ended }: EventListProps) {
  if (events.length === 0) {
    return (
      <Empty title="No events yet">
        {ended ? 'The run ended before its agent began.' : 'They appear as the agent reports them.'}
      </Empty>
    );
  }
  return (
    <ol className={classes.events} reversed aria-label="Events, the newest first" tabIndex={0}>
      {events.toReversed().map((event) => {
        const { tone, text, note } = tellEvent(event);
        return (
          <li key={event.sequence} data-tone={tone}>
            <span className={classes.time}>
              <ClockTime at={event.at} />
            </span>
            <span className={classes.dot} aria-hidden />
            <div>
              <Text fz="sm">{text}</Text>
              {note !== undefined && note !== '' && <Text className="table-note wrap">{note}</Text>}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
