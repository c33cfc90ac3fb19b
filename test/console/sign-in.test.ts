import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { complaintsOf, expectAccessible, launchBrowser, password, signedIn } from './browser.ts';
import { buildConsole, startController, type Controller } from './controller.ts';

let controller: Controller;
let browser: Browser;

beforeAll(async () => {
  await buildConsole();
  [controller, browser] = await Promise.all([startController(), launchBrowser()]);
});

afterAll(async () => {
  await browser.close();
  await controller[Symbol.asyncDispose]();
});

test('the first sign-in leads over a new password to the first steps', async () => {
  const page = await browser.newPage({ baseURL: controller.url, viewport: { width: 1280, height: 800 } });
  const complaints = complaintsOf(page);
  await page.goto('/backups');
  await expectAccessible(page);

  await page.getByLabel('User').fill('admin');
  await page.getByRole('textbox', { name: 'Password' }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText('The user name or the password is wrong.').waitFor();
  await expectAccessible(page);

  await page.getByRole('textbox', { name: 'Password' }).fill(controller.oneTimePassword);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Choose a password' }).waitFor();
  await expectAccessible(page);

  await page.getByLabel('One-time password').fill(controller.oneTimePassword);
  await page.getByLabel('New password', { exact: true }).fill(password);
  await page.getByLabel('New password again').fill('something else');
  await page.getByText('This is not the same password').waitFor();
  await page.getByLabel('New password again').fill(password);
  await page.getByRole('button', { name: 'Set password' }).click();

  // Where we wanted to go at first; it says what to do, since there is nothing yet.
  await page.getByRole('heading', { name: 'Backups', exact: true }).waitFor();
  await page.getByText('No backups found yet').waitFor();
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('heading', { name: 'The way to your first restore' }).waitFor();
  await expectAccessible(page);
  expect(complaints).toEqual([]);

  await page.getByRole('button', { name: /admin/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.close();
});

test('a session that has ended leads to the sign-in page', async () => {
  const context = await signedIn(browser, controller);
  const page = await context.newPage();
  await page.goto('/runs');
  await page.getByText('Nothing has been restored yet').waitFor();
  await context.clearCookies();
  // A request of the page itself may lead there first; then there is no link left to click.
  await page
    .getByRole('link', { name: 'Schedules' })
    .or(page.getByRole('heading', { name: 'Sign in' }))
    .first()
    .click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await context.close();
});
