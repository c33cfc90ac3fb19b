import { Button, CopyButton, Group } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import classes from './copyable.module.css';

/** A text to be used elsewhere as it is, such as a command. */
export function Copyable({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <Group className={classes.frame} wrap="nowrap" align="flex-start" gap="sm">
      <code className={classes.text} aria-label={label}>
        {text}
      </code>
      <CopyButton value={text} timeout={2000}>
        {({ copied, copy }) => (
          <Button
            size="compact-sm"
            variant="default"
            onClick={copy}
            leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          >
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}
