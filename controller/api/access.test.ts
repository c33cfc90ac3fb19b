import { expect, test } from 'vitest';
import { addCaller, startTrial, withJson, type Trial } from '../testing/start.ts';
import type { Role } from '../people/user.ts';
import { openApiDocument } from './openapi.ts';

const csrf = { 'x-ascend': '1' };
const hour = 3_600_000;

/** Every call that the document names, with an id where one is wanted. */
function everyCall({ app }: Trial): [method: string, path: string][] {
  const paths = Object.entries(openApiDocument(app).paths ?? {});
  return paths.flatMap(([path, item]) =>
    Object.keys(item).map((method): [string, string] => [
      method.toUpperCase(),
      path.replace('{id}', 'some-id'),
    ]),
  );
}

async function signIn(
  trial: Trial,
  user: string,
  password: string,
): Promise<{ cookie: string; response: Response }> {
  const response = await trial.app.request('/api/sessions', withJson('POST', { user, password }, csrf));
  return { cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? '', response };
}

test('nothing but sign-in answers a stranger', async () => {
  await using trial = await startTrial();
  const open: string[] = [];
  for (const [method, path] of [...everyCall(trial), ['GET', '/metrics'] as const]) {
    const { status } = await trial.app.request(path, withJsonIfUnsafe(method));
    if (status !== 401) open.push(`${method} ${path} ${status}`);
  }
  // 400: it is asked for a name and a password, and gets none.
  expect(open).toEqual(['POST /api/sessions 400']);
});

test('an API path that does not exist tells a stranger nothing', async () => {
  await using trial = await startTrial();
  expect((await trial.app.request('/api/secrets')).status).toBe(401);
});

test('each role may call what it needs and no more', async () => {
  await using trial = await startTrial();
  const refused: Record<Role, string[]> = { viewer: [], operator: [], admin: [] };
  for (const role of ['viewer', 'operator', 'admin'] as const) {
    const { headers } = await addCaller(trial, role);
    // The streams would not end.
    const calls = everyCall(trial).filter(([method, path]) => `${method} ${path}` !== 'GET /api/events');
    for (const [method, path] of calls) {
      const init = withJsonIfUnsafe(method, headers);
      if ((await trial.app.request(path, init)).status === 403) refused[role].push(`${method} ${path}`);
    }
  }
  const forAdmins = [
    'GET /api/users',
    'POST /api/users',
    'PATCH /api/users/some-id',
    'DELETE /api/users/some-id',
    'POST /api/sites',
    'POST /api/sites/some-id/enrolment-tokens',
    'DELETE /api/agents/some-id',
    'GET /api/audit',
    'GET /api/audit/verification',
  ];
  const forOperators = [
    'POST /api/checks',
    'POST /api/runs',
    'POST /api/runs/some-id/cancel',
    'POST /api/schedules',
    'PATCH /api/schedules/some-id',
    'DELETE /api/schedules/some-id',
  ];
  expect(refused.admin).toEqual([]);
  expect(refused.operator.toSorted()).toEqual(forAdmins.toSorted());
  expect(refused.viewer.toSorted()).toEqual([...forAdmins, ...forOperators].toSorted());
});

test('a session lives in a cookie that scripts cannot read and other sites cannot send', async () => {
  await using trial = await startTrial();
  const { user, password } = await addCaller(trial, 'operator');
  const { response, cookie } = await signIn(trial, user.name, password);
  expect(response.status).toBe(201);
  expect(await response.json()).toMatchObject({ name: user.name, role: 'operator', signedInBy: 'session' });
  expect(response.headers.get('set-cookie')).toMatch(
    /^ascend=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
  );
  const me = await trial.app.request('/api/me', { headers: { cookie } });
  expect(await me.json()).toMatchObject({ name: user.name });
  const stored = await trial.store.selectFrom('sessions').select('secret_sha256').executeTakeFirstOrThrow();
  expect(cookie).not.toContain(stored.secret_sha256);
});

test('behind TLS the cookie is secure and bound to its host', async () => {
  await using trial = await startTrial();
  const { user, password } = await addCaller(trial, 'viewer');
  const init = withJson('POST', { user: user.name, password }, csrf);
  const response = await trial.app.request('https://controller.test/api/sessions', init);
  expect(response.headers.get('set-cookie')).toMatch(/^__Host-ascend=.*; HttpOnly; Secure; SameSite=Strict$/);
});

test('a session ends when it is signed out, lies idle for an hour, or is twelve hours old', async () => {
  await using trial = await startTrial();
  const { user, password } = await addCaller(trial, 'viewer');
  const status = async (cookie: string) =>
    (await trial.app.request('/api/me', { headers: { cookie } })).status;

  const first = await signIn(trial, user.name, password);
  await trial.app.request('/api/sessions', { method: 'DELETE', headers: { ...csrf, cookie: first.cookie } });
  expect(await status(first.cookie)).toBe(401);

  const idle = await signIn(trial, user.name, password);
  trial.clock.forward(hour + 1);
  expect(await status(idle.cookie)).toBe(401);

  const busy = await signIn(trial, user.name, password);
  for (let hours = 0; hours < 12; hours += 0.5) {
    expect(await status(busy.cookie)).toBe(200);
    trial.clock.forward(hour / 2);
  }
  trial.clock.forward(1);
  expect(await status(busy.cookie)).toBe(401);
});

test('a mutating call by cookie needs proof that the console made it', async () => {
  await using trial = await startTrial();
  const { user, password } = await addCaller(trial, 'admin');
  const { cookie } = await signIn(trial, user.name, password);
  const post = (name: string, headers: Record<string, string>) =>
    trial.app.request('http://controller.test/api/sites', withJson('POST', { name }, { cookie, ...headers }));
  expect((await post('a', {})).status).toBe(403);
  expect((await post('b', { origin: 'https://evil.test' })).status).toBe(403);
  expect((await post('c', { origin: 'null' })).status).toBe(403);
  expect((await post('d', { origin: 'http://controller.test' })).status).toBe(201);
  expect((await post('e', csrf)).status).toBe(201);
});

test('another site cannot sign a browser in', async () => {
  await using trial = await startTrial();
  const { user, password } = await addCaller(trial, 'viewer');
  const init = withJson('POST', { user: user.name, password }, { origin: 'https://evil.test' });
  expect((await trial.app.request('/api/sessions', init)).status).toBe(403);
});

test('an API token works until it expires or is revoked', async () => {
  await using trial = await startTrial();
  const one = await addCaller(trial, 'viewer');
  const other = await addCaller(trial, 'operator');
  const status = async (headers: Record<string, string>) =>
    (await trial.app.request('/api/me', { headers })).status;
  expect(await status(one.headers)).toBe(200);
  await trial.app.request(`/api/api-tokens/${one.tokenId}`, { method: 'DELETE', headers: one.headers });
  expect(await status(one.headers)).toBe(401);
  trial.clock.forward(24 * hour);
  expect(await status(other.headers)).toBe(401);
});

test('a token cannot be given a role beyond its maker, nor revoked by somebody else', async () => {
  await using trial = await startTrial();
  const viewer = await addCaller(trial, 'viewer');
  const operator = await addCaller(trial, 'operator');
  const make = (role: string) =>
    trial.app.request('/api/api-tokens', withJson('POST', { name: 'x', role }, operator.headers));
  expect((await make('admin')).status).toBe(403);
  const made = (await (await make('viewer')).json()) as { token: string; role: string };
  expect(made).toMatchObject({ role: 'viewer', token: expect.stringMatching(/^asc_[\w-]{43}$/) as string });
  const steal = { method: 'DELETE', headers: viewer.headers };
  expect((await trial.app.request(`/api/api-tokens/${operator.tokenId}`, steal)).status).toBe(404);
});

test("a token's rights shrink with its user's", async () => {
  await using trial = await startTrial();
  const { user, headers } = await addCaller(trial, 'admin');
  await addCaller(trial, 'admin', 'another-admin');
  await trial.services.users.change(user.id, { role: 'viewer', password: undefined });
  const response = await trial.app.request('/api/sites', withJson('POST', { name: 'x' }, headers));
  expect(response.status).toBe(403);
});

test('the first admin may do nothing but change the one-time password', async () => {
  await using trial = await startTrial();
  let oneTime = '';
  await trial.services.users.createFirst((password) => {
    oneTime = password;
    return Promise.resolve();
  });
  const { cookie, response } = await signIn(trial, 'admin', oneTime);
  expect(await response.json()).toMatchObject({ mustChangePassword: true });
  const headers = { cookie, ...csrf };
  expect((await trial.app.request('/api/runs', { headers })).status).toBe(403);
  expect((await trial.app.request('/api/api-tokens', withJson('POST', { name: 'x' }, headers))).status).toBe(
    403,
  );
  expect((await trial.app.request('/api/me', { headers })).status).toBe(200);
  const change = (next: string) =>
    trial.app.request('/api/me/password', withJson('POST', { current: oneTime, next }, headers));
  expect((await change('short')).status).toBe(400);
  expect((await change(oneTime)).status).toBe(400);
  expect((await change('something of my own')).status).toBe(204);
  expect((await trial.app.request('/api/runs', { headers })).status).toBe(200);
  expect((await signIn(trial, 'admin', oneTime)).response.status).toBe(403);
});

test('changing the password ends the other sessions', async () => {
  await using trial = await startTrial();
  const { user, password } = await addCaller(trial, 'viewer');
  const here = await signIn(trial, user.name, password);
  const elsewhere = await signIn(trial, user.name, password);
  const next = { current: password, next: 'something of my own' };
  await trial.app.request('/api/me/password', withJson('POST', next, { cookie: here.cookie, ...csrf }));
  const status = async (cookie: string) =>
    (await trial.app.request('/api/me', { headers: { cookie } })).status;
  expect(await status(here.cookie)).toBe(200);
  expect(await status(elsewhere.cookie)).toBe(401);
});

test('guessing is slowed down, also when the right password comes at last, and recovers', async () => {
  await using trial = await startTrial();
  const { user, password } = await addCaller(trial, 'viewer');
  for (let n = 0; n < 10; n += 1) {
    expect((await signIn(trial, user.name, `guess ${n}`)).response.status).toBe(403);
  }
  const { response } = await signIn(trial, user.name, password);
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe('300');
  trial.clock.forward(300_000);
  expect((await signIn(trial, user.name, password)).response.status).toBe(201);
});

test('an unknown name and a wrong password get the same answer', async () => {
  await using trial = await startTrial();
  const { user } = await addCaller(trial, 'viewer');
  const wrong = await (await signIn(trial, user.name, 'x')).response.json();
  const unknown = await (await signIn(trial, 'nobody', 'x')).response.json();
  expect(unknown).toEqual(wrong);
});

test('the last admin stays admin', async () => {
  await using trial = await startTrial();
  const { user, headers } = await addCaller(trial, 'admin');
  const path = `/api/users/${user.id}`;
  expect((await trial.app.request(path, withJson('PATCH', { role: 'viewer' }, headers))).status).toBe(409);
  expect((await trial.app.request(path, { method: 'DELETE', headers })).status).toBe(409);
});

test('a removed user is out at once, with every token', async () => {
  await using trial = await startTrial();
  const admin = await addCaller(trial, 'admin');
  const gone = await addCaller(trial, 'operator');
  await trial.app.request(`/api/users/${gone.user.id}`, { method: 'DELETE', headers: admin.headers });
  expect((await trial.app.request('/api/me', { headers: gone.headers })).status).toBe(401);
});

test('errors have one shape, and an unforeseen one keeps its inside to the log', async () => {
  await using trial = await startTrial();
  const { headers } = await addCaller(trial, 'admin');
  const invalid = await trial.app.request('/api/sites', withJson('POST', { name: '' }, headers));
  expect(invalid.status).toBe(400);
  expect(await invalid.json()).toMatchObject({
    error: { code: 'usage.invalid', context: { field: 'name' } },
  });
  const broken = await trial.app.request('/api/sites', { ...withJson('POST', {}, headers), body: '{' });
  expect(broken.status).toBe(400);
  await trial.store.schema.dropTable('repositories').execute();
  const failed = await trial.app.request('/api/agents', { headers });
  expect(failed.status).toBe(500);
  expect(JSON.stringify(await failed.json())).not.toContain('repositories');
});

test('answers carry the headers that keep the console in its own frame', async () => {
  await using trial = await startTrial();
  const { headers } = await trial.app.request('/');
  expect(headers.get('content-security-policy')).toMatch(/default-src 'self'.*frame-ancestors 'none'/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
});

test('metrics are for callers with a token', async () => {
  await using trial = await startTrial();
  const { headers } = await addCaller(trial, 'viewer');
  const response = await trial.app.request('/metrics', { headers });
  expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
  expect(await response.text()).toContain('ascend_runs{state="queued"} 0');
});

function withJsonIfUnsafe(method: string, headers: Record<string, string> = {}): RequestInit {
  return method === 'GET' ? { headers } : withJson(method, {}, { ...csrf, ...headers });
}
