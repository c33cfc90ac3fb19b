import { useRemoveUser, type User } from '../../data/use-users.ts';
import { Confirm } from '../../parts/confirm.tsx';

export function RemoveUser({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const { mutate: remove, isPending, error } = useRemoveUser();
  return (
    <Confirm
      opened
      title={`Remove ${user.name}?`}
      action="Remove user"
      pending={isPending}
      error={error}
      onConfirm={() => remove(user.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      All sessions and API tokens of {user.name} end at once. What {user.name} did stays in the audit log.
    </Confirm>
  );
}
