import { Center, Container, Loader } from '@mantine/core';
import { Route, Routes } from 'react-router';
import { useMe } from './data/use-me.ts';
import { Account } from './pages/account/account.tsx';
import { AuditLog } from './pages/audit/audit-log.tsx';
import { BackupPage } from './pages/backups/backup-page.tsx';
import { Backups } from './pages/backups/backups.tsx';
import { NotFound } from './pages/not-found.tsx';
import { Overview } from './pages/overview/overview.tsx';
import { Restore } from './pages/restore/restore.tsx';
import { RunPage } from './pages/runs/run-page.tsx';
import { Runs } from './pages/runs/runs.tsx';
import { Schedules } from './pages/schedules/schedules.tsx';
import { FirstPassword } from './pages/sign-in/first-password.tsx';
import { SignIn } from './pages/sign-in/sign-in.tsx';
import { Sites } from './pages/sites/sites.tsx';
import { Users } from './pages/users/users.tsx';
import { ProblemAlert } from './parts/problem-alert.tsx';
import { Shell } from './shell/shell.tsx';

/** Every page by its address, once it is known who asks. */
export function App() {
  const { data: me, error, refetch } = useMe();
  if (me === null) return <SignIn />;
  if (me === undefined) {
    if (!error) return <Starting />;
    return (
      <Container size="xs" py={80}>
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      </Container>
    );
  }
  if (me.mustChangePassword) return <FirstPassword me={me} />;
  return (
    <Routes>
      <Route element={<Shell me={me} />}>
        <Route index element={<Overview />} />
        <Route path="backups" element={<Backups />} />
        <Route path="backups/:id" element={<BackupPage />} />
        <Route path="restore" element={<Restore />} />
        <Route path="runs" element={<Runs />} />
        <Route path="runs/:id" element={<RunPage />} />
        <Route path="schedules" element={<Schedules />} />
        <Route path="sites" element={<Sites />} />
        <Route path="users" element={<Users />} />
        <Route path="audit" element={<AuditLog />} />
        <Route path="account" element={<Account />} />
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}

function Starting() {
  return (
    <Center h="100vh">
      <Loader role="status" aria-label="Loading" />
    </Center>
  );
}
