import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import {
  complaintsOf,
  expectAccessible,
  expectNoSidewaysScroll,
  launchBrowser,
  signedIn,
} from './browser.ts';
import { Firmware } from '../../proto/gen/ascend/v1/machine.ts';
import { buildConsole, startController, type Controller } from './controller.ts';
import {
  cancelled,
  nameTaken,
  noAcceleration,
  noSpace,
  rehearsalFailed,
  rehearsalPassed,
  script,
  toSuccess,
  underWay,
} from './sample.ts';
import { ScriptedAgent } from './scripted-agent.ts';

let controller: Controller;
let browser: Browser;
let context: BrowserContext;
let agent: ScriptedAgent;
const said = script();

beforeAll(async () => {
  await buildConsole();
  [controller, browser] = await Promise.all([startController(), launchBrowser()]);
  context = await signedIn(browser, controller);
  agent = await enrolFromPage();
});

afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await browser.close();
  await controller[Symbol.asyncDispose]();
});

/** Adds a site and an agent as a person does, with the command that the page shows. */
async function enrolFromPage(): Promise<ScriptedAgent> {
  const page = await context.newPage();
  await page.goto('/sites');
  await page.getByRole('button', { name: 'Add site' }).first().click();
  await page.getByLabel('Name of the site').fill('Berlin');
  await page.getByRole('dialog').getByRole('button', { name: 'Add site' }).click();
  await page.getByRole('button', { name: 'Add agent' }).click();
  const command = (await page.getByLabel('Enrolment command').textContent()) ?? '';
  await page.getByText(/Good for one agent, for another 1[45] min/).waitFor();
  await expectAccessible(page);
  const [, token = ''] = /^ascend-agent enrol --token (\S+)$/.exec(command) ?? [];
  const enrolled = await ScriptedAgent.enrol(token, 'kvm-host-1', said);
  await page.getByText('kvm-host-1 has enrolled.').waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByText('In contact').waitFor();
  await page.getByText('libvirt does not answer.').waitFor();
  await page.getByText(noAcceleration.message).waitFor();
  await page.close();
  return enrolled;
}

async function backupId(name: string): Promise<string> {
  const page = (await controller.call('GET', `/api/backups?search=${name}`)) as { backups: { id: string }[] };
  return page.backups[0]!.id;
}

/** Orders a restore through the API, and opens its page. */
async function openRun(name: string): Promise<{ page: Page; runId: string }> {
  const { agents } = (await controller.call('GET', '/api/agents')) as { agents: { id: string }[] };
  const run = (await controller.call('POST', '/api/runs', {
    backupId: await backupId('web01'),
    target: { agentId: agents[0]!.id, name: 'lab' },
    options: { name },
  })) as { id: string };
  const page = await context.newPage();
  await page.goto(`/runs/${run.id}`);
  await page.getByRole('heading', { name: 'Restore of web01' }).waitFor();
  await agent.ordered(name);
  return { page, runId: run.id };
}

test('backups are found, sorted and told in detail', async () => {
  const page = await context.newPage();
  await page.goto('/backups');
  const names = page.getByRole('button', { name: /^Details of/ });
  await names.first().waitFor();
  expect(await names.allTextContents()).toEqual(['web01', 'web01', 'db01', 'mail', 'files']);
  await page.getByRole('button', { name: 'Machine' }).click();
  await expect.poll(() => names.first().textContent()).toBe('web01');
  await page.getByRole('button', { name: 'Machine' }).click();
  await expect.poll(() => names.first().textContent()).toBe('db01');
  await page.getByLabel('Search backups').fill('files');
  await expect.poll(() => names.count()).toBe(1);
  await names.first().click();
  await page.getByText('The disk "disks/scsi0-1.qcow2" is not in the backup.').waitFor();
  await page.getByText('Copy the file back into the folder').waitFor();
  await page.getByText('00:50:56:9a:3c:11').waitFor();
  await page.close();
});

test('a restore goes from the wizard, past its findings, live to a machine that works', async () => {
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  said.check = { ...said.check, findings: [nameTaken, noAcceleration] };
  await page.goto('/restore');
  await page.getByRole('button', { name: 'Choose web01, web01/2027-03-07' }).click();
  await page.getByRole('radio', { name: 'lab', exact: true }).click();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Next' }).click();

  await page.getByLabel('Name of the restored machine').fill('web01-restored');
  await page.getByRole('combobox', { name: 'VM Network' }).click();
  await page.getByRole('option', { name: 'dmz' }).click();
  await page.getByLabel('Host name at the login prompt').fill('web01');
  await page.getByRole('combobox', { name: 'Addresses that must answer' }).fill('192.0.2.10');
  await page.keyboard.press('Enter');
  await page.getByLabel('Pool').fill('fast');
  await page.getByRole('combobox', { name: 'Verify' }).click();
  await page.getByRole('option', { name: 'no', exact: true }).click();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Next' }).click();

  await page.getByText('It cannot be restored like this').waitFor();
  await page.getByText(nameTaken.remedy).waitFor();
  await page.getByText('Mend what blocks it, then check again.').waitFor();
  const start = page.getByRole('button', { name: /^Start/ });
  expect(await start.isDisabled()).toBe(true);
  await expectAccessible(page);

  said.check = { ...said.check, findings: [noAcceleration] };
  await page.getByRole('button', { name: 'Check again' }).click();
  await page.getByText('It can be restored; read the warnings first').waitFor();
  await page.getByText('1.8 GiB').waitFor();
  await page.getByText('1 min 14 s').waitFor();
  await start.click();

  const order = await agent.ordered('web01-restored');
  expect(order).toMatchObject({
    target: 'lab',
    backup: { repository: 'nas', path: 'web01/2027-03-07', backupId: 'b-web01-07' },
    options: {
      networks: { 'VM Network': 'dmz' },
      start: true,
      health: { hostname: 'web01', ping: ['192.0.2.10'], timeoutSeconds: 600 },
      targetOptionsJson: '{"pool":"fast","verify":false}',
    },
  });
  await page.getByText('At its agent').waitFor();

  agent.tell(order.runId, ...underWay);
  const rail = page.getByRole('list', { name: 'Steps of the run' });
  await rail.locator('[aria-current=step]').getByText('convert').waitFor();
  expect(await rail.locator('[data-state=done]').count()).toBe(2);
  agent.progress({
    runId: order.runId,
    step: 'convert',
    activity: 'copy scsi0:0',
    doneBytes: 966_367_641n,
    totalBytes: 1_932_735_283n,
    bytesPerSecond: 130_023_424n,
    secondsLeft: 7,
  });
  await page.getByText('922 MiB of 1.8 GiB').waitFor();
  await page.getByText('124 MiB/s').waitFor();
  await page.getByText('7 s left').waitFor();
  await expectAccessible(page);

  agent.tell(order.runId, ...toSuccess('web01-restored'));
  await page.getByText('web01-restored runs on lab').waitFor();
  await page.getByText('virsh console web01-restored').waitFor();
  await page.getByText('web01 login:').first().waitFor();
  await page.getByText('Disk scsi0:0 written: 1.8 GiB').waitFor();
  expect(await rail.locator('[data-state=done]').count()).toBe(4);
  await expectAccessible(page);
  expect(complaints).toEqual([]);
  await page.close();
});

test('a backup is rehearsed from its page: verdict, proofs, what was seen, and its last screen', async () => {
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  said.check = { ...said.check, findings: [noAcceleration] };
  await page.goto(`/backups/${await backupId('mail')}`);
  await page.getByRole('link', { name: 'Rehearse' }).click();
  await page.getByRole('heading', { level: 1, name: 'Rehearse a backup' }).waitFor();
  await page.getByRole('radio', { name: 'lab', exact: true }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  // There is no machine to name or to switch on.
  await page.getByText('What must be seen').waitFor();
  for (const label of ['Name of the restored machine', 'Start it and prove', 'Rehearse before'])
    expect(await page.getByLabel(label).count(), label).toBe(0);
  await page.getByLabel('Host name at the login prompt').fill('mail');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('It can be rehearsed; read the warnings first').waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Start rehearsal' }).click();
  await page.getByRole('heading', { name: 'Rehearsal of mail' }).waitFor();
  const { runId, options } = await agent.rehearsalOrdered('mail/2027-03-04');
  expect(options).toMatchObject({ health: { hostname: 'mail' }, start: true });
  expect(await page.getByRole('list', { name: 'Steps of the run' }).locator('li').count()).toBe(4);

  agent.tell(runId, ...rehearsalPassed);
  await page.getByText('mail starts on devices like those of lab').waitFor();
  const verdict = page.getByRole('region', { name: 'Rehearsal' });
  await verdict.getByText('192.0.2.10 answers a ping').waitFor();
  await verdict.getByText('nothing was started on KVM (libvirt) itself').waitFor();
  await verdict.getByText('Its initramfs has a driver for virtio-blk').waitFor();
  await verdict.getByText(/^ascend-agent evidence verify \/var\/lib/).waitFor();
  const screen = verdict.getByRole('img', { name: 'The last screen of mail' });
  await expect
    .poll(() => screen.evaluate((image) => (image as { naturalWidth?: number }).naturalWidth))
    .toBe(720);
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
  await page.goto('/runs');
  await page.getByText('Rehearsal of mail/2027-03-04').waitFor();
  await page.getByText('Rehearsals', { exact: true }).click();
  await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
  expect(complaints).toEqual([]);
  await page.close();
});

test('a restore rehearses first and gives its NIC another address; where the twin fails, the target is not touched', async () => {
  const page = await context.newPage();
  said.check = { ...said.check, findings: [noAcceleration] };
  await page.goto(`/restore?backup=${await backupId('web01')}`);
  await page.getByRole('radio', { name: 'lab', exact: true }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Name of the restored machine').fill('web01-rehearsed');
  await page.getByRole('switch', { name: 'Rehearse before the target is touched' }).press('Space');
  await page.getByRole('combobox', { name: 'Firmware' }).click();
  await page.getByRole('option', { name: 'UEFI', exact: true }).click();
  await page.getByRole('combobox', { name: 'ethernet0' }).click();
  await page.getByRole('option', { name: 'Another address' }).click();
  const next = page.getByRole('button', { name: 'Next' });
  await page.getByRole('textbox', { name: 'Address of ethernet0' }).fill('10.0.0.5');
  await page.getByRole('textbox', { name: 'Gateway of ethernet0' }).fill('10.0.0.1');
  await page.getByText('Write an address and its prefix').waitFor();
  expect(await next.isDisabled()).toBe(true);
  await expectAccessible(page);
  await page.getByRole('textbox', { name: 'Address of ethernet0' }).fill('10.0.0.5/24');
  await next.click();
  await page.getByText('first; the target is touched only after it').waitFor();
  await page.getByText('10.0.0.5/24, 10.0.0.1').waitFor();
  await page.getByText('UEFI, changed where it starts by the other').waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Start in spite of warnings' }).click();

  const order = await agent.ordered('web01-rehearsed');
  expect(order).toMatchObject({
    rehearsalOnly: false,
    options: { rehearse: true, addresses: { ethernet0: '10.0.0.5/24,10.0.0.1' }, firmware: Firmware.UEFI },
  });
  const rail = page.getByRole('list', { name: 'Steps of the run' });
  await expect.poll(() => rail.locator('li').count()).toBe(5);
  agent.tell(order.runId, ...rehearsalFailed);
  const outcome = page.getByRole('alert');
  await outcome.getByText('Nothing was made on lab.').waitFor();
  await outcome.getByText('rehearsal.failed in rehearse').waitFor();
  const verdict = page.getByRole('region', { name: 'Rehearsal' });
  await verdict.getByText('Failed', { exact: true }).waitFor();
  await verdict.getByText('The guest did not find the root disk').waitFor();
  await expectAccessible(page);
  await page.close();
});

test('a run is cancelled after a confirmation, and its agent is asked', async () => {
  const { page, runId } = await openRun('to-cancel');
  agent.tell(runId, ...underWay);
  await page.getByRole('button', { name: 'Cancel the run' }).click();
  await page.getByText('The agent stops and removes what it made on lab.').waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Let it run' }).click();
  expect(agent.cancels).toEqual([]);
  await page.getByRole('button', { name: 'Cancel the run' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the run' }).click();
  await page.getByText('The agent stops the run and removes what it made').waitFor();
  await expect.poll(() => agent.cancels).toEqual([runId]);
  agent.tell(runId, cancelled);
  await page.getByText('The run was cancelled').first().waitFor();
  await page.getByText('What it had made on the target is removed.').waitFor();
  await page.close();
});

test('a failed run says what went wrong, where, and what to do', async () => {
  const { page, runId } = await openRun('to-fail');
  agent.tell(runId, ...underWay, ...toSuccess('to-fail').slice(0, 2), noSpace);
  const outcome = page.getByRole('alert');
  await outcome.getByText('has 512 MiB left').waitFor();
  await outcome.getByText('Free 1.3 GiB in /var/lib/libvirt/images').waitFor();
  await outcome.getByText('target.no-space in deploy').waitFor();
  await page.locator('[data-state=failed]').getByText('deploy').waitFor();
  await expectAccessible(page);
  await page.close();
});

test('the step rail never steps backwards when an agent resumes', async () => {
  const { page, runId } = await openRun('to-resume');
  agent.tell(runId, ...underWay, { $case: 'resumed', value: { step: 'analyse' } });
  await page.getByText('The agent came back and took up step "analyse"').waitFor();
  await page.getByText('once', { exact: true }).waitFor();
  expect(await page.locator('[data-state=done]').count()).toBe(2);
  agent.tell(runId, ...toSuccess('to-resume').slice(-1));
  await page.getByText('to-resume runs on lab').waitFor();
  await page.close();
});

test('an agent that vanishes is told from its run, and the run goes on when it is back', async () => {
  const { page, runId } = await openRun('to-lose');
  agent.tell(runId, ...underWay);
  await page.locator('[aria-current=step]').waitFor();
  agent.vanish();
  await page.getByText('Agent kvm-host-1 is out of contact').waitFor();
  await expectAccessible(page);
  const wizard = await context.newPage();
  await wizard.goto(`/restore?backup=${await backupId('web01')}`);
  await wizard.getByText('a run that you start waits until it is back').waitFor();
  await wizard.getByRole('radio', { name: 'lab', exact: true }).click();
  await wizard.getByRole('button', { name: 'Skip to review' }).click();
  await wizard.getByText('The agent could not be asked').waitFor();
  await wizard.close();

  agent.connect();
  await page.getByText('Agent kvm-host-1 is out of contact').waitFor({ state: 'hidden' });
  agent.tell(runId, ...toSuccess('to-lose'));
  await page.getByText('to-lose runs on lab').waitFor();
  await page.close();
});

test('a restore is scheduled from the review, disabled and removed', async () => {
  const page = await context.newPage();
  await page.goto(`/restore?backup=${await backupId('db01')}`);
  await page.getByRole('radio', { name: 'lab', exact: true }).click();
  await page.getByRole('button', { name: 'Skip to review' }).click();
  await page.getByRole('button', { name: 'Schedule it' }).click();
  await page.getByRole('textbox', { name: 'Times' }).fill('not cron');
  await page.getByRole('button', { name: 'Add schedule' }).click();
  await page
    .getByRole('alert')
    .getByText(/not a cron expression/)
    .waitFor();
  await page.getByRole('textbox', { name: 'Times' }).fill('30 4 * * 0');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Add schedule' }).click();
  await page.getByText('The newest backup of db01 to lab, kvm-host-1').waitFor();
  await page.getByText('30 4 * * 0 (Europe/Berlin)').waitFor();
  await expectAccessible(page);
  const enabled = page.getByRole('switch', { name: 'Restore of db01 is enabled' });
  await enabled.press('Space');
  await expect.poll(() => enabled.isChecked()).toBe(false);
  await page.getByRole('button', { name: 'Remove Restore of db01' }).click();
  await page.getByRole('button', { name: 'Remove schedule' }).click();
  await page.getByText('Nothing is scheduled').waitFor();
  await page.close();
});
