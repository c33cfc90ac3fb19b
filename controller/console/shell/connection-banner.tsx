import { Box } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Connection } from '../data/event-stream.ts';
import { Notice } from '../parts/notice.tsx';

// A reload of the controller is over sooner; nobody needs to hear of it.
const patienceMs = 4000;

/** Says so when what is on the screen may be out of date. */
export function ConnectionBanner({ connection }: { readonly connection: Connection }) {
  const [lostFor, setLostFor] = useState<Connection>();
  useEffect(() => {
    const timer = setTimeout(() => setLostFor(connection), connection === 'lost' ? patienceMs : 0);
    return () => clearTimeout(timer);
  }, [connection]);
  if (connection !== 'lost' || lostFor !== 'lost') return null;
  return (
    <Box mb="md">
      <Notice tone="warn" title="Out of contact with the controller">
        What you see may be out of date. Runs go on at their agents; this page catches up by itself.
      </Notice>
    </Box>
  );
}
