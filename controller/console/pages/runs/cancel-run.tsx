import { useCancelRun, type Run } from '../../data/use-runs.ts';
import { Confirm } from '../../parts/confirm.tsx';

export function CancelRun({ run, onClose }: { readonly run: Run; readonly onClose: () => void }) {
  const rehearsal = run.kind === 'rehearsal';
  const { mutate: cancel, isPending, error } = useCancelRun();
  return (
    <Confirm
      opened
      title={`Cancel the ${run.kind} of ${run.backup.machineName}?`}
      action="Cancel the run"
      keep="Let it run"
      pending={isPending}
      error={error}
      onConfirm={() => cancel(run.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      {rehearsal
        ? `The agent stops. Nothing has been made on ${run.target}, and the backup is not touched.`
        : `The agent stops and removes what it made on ${run.target}. The backup is not touched.`}
      {run.outOfContactSince !== null && ' The agent is out of contact: it cancels when it is back.'}
    </Confirm>
  );
}
