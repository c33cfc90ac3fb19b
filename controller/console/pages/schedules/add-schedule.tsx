import { Modal, Radio, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { BackupDetails } from '../../data/use-backups.ts';
import type { RunRequest } from '../../data/use-runs.ts';
import { useAddSchedule } from '../../data/use-schedules.ts';
import { FormEnd } from '../../parts/form-end.tsx';

interface AddScheduleProps {
  readonly backup: BackupDetails;
  /** What is to be ordered each time. */
  readonly request: RunRequest;
  readonly onClose: () => void;
}

const hereZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function AddSchedule({ backup, request, onClose }: AddScheduleProps) {
  const navigate = useNavigate();
  const { mutate: add, isPending, error } = useAddSchedule();
  const rehearsal = request.kind === 'rehearsal';
  const [name, setName] = useState(`${rehearsal ? 'Rehearsal' : 'Restore'} of ${backup.machineName}`);
  const [which, setWhich] = useState('newest');
  const [often, setOften] = useState('cron');
  const [expression, setExpression] = useState('0 3 * * 6');
  const [at, setAt] = useState('');

  function submit(): void {
    const { kind, target, options } = request;
    add(
      {
        name,
        kind,
        target,
        options,
        timeZone: hereZone,
        selector:
          which === 'newest'
            ? { kind: 'newest', machineName: backup.machineName }
            : { kind: 'backup', backupId: backup.id },
        when:
          often === 'cron' ? { kind: 'cron', expression } : { kind: 'once', at: new Date(at).toISOString() },
      },
      { onSuccess: () => void navigate('/schedules') },
    );
  }

  return (
    <Modal opened onClose={onClose} title={rehearsal ? 'Schedule this rehearsal' : 'Schedule this restore'}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack>
          <TextInput
            label="Name"
            required
            withAsterisk={false}
            maxLength={100}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Radio.Group label="Which backup" value={which} onChange={setWhich}>
            <Stack gap={6} mt={6}>
              <Radio value="newest" label={`The newest of ${backup.machineName} at that time`} />
              <Radio value="backup" label="This very backup" />
            </Stack>
          </Radio.Group>
          <SegmentedControl
            aria-label="How often"
            data={[
              { value: 'cron', label: 'At set times' },
              { value: 'once', label: 'Once' },
            ]}
            value={often}
            onChange={setOften}
          />
          {often === 'cron' ? (
            <TextInput
              label="Times"
              description={`Minute, hour, day, month, weekday in ${hereZone}: "0 3 * * 6" is Saturdays at 03:00`}
              required
              withAsterisk={false}
              value={expression}
              onChange={(event) => setExpression(event.currentTarget.value)}
            />
          ) : (
            <TextInput
              label="Time"
              description={`In ${hereZone}`}
              type="datetime-local"
              required
              withAsterisk={false}
              value={at}
              onChange={(event) => setAt(event.currentTarget.value)}
            />
          )}
          <FormEnd error={error} isPending={isPending} submit="Add schedule" onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}
