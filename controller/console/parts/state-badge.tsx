import type { ReactNode } from 'react';
import classes from './state-badge.module.css';
import type { Tone } from './tone.ts';

export function StateBadge({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <span className={classes.badge} data-tone={tone}>
      <span className={classes.dot} aria-hidden />
      {children}
    </span>
  );
}
