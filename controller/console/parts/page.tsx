import { Anchor, Breadcrumbs, Group, Stack, Text, Title } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { Link } from 'react-router';

interface Crumb {
  readonly label: string;
  readonly to: string;
}

interface PageProps {
  readonly title: string;
  /** What stands beside the title, such as a state. */
  readonly beside?: ReactNode;
  readonly about?: ReactNode;
  readonly crumbs?: readonly Crumb[];
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of every page: where we are, its one heading, and what can be done here. */
export function Page({ title, beside, about, crumbs = [], actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} - Ascend`;
  }, [title]);
  return (
    <Stack gap="lg">
      <Stack gap={6}>
        {crumbs.length > 0 && (
          <Breadcrumbs component="nav" aria-label="Breadcrumb" fz="sm" separatorMargin={6}>
            {crumbs.map(({ label, to }) => (
              <Anchor key={to} component={Link} to={to} fz="sm">
                {label}
              </Anchor>
            ))}
            <Text fz="sm" c="dimmed" aria-current="page">
              {title}
            </Text>
          </Breadcrumbs>
        )}
        <Group justify="space-between" align="center" gap="sm">
          <Group gap="sm">
            <Title order={1}>{title}</Title>
            {beside}
          </Group>
          {actions && <Group gap="sm">{actions}</Group>}
        </Group>
        {about && (
          <Text c="dimmed" fz="sm" maw={760}>
            {about}
          </Text>
        )}
      </Stack>
      {children}
    </Stack>
  );
}
