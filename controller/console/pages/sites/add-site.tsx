import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAddSite } from '../../data/use-sites.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';

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
          <ProblemAlert error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isPending}>
              Add site
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
