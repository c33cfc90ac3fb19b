import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiEnv } from './route.ts';

const notBuilt = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Ascend</title>
<h1>The console is not built</h1>
<p>Run <code>npm run build</code> in the checkout, then restart the controller.</p>
<p>The REST API works without it: see <a href="/api/openapi.json">/api/openapi.json</a>.</p></html>`;

/** Serves the console's build; a path that is no file gets index.html, since the console routes by itself. */
export function serveConsole(app: OpenAPIHono<ApiEnv>, dir: string): void {
  const index = join(dir, 'index.html');
  if (!existsSync(index)) {
    app.get('/', (c) => c.html(notBuilt));
    return;
  }
  app.use(
    '/*',
    serveStatic<ApiEnv>({
      root: dir,
      onFound: (path, c) => {
        // Vite names everything in assets/ by its content.
        const isHashed = path.includes('/assets/');
        c.header('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    }),
  );
  app.get('/*', async (c) => {
    c.header('Cache-Control', 'no-cache');
    return c.html(await readFile(index, 'utf8'));
  });
}
