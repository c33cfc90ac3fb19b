import type { Backup } from '../../data/use-backups.ts';
import { Panel } from '../../parts/panel.tsx';
import { BackupBrowser } from '../backups/backup-browser.tsx';

interface BackupStepProps {
  readonly chosen: string | undefined;
  readonly onChoose: (backup: Backup) => void;
}

export function BackupStep({ chosen, onChoose }: BackupStepProps) {
  return (
    <Panel title="Which backup?" flush>
      <BackupBrowser action="Choose" onOpen={onChoose} chosen={chosen ?? ''} />
    </Panel>
  );
}
