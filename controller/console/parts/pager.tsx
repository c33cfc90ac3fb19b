import { Group, Pagination, Text } from '@mantine/core';

interface PagerProps {
  readonly page: number;
  readonly pageSize: number;
  readonly total: number;
  readonly noun: string;
  readonly onChange: (page: number) => void;
}

/** Nothing where everything fits on one page. */
export function Pager({ page, pageSize, total, noun, onChange }: PagerProps) {
  const pages = Math.ceil(total / pageSize);
  if (pages <= 1) return null;
  const label = (control: string) => ({ 'aria-label': `${control} page` });
  return (
    <Group justify="space-between" px="md" py="sm">
      <Text fz="sm" c="dimmed">
        {(page - 1) * pageSize + 1}-{Math.min(total, page * pageSize)} of {total} {noun}
      </Text>
      <Pagination
        size="sm"
        value={page}
        total={pages}
        onChange={onChange}
        getControlProps={label}
        getItemProps={(number) => ({ 'aria-label': `Page ${number}` })}
      />
    </Group>
  );
}
