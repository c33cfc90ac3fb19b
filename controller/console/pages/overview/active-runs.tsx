import type { RunSummary } from '../../data/use-runs.ts';
import { Empty } from '../../parts/empty.tsx';
import { RunTable } from '../runs/run-table.tsx';

export function ActiveRuns({ runs }: { readonly runs: readonly RunSummary[] }) {
  if (runs.length > 0) return <RunTable runs={runs} />;
  return <Empty title="Nothing runs now">A restore that you start shows its progress here.</Empty>;
}
