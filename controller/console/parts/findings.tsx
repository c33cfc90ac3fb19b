import { IconAlertTriangle, IconBan, IconInfoCircle } from '@tabler/icons-react';
import type { Finding } from '../data/use-backups.ts';
import classes from './findings.module.css';
import type { Tone } from './tone.ts';

const shown = {
  block: { tone: 'bad', word: 'Blocks', Icon: IconBan },
  warn: { tone: 'warn', word: 'Warning', Icon: IconAlertTriangle },
  info: { tone: 'busy', word: 'Note', Icon: IconInfoCircle },
} as const satisfies Record<Finding['severity'], { tone: Tone; word: string; Icon: unknown }>;

const gravity: readonly Finding['severity'][] = ['block', 'warn', 'info'];

/** Validation results, the gravest first; each says what to do. */
export function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  const sorted = findings.toSorted((a, b) => gravity.indexOf(a.severity) - gravity.indexOf(b.severity));
  return (
    <ul className={classes.list}>
      {sorted.map((finding) => {
        const { tone, word, Icon } = shown[finding.severity];
        return (
          <li key={`${finding.code} ${finding.subject}`} data-tone={tone}>
            <Icon size={18} className={classes.icon} aria-hidden />
            <div>
              <p className={classes.message}>
                <span className={classes.severity}>{word}</span> {finding.message}
              </p>
              {finding.remedy !== '' && <p className={classes.remedy}>{finding.remedy}</p>}
              <p className={classes.where}>
                {finding.subject !== '' && <span>{finding.subject}</span>}
                <span className="mono">{finding.code}</span>
              </p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
