import { Modal, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAddSite } from '../../data/use-sites.ts';
import { FormEnd } from '../../parts/form-end.tsx';

export function AddSite({ onClose }: { readonly onClose: () => void }) {
  const { mutate: add, isPending, error } = useAddSite();
  const [name, setName] = useState('');
  return (
    <Modal opened onClose={onClose} title="Add site">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add(name, { onSuccess: onClose });
        }}
      >
        <Stack>
          <TextInput
            label="Name of the site"
            placeholder="Berlin"
            required
            withAsterisk={false}
            maxLength={64}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <FormEnd error={error} isPending={isPending} submit="Add site" onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}
