import { AppShell, Box, Burger, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet } from 'react-router';
import type { Me } from '../data/use-me.ts';
import { useLive } from '../data/use-live.ts';
import { Brand } from './brand.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { Nav } from './nav.tsx';
import classes from './shell.module.css';
import { UserMenu } from './user-menu.tsx';

/** What surrounds every page of a person who is signed in. */
export function Shell({ me }: { readonly me: Me }) {
  const [opened, { toggle, close }] = useDisclosure(false);
  const connection = useLive();
  return (
    <AppShell
      header={{ height: { base: 52, sm: 0 } }}
      navbar={{ width: 224, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'md', sm: 'xl' }}
      withBorder={false}
    >
      <a href="#content" className={classes.skip}>
        Skip to the content
      </a>
      <AppShell.Header hiddenFrom="sm" className={classes.header}>
        <Group h="100%" px="md" justify="space-between">
          <Brand />
          <Burger
            opened={opened}
            onClick={toggle}
            size="sm"
            aria-label={opened ? 'Close the menu' : 'Open the menu'}
            aria-expanded={opened}
          />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="md" className={classes.navbar} component="div">
        <Box visibleFrom="sm" mb="lg" px={4}>
          <Brand />
        </Box>
        <AppShell.Section grow>
          <Nav onNavigate={close} />
        </AppShell.Section>
        <UserMenu me={me} />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <ConnectionBanner connection={connection} />
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}
