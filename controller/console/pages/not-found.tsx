import { Empty } from '../parts/empty.tsx';
import { Page } from '../parts/page.tsx';
import { Panel } from '../parts/panel.tsx';
import { ProseLink } from '../parts/prose-link.tsx';

export function NotFound() {
  return (
    <Page title="No such page">
      <Panel title="There is nothing at this address">
        <Empty title="It may have been removed">
          Go on from the <ProseLink to="/">overview</ProseLink>.
        </Empty>
      </Panel>
    </Page>
  );
}
