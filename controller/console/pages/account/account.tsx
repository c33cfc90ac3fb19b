import { Box, Grid } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ApiTokens } from './api-tokens.tsx';
import { PasswordForm } from './password-form.tsx';

export function Account() {
  return (
    <Page title="Account">
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Panel title="Password">
            <Box maw={400}>
              <PasswordForm
                currentLabel="Current password"
                action="Change password"
                onChanged={() =>
                  notifications.show({ message: 'Password changed. Your other sessions are signed out.' })
                }
              />
            </Box>
          </Panel>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 8 }}>
          <ApiTokens />
        </Grid.Col>
      </Grid>
    </Page>
  );
}
