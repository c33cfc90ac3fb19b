import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const brand: MantineColorsTuple = [
  '#eef3ff',
  '#dbe5fe',
  '#b9cbfb',
  '#93aef8',
  '#7c9df5',
  '#5a82ef',
  '#3d68e3',
  '#2f57c8',
  '#26479f',
  '#1b3476',
];

// Cooler than Mantine's own, so that the status colours stand out against it.
const dark: MantineColorsTuple = [
  '#e4e8ee',
  '#c6cdd8',
  '#a1abb9',
  '#808b9a',
  '#38424f',
  '#28313c',
  '#1c232c',
  '#13181f',
  '#0f1318',
  '#0a0d11',
];

export const theme = createTheme({
  primaryColor: 'brand',
  primaryShade: { light: 7, dark: 6 },
  colors: { brand, dark },
  defaultRadius: 6,
  fontFamily: 'Inter, "Segoe UI", system-ui, -apple-system, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: '"JetBrains Mono", ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace',
  fontSizes: { xs: '0.78rem', sm: '0.875rem', md: '0.9375rem' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.4rem', lineHeight: '1.3' },
      h2: { fontSize: '1rem', lineHeight: '1.4' },
      h3: { fontSize: '0.9rem', lineHeight: '1.4' },
    },
  },
  components: {
    NavLink: { defaultProps: { color: 'gray' } },
    Modal: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
  },
  cursorType: 'pointer',
  respectReducedMotion: true,
});

/** Mantine's own greys for secondary text have a contrast of 3.3:1; WCAG 2.2 AA asks for 4.5:1. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f5f6f8',
    '--mantine-color-text': '#1a212b',
    '--mantine-color-dimmed': '#576171',
    '--mantine-color-placeholder': '#667080',
    '--mantine-color-error': '#b42318',
    '--mantine-color-anchor': '#2850bd',
    '--mantine-color-default-border': '#d5dae2',
  },
  dark: {
    '--mantine-color-dimmed': '#a1abb9',
    '--mantine-color-placeholder': '#8f99a8',
    '--mantine-color-error': '#ff9d94',
    '--mantine-color-anchor': '#9db6fa',
    '--mantine-color-default-border': '#38424f',
  },
});
