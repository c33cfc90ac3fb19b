import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import { Empty } from '../parts/empty.tsx';
import { Page } from '../parts/page.tsx';
import { Panel } from '../parts/panel.tsx';

export function NotFound() {
  return (
    <Page title="No such page">
      <Panel title="There is nothing at this address">
        <Empty title="It may have been removed">
          Go on from the{' '}
          <Anchor component={Link} to="/">
            overview
          </Anchor>
          .
        </Empty>
      </Panel>
    </Page>
  );
}
