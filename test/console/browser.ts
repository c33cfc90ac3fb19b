/** Chromium without a window, and what every page is held to. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import type { Controller } from './controller.ts';

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const password = 'correct horse battery';

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A browser context that is signed in as the admin, whose password has been replaced. */
export async function signedIn(browser: Browser, controller: Controller): Promise<BrowserContext> {
  const context = await browser.newContext({
    baseURL: controller.url,
    viewport: { width: 1280, height: 800 },
    timezoneId: 'Europe/Berlin',
  });
  const headers = { 'X-Ascend': '1' };
  const { request } = context;
  const first = { user: 'admin', password: controller.oneTimePassword };
  const answer = await request.post('/api/sessions', { headers, data: first });
  if (answer.ok()) {
    const data = { current: controller.oneTimePassword, next: password };
    await request.post('/api/me/password', { headers, data });
  } else {
    await request.post('/api/sessions', { headers, data: { user: 'admin', password } });
  }
  return context;
}

/** Collects what the browser itself complains about, such as a script that the security policy refuses. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A refused request is answered on the page; the browser notes it as well.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      complaints.push(message.text());
    }
  });
  return complaints;
}

interface AxeResults {
  violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
}

/** Fails on every violation that axe-core calls serious or critical. */
export async function expectAccessible(page: Page): Promise<void> {
  // A fading dialog has less contrast than one that stands.
  const still = 'document.getAnimations().every((one) => one.effect.getTiming().iterations === Infinity)';
  await vi.waitFor(async () => expect(await page.evaluate<boolean>(still)).toBe(true), 5000);
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  const grave = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => ({ id, nodes: nodes.map((node) => `${node.html} ${node.failureSummary}`) }));
  expect(grave, page.url()).toEqual([]);
}

/** The page must fit: only what scrolls by itself may be wider than the window. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const [scroll, client] = await page.evaluate<[number, number]>(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  );
  expect(scroll, page.url()).toBeLessThanOrEqual(client);
}
