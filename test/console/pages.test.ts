/** What every page is held to, in light on a desk and in dark on a phone. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import {
  complaintsOf,
  expectAccessible,
  expectNoSidewaysScroll,
  launchBrowser,
  password,
  signedIn,
} from './browser.ts';
import { buildConsole, startController, type Controller } from './controller.ts';
import { rehearsalPassed, script, toSuccess, underWay } from './sample.ts';
import { ScriptedAgent } from './scripted-agent.ts';
import { eventually } from '../link/eventually.ts';

let controller: Controller;
let browser: Browser;
let context: BrowserContext;
let agent: ScriptedAgent;
const ids = { backup: '', run: '', rehearsal: '' };

beforeAll(async () => {
  await buildConsole();
  [controller, browser] = await Promise.all([startController(), launchBrowser()]);
  context = await signedIn(browser, controller);
  const site = (await controller.call('POST', '/api/sites', { name: 'Berlin' })) as { id: string };
  const made = await controller.call('POST', `/api/sites/${site.id}/enrolment-tokens`);
  agent = await ScriptedAgent.enrol((made as { token: string }).token, 'kvm-host-1', script());
  const backup = await eventually(async () => {
    const page = (await controller.call('GET', '/api/backups')) as {
      backups: { id: string; agentId: string; path: string }[];
    };
    return page.backups[0] ?? expect.fail('no backup yet');
  });
  const target = { agentId: backup.agentId, name: 'lab' };
  const options = { name: 'web01-restored' };
  const order = { backupId: backup.id, target, options };
  const run = (await controller.call('POST', '/api/runs', order)) as { id: string };
  await agent.ordered('web01-restored');
  agent.tell(run.id, ...underWay, ...toSuccess('web01-restored'));
  const drill = { kind: 'rehearsal', backupId: backup.id, target };
  const rehearsal = (await controller.call('POST', '/api/runs', drill)) as { id: string };
  await agent.rehearsalOrdered(backup.path);
  agent.tell(rehearsal.id, ...rehearsalPassed);
  await controller.call('POST', '/api/schedules', {
    name: 'Weekly proof',
    selector: { kind: 'newest', machineName: 'web01' },
    target,
    when: { kind: 'cron', expression: '0 3 * * 6' },
  });
  Object.assign(ids, { backup: backup.id, run: run.id, rehearsal: rehearsal.id });
});

afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await browser.close();
  await controller[Symbol.asyncDispose]();
});

const pages: [title: string, path: () => string, shows: string][] = [
  ['Overview', () => '/', 'kvm-host-1'],
  ['Backups', () => '/backups', 'db01'],
  ['web01', () => `/backups/${ids.backup}`, 'ethernet0'],
  ['Restore a backup', () => '/restore', 'Which backup?'],
  ['Runs', () => '/runs', 'Succeeded'],
  ['Restore of web01', () => `/runs/${ids.run}`, 'web01 login:'],
  ['Rehearsal of web01', () => `/runs/${ids.rehearsal}`, 'Proven by content'],
  ['Rehearse a backup', () => `/restore?backup=${ids.backup}&kind=rehearsal`, 'On hardware like whose?'],
  ['Schedules', () => '/schedules', 'Weekly proof'],
  ['Sites and agents', () => '/sites', '/srv/backups'],
  ['Users', () => '/users', 'admin'],
  ['Audit log', () => '/audit', 'POST /api/schedules'],
  ['Account', () => '/account', 'set-up'],
  ['No such page', () => '/no-such-page', 'It may have been removed'],
];

const looks = [
  { name: 'light, 1280 wide', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { name: 'dark, 400 wide', colorScheme: 'dark', viewport: { width: 400, height: 800 } },
] as const;

describe.each(looks)('$name', ({ colorScheme, viewport }) => {
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    page = await context.newPage();
    complaints = complaintsOf(page);
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
  });
  afterAll(() => page.close());

  test.each(pages)('%s', async (title, path, shows) => {
    await page.goto(path());
    await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
    await page.getByRole('main').getByText(shows).filter({ visible: true }).first().waitFor();
    expect(await page.title()).toBe(`${title} - Ascend`);
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    expect(complaints).toEqual([]);
  });
});

test('an admin adds a user who may only look', async () => {
  const page = await context.newPage();
  await page.goto('/users');
  await page.getByRole('button', { name: 'Add user' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Not A Name');
  await dialog.getByRole('textbox', { name: 'One-time password' }).fill('first and only once');
  await dialog.getByRole('combobox', { name: 'Role' }).click();
  await page.getByRole('option', { name: 'viewer' }).click();
  await dialog.getByRole('button', { name: 'Add user' }).click();
  await dialog
    .getByRole('alert')
    .getByText(/lower-case letters/)
    .waitFor();
  await dialog.getByRole('textbox', { name: 'Name' }).fill('visitor');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Add user' }).click();
  await page.getByText('Has not replaced the one-time password').waitFor();
  await page.close();

  const visitor = await browser.newContext({ baseURL: controller.url });
  const headers = { 'X-Ascend': '1' };
  const first = 'first and only once';
  await visitor.request.post('/api/sessions', { headers, data: { user: 'visitor', password: first } });
  await visitor.request.post('/api/me/password', { headers, data: { current: first, next: password } });
  const theirs = await visitor.newPage();
  await theirs.goto('/runs');
  await theirs.getByRole('link', { name: 'web01' }).first().waitFor();
  const mayNot = ['Restore a backup', 'Users', 'Audit log'];
  for (const name of mayNot) expect(await theirs.getByRole('link', { name }).count(), name).toBe(0);
  await visitor.close();
});

test('an API token is shown once', async () => {
  const page = await context.newPage();
  await page.goto('/account');
  await page.getByRole('button', { name: 'New API token' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('nightly report');
  await page.getByRole('button', { name: 'Make token' }).click();
  const token = (await page.getByLabel('API token', { exact: true }).textContent()) ?? '';
  const answer = await fetch(`${controller.url}/api/me`, { headers: { authorization: `Bearer ${token}` } });
  expect(await answer.json()).toMatchObject({ name: 'admin', role: 'viewer' });
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('cell', { name: 'nightly report admin' }).waitFor();
  expect(await page.getByText(token).count()).toBe(0);
  await page.close();
});

test('the list of backups is searched and sorted, and its URL shows the same again', async () => {
  const page = await context.newPage();
  await page.goto('/backups');
  const machines = () => page.locator('tbody tr td:first-child button').allTextContents();
  const sortedBy = (name: string, direction: string) =>
    page.locator(`th[aria-sort=${direction}]`, { hasText: name }).waitFor();
  await sortedBy('Captured', 'descending');
  await page.getByRole('button', { name: 'Machine', exact: true }).click();
  await sortedBy('Machine', 'descending');
  await eventually(async () => expect((await machines())[0]).toBe('web01'));
  await page.getByRole('button', { name: 'Machine', exact: true }).click();
  await sortedBy('Machine', 'ascending');
  await eventually(async () => expect((await machines())[0]).toBe('db01'));
  await page.getByLabel('Search backups').fill('web01 nas');
  await eventually(async () => expect(await machines()).toEqual(['web01', 'web01']));
  expect(new URL(page.url()).search).toBe('?sort=machineName&order=asc&search=web01+nas');
  await page.reload();
  await sortedBy('Machine', 'ascending');
  expect(await page.getByLabel('Search backups').inputValue()).toBe('web01 nas');
  await eventually(async () => expect(await machines()).toEqual(['web01', 'web01']));
  await page.close();
});

test('the audit log is searched and verified', async () => {
  const page = await context.newPage();
  await page.goto('/audit');
  await page.getByRole('button', { name: 'Verify the log' }).click();
  await page.getByText(/The log is intact: all \d+ entries fit together/).waitFor();
  await page.getByLabel('Search the audit log').fill('no such entry');
  await page.getByText('No entry matches').waitFor();
  await page.close();
});

test('what is on the screen is said to be old when the controller is away, and catches up when it is back', async () => {
  const page = await context.newPage();
  await page.goto('/');
  await page.getByRole('main').getByText('kvm-host-1').first().waitFor();
  await context.setOffline(true);
  await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))');
  await page.getByText('Out of contact with the controller').waitFor();
  await context.setOffline(false);
  await page.getByText('Out of contact with the controller').waitFor({ state: 'hidden' });
  await page.close();
});
