import { Button, NavLink, Stack } from '@mantine/core';
import {
  IconArchive,
  IconBuilding,
  IconCalendarTime,
  IconClipboardList,
  IconLayoutDashboard,
  IconPlayerPlay,
  IconRestore,
  IconUsers,
} from '@tabler/icons-react';
import { Link, useLocation } from 'react-router';
import { useMay, type Role } from '../data/use-me.ts';

interface Item {
  readonly to: string;
  readonly label: string;
  readonly Icon: typeof IconArchive;
  readonly needs: Role;
}

const items: readonly Item[] = [
  { to: '/', label: 'Overview', Icon: IconLayoutDashboard, needs: 'viewer' },
  { to: '/backups', label: 'Backups', Icon: IconArchive, needs: 'viewer' },
  { to: '/runs', label: 'Runs', Icon: IconPlayerPlay, needs: 'viewer' },
  { to: '/schedules', label: 'Schedules', Icon: IconCalendarTime, needs: 'viewer' },
  { to: '/sites', label: 'Sites and agents', Icon: IconBuilding, needs: 'viewer' },
  { to: '/users', label: 'Users', Icon: IconUsers, needs: 'admin' },
  { to: '/audit', label: 'Audit log', Icon: IconClipboardList, needs: 'admin' },
];

export function Nav({ onNavigate }: { readonly onNavigate: () => void }) {
  const { pathname } = useLocation();
  const allowed = { viewer: true, operator: useMay('operator'), admin: useMay('admin') };
  return (
    <Stack gap="md">
      {allowed.operator && (
        <Button
          component={Link}
          to="/restore"
          onClick={onNavigate}
          leftSection={<IconRestore size={17} aria-hidden />}
          fullWidth
          px="xs"
        >
          Restore a backup
        </Button>
      )}
      <nav aria-label="Main">
        {items
          .filter(({ needs }) => allowed[needs])
          .map(({ to, label, Icon }) => {
            const here = to === '/' ? pathname === '/' : pathname.startsWith(to);
            return (
              <NavLink
                key={to}
                component={Link}
                to={to}
                label={label}
                active={here}
                aria-current={here ? 'page' : undefined}
                onClick={onNavigate}
                leftSection={<Icon size={17} stroke={1.7} aria-hidden />}
              />
            );
          })}
      </nav>
    </Stack>
  );
}
