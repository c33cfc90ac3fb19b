import { Anchor } from '@mantine/core';
import { Link } from 'react-router';

interface ProseLinkProps {
  readonly to: string;
  readonly children: string;
}

/** A link within a sentence: underlined, since its colour alone would not tell it from the words around it. */
export function ProseLink({ to, children }: ProseLinkProps) {
  return (
    <Anchor component={Link} to={to} fz="inherit" underline="always">
      {children}
    </Anchor>
  );
}
