import { defineConfig } from 'vitest/config';

/**
 * Three projects of `npm test`: `unit` (fast, beside the code), `system` (real qemu, libguestfs, libvirt; each file with
 * folders, a libvirt and networks of its own) and `console` (real Chromium), two files at a time. `full` is for itself:
 * every server of test/guests on the hardware of every destination, and what else takes long.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{proto,agent,controller}/**/*.test.ts',
            'test/{house,link,repositories,sources}/**/*.test.ts',
          ],
          exclude: ['controller/console/**'],
          testTimeout: 20_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/{guests,system,e2e}/**/*.test.ts'],
          exclude: ['test/system/{matrix,windows-matrix,secure-boot}.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'full',
          include: ['test/system/{matrix,windows-matrix,secure-boot}.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'console',
          include: ['test/console/**/*.test.ts', 'controller/console/**/*.test.{ts,tsx}'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
