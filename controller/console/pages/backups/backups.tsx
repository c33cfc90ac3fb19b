import { useNavigate } from 'react-router';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { BackupBrowser } from './backup-browser.tsx';

export function Backups() {
  const navigate = useNavigate();
  return (
    <Page title="Backups" about="What the agents find in their repositories now.">
      <Panel title="Backups found" flush>
        <BackupBrowser onOpen={(backup) => void navigate(`/backups/${backup.id}`)} action="Details of" />
      </Panel>
    </Page>
  );
}
